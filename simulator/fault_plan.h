#pragma once
// Random things that happen to a fleet, all from one seed, each with its end.

#include <cstdint>
#include <vector>

#include "simulator/fleet.h"

namespace coppice {

enum class FaultKind : std::uint8_t { crash, pause, partition, manager, loss };

struct FaultPlanOptions {
    std::vector<FaultKind> kinds;
    /// Mean pause between two faults.
    Duration gap = std::chrono::seconds{2};
    /// Longest time from a fault to its end; the shortest is 50 ms.
    Duration length_max = std::chrono::seconds{15};
    std::uint64_t seed = 1;
};

/// Outlives every run of the fleet's world.
class FaultPlan {
public:
    FaultPlan(Fleet& fleet, FaultPlanOptions options)
        : fleet_{fleet}, options_{std::move(options)}, random_{options_.seed} {}

    /// Faults happen from now on until `end`; their own ends may come later.
    void start(Instant end);
    /// Nothing more happens, not even the ends: mend what is broken.
    void give_up() { has_given_up_ = true; }
    [[nodiscard]] std::uint64_t faults() const { return faults_; }

private:
    void next(Instant end);
    void happen();
    void crash();
    void pause();
    void partition();
    void disturb_manager();
    void lose_frames();
    /// A host, interior ones more often than their share.
    [[nodiscard]] HostIndex pick_host();
    /// The action happens when the fault that begins now ends.
    void end_later(Schedule::Action action);

    Fleet& fleet_;
    FaultPlanOptions options_;
    Random random_;
    std::uint64_t faults_ = 0;
    bool has_given_up_ = false;
};

}  // namespace coppice
