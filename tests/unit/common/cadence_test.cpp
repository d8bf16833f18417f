// Beats on their grid.
#include "common/cadence.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace coppice {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{100s};

TEST(Cadence, BeatsAreAnIntervalApartGiveOrTakeAFifth) {
    const Cadence cadence{7, start, 1s};
    for (std::uint64_t number = 0; number < 1000; ++number) {
        const Duration gap = cadence.beat(number + 1) - cadence.beat(number);
        EXPECT_GE(gap, 800ms);
        EXPECT_LE(gap, 1200ms);
    }
    EXPECT_LE(cadence.beat(1000) - cadence.beat(0), 1000s + 200ms);
}

TEST(Cadence, TheFirstBeatAfterAnInstantIsTheOneThatComesNext) {
    const Cadence cadence{8, start, 1s};
    for (Instant time = start; time < start + 50s; time += 37ms) {
        const std::uint64_t number = cadence.first_after(time);
        EXPECT_GT(cadence.beat(number), time);
        if (number > 0) {
            EXPECT_LE(cadence.beat(number - 1), time);
        }
    }
}

TEST(Cadence, ABeatIsFollowedByTheNextOne) {
    const Cadence cadence{9, start, 100ms};
    for (std::uint64_t number = 1; number < 100; ++number)
        EXPECT_EQ(cadence.first_after(cadence.beat(number)), number + 1);
}

TEST(Cadence, SeedsSpreadTheBeatsOverTheInterval) {
    Duration earliest = 10s;
    Duration latest{};
    for (std::uint64_t seed = 1; seed < 100; ++seed) {
        const Cadence cadence{seed, start, 1s};
        const Duration wait = cadence.beat(cadence.first_after(start)) - start;
        earliest = std::min(earliest, wait);
        latest = std::max(latest, wait);
        EXPECT_LE(wait, 1200ms);
    }
    EXPECT_LT(earliest, 200ms);
    EXPECT_GT(latest, 800ms);
}

}  // namespace
}  // namespace coppice
