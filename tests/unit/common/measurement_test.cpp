// Folding partial answers: order does not matter, and no host is counted twice.
#include "common/measurement.h"

#include <gtest/gtest.h>

#include <numeric>
#include <utility>

#include "common/random.h"

namespace coppice {
namespace {

Partial partial_of_range(std::uint32_t first, std::uint32_t last) {
    Partial partial;
    for (std::uint32_t host = first; host <= last; ++host)
        EXPECT_TRUE(fold(partial, partial_of({host}, host)));
    return partial;
}

TEST(Measurement, OneHostIsItsOwnCountSumMinAndMax) {
    const Partial partial = partial_of({3}, -2.5);
    EXPECT_EQ(partial,
              (Partial{.count = 1, .sum = -2.5, .min = -2.5, .max = -2.5, .coverage = {{3}}}));
}

TEST(Measurement, FoldingNothingChangesNothing) {
    Partial partial = partial_of({3}, -2.5);
    EXPECT_TRUE(fold(partial, Partial{}));
    EXPECT_EQ(partial, partial_of({3}, -2.5));
    Partial nothing;
    EXPECT_TRUE(fold(nothing, partial));
    EXPECT_EQ(nothing, partial);
}

TEST(Measurement, TheShapeOfTheTreeDoesNotChangeTheAnswer) {
    const Partial flat = partial_of_range(1, 100);
    EXPECT_EQ(flat.count, 100U);
    EXPECT_EQ(flat.sum, 5050);
    EXPECT_EQ(flat.min, 1);
    EXPECT_EQ(flat.max, 100);
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Random random{seed};
        std::vector<Partial> partials;
        for (std::uint32_t host = 1; host <= 100; ++host)
            partials.push_back(partial_of({host}, host));
        while (partials.size() > 1) {
            std::swap(partials.back(), partials[random.below(partials.size())]);
            const Partial last = std::move(partials.back());
            partials.pop_back();
            ASSERT_TRUE(fold(partials[random.below(partials.size())], last));
        }
        EXPECT_EQ(partials.front(), flat) << seed;
    }
}

TEST(Measurement, AnOverlapIsRefusedAndChangesNothing) {
    Partial partial = partial_of_range(1, 10);
    const Partial before = partial;
    EXPECT_FALSE(fold(partial, partial_of_range(10, 20)));
    EXPECT_EQ(partial, before);
    EXPECT_FALSE(fold(partial, before));
    EXPECT_EQ(partial, before);
}

TEST(Measurement, NegativeValuesKeepTheirMaximum) {
    Partial partial = partial_of({1}, -5);
    EXPECT_TRUE(fold(partial, partial_of({2}, -3)));
    EXPECT_EQ(partial.max, -3);
    EXPECT_EQ(partial.min, -5);
}

}  // namespace
}  // namespace coppice
