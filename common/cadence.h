#pragma once
// When a child beats: a grid of one beat an interval, each a little late by a jitter that depends
// on its number alone. So the time of any beat is known without the beats before it, which lets a
// simulation pass over quiet stretches.

#include <cstdint>

#include "common/random.h"
#include "common/time.h"

namespace coppice {

/// Two beats that follow each other are 0.8 to 1.2 intervals apart, one interval on average. The
/// grid is shifted by the seed, so that children who join together do not beat together.
class Cadence {
public:
    Cadence() = default;
    Cadence(std::uint64_t seed, Instant start, Duration interval)
        : seed_{seed}, interval_{interval} {
        Random random{seed};
        start_ = start - random.between(Duration{}, interval_);
    }

    [[nodiscard]] Duration interval() const { return interval_; }
    [[nodiscard]] Instant beat(std::uint64_t number) const {
        Random random{seed_ ^ (number * 0x9e3779b97f4a7c15ULL)};
        const Duration jitter = random.between(Duration{}, interval_ / 5);
        return start_ + interval_ * static_cast<Duration::rep>(number) + jitter;
    }
    /// The number of the first beat later than an instant that is not before the start.
    [[nodiscard]] std::uint64_t first_after(Instant time) const {
        auto number = static_cast<std::uint64_t>((time - start_) / interval_);
        if (beat(number) <= time) ++number;
        return number;
    }

private:
    std::uint64_t seed_ = 0;
    Instant start_{};
    Duration interval_{1};
};

}  // namespace coppice
