#pragma once
// People who re-shape the tree at random: plans that are applied at once or a while later, and ways
// back to generations of the past, some of which never were.

#include <cstdint>

#include "common/random.h"
#include "simulator/fleet.h"

namespace coppice {

/// Outlives every run of the fleet's world.
class RandomPlanner {
public:
    RandomPlanner(Fleet& fleet, std::uint64_t seed) : fleet_{fleet}, random_{seed} {}

    /// From now on until `end`, with pauses of that mean.
    void work_until(Instant end, Duration gap);
    /// Of all plans that the manager has answered for.
    [[nodiscard]] std::uint64_t moves() const;

private:
    void reshape();
    [[nodiscard]] MovesBound any_bound();

    Fleet& fleet_;
    Random random_;
    std::vector<RequestId> requests_;
};

}  // namespace coppice
