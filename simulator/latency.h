#pragma once
// How long a frame is under way, as three points of a distribution.

#include <cstdint>

#include "common/random.h"
#include "common/time.h"

namespace coppice {

/// One way. Between its points the distribution is linear: half of the frames take from `min` to
/// `median`, 49 of 100 from there to `p99`, the last one from there to `max`. Whole numbers only,
/// so that every compiler gives the same.
struct Latency {
    Duration min{};
    Duration median{};
    Duration p99{};
    Duration max{};

    [[nodiscard]] Duration draw(std::uint64_t seed) const {
        Random random{seed};
        const std::uint64_t percent = random.below(100);
        if (percent < 50) return random.between(min, median);
        return percent < 99 ? random.between(median, p99) : random.between(p99, max);
    }
};

}  // namespace coppice
