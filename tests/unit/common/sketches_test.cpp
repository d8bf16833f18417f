// Quantiles and distinct values: how near they are, in any order of folding.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "common/distinct.h"
#include "common/quantiles.h"
#include "common/random.h"

namespace coppice {
namespace {

using ::testing::ElementsAre;
using Bucket = Quantiles::Bucket;

Quantiles quantiles_of(const std::vector<double>& values) {
    Quantiles quantiles;
    for (const double value : values) quantiles.add(value);
    return quantiles;
}

TEST(Quantile, IsWithinOnePercentOfTheValueOfItsRank) {
    static_assert(Quantiles::relative_error <= 0.01);
    Random random{7};
    const auto uniform = [&] { return random.unit() * 100; };
    const auto signed_one = [&] { return random.unit() * 20 - 10; };
    const auto exponential = [&] { return -std::log(1 - random.unit()); };
    const auto wide = [&] { return std::exp(random.unit() * 80 - 40); };
    const std::vector<std::function<double()>> shapes{uniform, signed_one, exponential, wide,
                                                      [] { return 3.0; }};
    for (const auto& shape : shapes) {
        std::vector<double> values(20'000);
        std::generate(values.begin(), values.end(), shape);
        const Quantiles quantiles = quantiles_of(values);
        ASSERT_TRUE(quantiles.is_sound());
        EXPECT_EQ(quantiles.count(), values.size());
        std::sort(values.begin(), values.end());
        for (const double share : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
            const double truth =
                values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
            EXPECT_NEAR(quantiles.quantile(share), truth, 0.01 * std::abs(truth)) << share;
        }
    }
}

TEST(Quantile, KnowsTheExtremes) {
    const Quantiles quantiles = quantiles_of({0x1p64, -0x1p64, 0, -0.0, 1e-300, 0x1p-64});
    EXPECT_TRUE(quantiles.is_sound());
    EXPECT_NEAR(quantiles.quantile(1), 0x1p64, 0x1p64 / 100);
    EXPECT_NEAR(quantiles.quantile(0), -0x1p64, 0x1p64 / 100);
    EXPECT_EQ(quantiles.quantile(0.5), 0);
}

TEST(Quantile, FoldsToWhatAllValuesTogetherGive) {
    Random random{3};
    std::vector<double> values(3000);
    for (double& value : values) value = std::exp(random.unit() * 30 - 10) - 100;
    Quantiles folded;
    for (std::size_t at = 0; at < values.size(); at += 100)
        folded.fold(quantiles_of({values.begin() + static_cast<std::ptrdiff_t>(at),
                                  values.begin() + static_cast<std::ptrdiff_t>(at) + 100}));
    EXPECT_EQ(folded, quantiles_of(values));
}

TEST(Histogram, CountsDoublingsExactly) {
    EXPECT_THAT(
        quantiles_of({0, 1, 1.5, 1.9999, 2, 4, 7.9, 0.75, -1, -3, -4, -2}).histogram(),
        ElementsAre(Bucket{-8, -4, 1}, Bucket{-4, -2, 2}, Bucket{-2, -1, 1}, Bucket{0, 0, 1},
                    Bucket{0.5, 1, 1}, Bucket{1, 2, 3}, Bucket{2, 4, 1}, Bucket{4, 8, 2}));
    EXPECT_TRUE(Quantiles{}.histogram().empty());
}

Distinct distinct_of(std::uint64_t first, std::uint64_t count) {
    Distinct distinct;
    for (std::uint64_t at = first; at < first + count; ++at)
        distinct.add(hash_of("value-" + std::to_string(at)));
    return distinct;
}

TEST(DistinctValues, FewAreExact) {
    EXPECT_EQ(Distinct{}.estimate(), 0);
    for (const std::uint64_t count : {1U, 2U, 3U, 10U, 30U})
        EXPECT_EQ(distinct_of(0, count).estimate(), static_cast<double>(count));
}

TEST(DistinctValues, AreWithinTwoPercentUpToAMillion) {
    for (const std::uint64_t count : {100U, 500U, 600U, 5000U, 40'000U, 100'000U, 1'000'000U})
        for (const std::uint64_t first : {0U, 10'000'000U, 20'000'000U, 30'000'000U}) {
            const Distinct distinct = distinct_of(first, count);
            ASSERT_TRUE(distinct.is_sound());
            EXPECT_NEAR(distinct.estimate() / static_cast<double>(count), 1, 0.02) << count;
        }
}

TEST(DistinctValues, FoldToWhatAllValuesTogetherGive) {
    for (const std::uint64_t part : {100U, 400U, 3000U}) {
        Distinct folded;
        // Each value is in two parts.
        for (std::uint64_t first = 0; first < 5 * part; first += part / 2)
            folded.fold(distinct_of(first, part));
        Distinct together = distinct_of(0, 5 * part + part / 2);
        together.count = folded.count;
        EXPECT_EQ(folded, together) << part;
    }
}

TEST(DistinctValues, HashesAreTheSameInEveryRelease) {
    EXPECT_EQ(hash_of(""), 0xc3817c016ba4ff30U);
    EXPECT_EQ(hash_of("6.1.0-18-amd64"), 0x624af0fcbb66ccc9U);
    EXPECT_EQ(hash_of(1.5), 0xd6dab18e1392608aU);
    EXPECT_EQ(hash_of(0.0), hash_of(-0.0));
    EXPECT_NE(hash_of(1.0), hash_of(-1.0));
}

}  // namespace
}  // namespace coppice
