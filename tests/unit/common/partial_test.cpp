// Folding partial answers: order does not matter, and no host is counted twice.
#include "common/partial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <utility>

#include "common/limits.h"
#include "common/random.h"
#include "tests/support/host_values.h"

namespace coppice {
namespace {

using Kind = FoldSpec::Kind;
using coppice::testing::HostWithValues;
using coppice::testing::load1_inquiry;
using coppice::testing::load1_partial;

/// Everything that can be folded of load1, by rack.
const Inquiry everything{.folds = {{Kind::moments, "load1"},
                                   {Kind::moments, ""},
                                   {Kind::variance, "load1"},
                                   {Kind::quantiles, "load1"},
                                   {Kind::distinct, "rack"},
                                   {Kind::top, "load1", 3},
                                   {Kind::bottom, "load1", 3}},
                         .by = {"rack"}};

/// Hosts of three racks, some with negative values, some without any.
Partial contribution(std::uint32_t host, const Inquiry& inquiry = everything) {
    HostWithValues one{.labels = {{"rack", "r" + std::to_string(host % 3)}}};
    if (host % 7 != 0) one.measurements = {{"load1", 50.0 - host}};
    return partial_of(inquiry, HostId{host}, one.values());
}

std::vector<Partial> contributions(std::uint32_t hosts, const Inquiry& inquiry = everything) {
    std::vector<Partial> all;
    for (std::uint32_t host = 1; host <= hosts; ++host) all.push_back(contribution(host, inquiry));
    return all;
}

/// Of a tree whose shape the seed draws.
Partial folded(std::vector<Partial> partials, std::uint64_t seed, const Inquiry& inquiry) {
    Random random{seed};
    while (partials.size() > 1) {
        std::swap(partials.back(), partials[random.below(partials.size())]);
        const Partial last = std::move(partials.back());
        partials.pop_back();
        EXPECT_TRUE(fold(partials[random.below(partials.size())], last, inquiry));
    }
    EXPECT_TRUE(is_sound(partials.front(), inquiry)) << seed;
    return partials.front();
}

TEST(Partials, OneHostIsItsOwnCountSumMinAndMax) {
    const Partial partial = load1_partial({3}, -2.5);
    EXPECT_EQ(partial.coverage, HostSet{HostId{3}});
    const Aggregate& only = partial.groups.at({});
    EXPECT_EQ(only.hosts, 1U);
    EXPECT_EQ(std::get<Moments>(only.folds.front()),
              (Moments{.count = 1, .sum = -2.5, .min = -2.5, .max = -2.5}));
}

TEST(Partials, AHostWithoutAValueIsInsideAndCountsForNothingElse) {
    Partial partial = load1_partial({3}, 4);
    ASSERT_TRUE(fold(partial, partial_of(load1_inquiry, HostId{4}, HostWithValues{}.values()),
                     load1_inquiry));
    EXPECT_EQ(partial.coverage.size(), 2U);
    EXPECT_EQ(partial.groups.at({}).hosts, 2U);
    EXPECT_EQ(std::get<Moments>(partial.groups.at({}).folds.front()),
              (Moments{.count = 1, .sum = 4, .min = 4, .max = 4}));
    EXPECT_TRUE(is_sound(partial, load1_inquiry));
}

TEST(Partials, ValuesThatAreNoneOrTooGreatAreNotThere) {
    const double huge = limits::measurement_magnitude_max;
    for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL, huge * 1.001, -1e300})
        EXPECT_EQ(count_of(load1_partial({3}, value).groups.at({}).folds.front()), 0U) << value;
    for (const double value : {huge, -huge, 0.0, -0.0, 5e-324})
        EXPECT_EQ(count_of(load1_partial({3}, value).groups.at({}).folds.front()), 1U) << value;
}

TEST(Partials, FoldingNothingChangesNothing) {
    Partial partial = load1_partial({3}, -2.5);
    EXPECT_TRUE(fold(partial, Partial{}, load1_inquiry));
    EXPECT_EQ(partial, load1_partial({3}, -2.5));
    Partial nothing;
    EXPECT_TRUE(fold(nothing, partial, load1_inquiry));
    EXPECT_EQ(nothing, partial);
    EXPECT_TRUE(is_sound(Partial{}, load1_inquiry));
}

TEST(Partials, TheShapeOfTheTreeDoesNotChangeTheAnswer) {
    const Partial first = folded(contributions(100), 0, everything);
    EXPECT_EQ(first.groups.size(), 3U);
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Partial other = folded(contributions(100), seed, everything);
        // Floating point is not associative; all else is equal to the last bit.
        for (auto& [key, group] : other.groups) {
            const auto& expected = std::get<Variance>(first.groups.at(key).folds[2]);
            auto& variance = std::get<Variance>(group.folds[2]);
            EXPECT_NEAR(variance.mean, expected.mean, 1e-9);
            EXPECT_NEAR(variance.squares, expected.squares, 1e-6);
            variance = expected;
        }
        ASSERT_EQ(other, first) << seed;
    }
}

TEST(Partials, AnOverlapIsRefusedAndChangesNothing) {
    Partial partial = folded(contributions(10), 1, everything);
    const Partial before = partial;
    EXPECT_FALSE(fold(partial, contribution(10), everything));
    EXPECT_EQ(partial, before);
    EXPECT_FALSE(fold(partial, before, everything));
    EXPECT_EQ(partial, before);
}

TEST(Partials, GroupsForWhichThereIsNoRoomBecomeOneAndTheOthersAreWhole) {
    const Inquiry by_host{.folds = {{.name = "load1"}}, .by = {"host"}};
    constexpr std::uint32_t hosts = 8000;
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        std::vector<Partial> partials;
        for (std::uint32_t host = 1; host <= hosts; ++host) {
            const HostWithValues one{.name = "n" + std::to_string(host),
                                     .measurements = {{"load1", static_cast<double>(host)}}};
            partials.push_back(partial_of(by_host, HostId{host}, one.values()));
        }
        const Partial all = folded(std::move(partials), seed, by_host);
        EXPECT_EQ(all.coverage.size(), hosts);
        ASSERT_TRUE(all.cut.has_value());
        EXPECT_GT(all.groups.size(), 2000U);
        EXPECT_EQ(all.groups.size() + all.other.hosts, hosts);
        for (const auto& [key, group] : all.groups) {
            ASSERT_LT(key, *all.cut);
            ASSERT_EQ("n" + std::to_string(std::get<Moments>(group.folds.front()).sum)
                                .substr(0, key.front().size() - 1),
                      key.front());
        }
    }
}

TEST(Partials, WhatNoHostsCanHaveIsNotSound) {
    const Partial good = folded(contributions(50), 1, everything);
    const auto is_sound_with = [&](auto change) {
        Partial changed = good;
        change(changed, changed.groups.begin()->second);
        return is_sound(changed, everything);
    };
    EXPECT_TRUE(is_sound_with([](Partial&, Aggregate&) {}));
    EXPECT_FALSE(is_sound_with([](Partial&, Aggregate& group) { ++group.hosts; }));
    EXPECT_FALSE(is_sound_with([](Partial& all, Aggregate&) { all.coverage.insert({99}); }));
    EXPECT_FALSE(is_sound_with([](Partial&, Aggregate& group) { group.folds.pop_back(); }));
    EXPECT_FALSE(is_sound_with([](Partial& all, Aggregate&) { all.cut = GroupKey{"a"}; }));
    EXPECT_FALSE(is_sound_with([](Partial& all, Aggregate& group) {
        all.groups.emplace(GroupKey{"r1", "x"}, group);
        all.groups.erase(all.groups.begin());
    }));
    EXPECT_FALSE(is_sound_with(
        [](Partial&, Aggregate& group) { std::swap(group.folds[0], group.folds[2]); }));
    const auto is_sound_with_fold = [&]<class Fold>(std::size_t at, void (*change)(Fold&)) {
        return is_sound_with(
            [&](Partial&, Aggregate& group) { change(std::get<Fold>(group.folds[at])); });
    };
    EXPECT_FALSE(is_sound_with_fold.operator()<Moments>(0, [](Moments& one) { one.sum = 1e300; }));
    EXPECT_FALSE(is_sound_with_fold.operator()<Moments>(0, [](Moments& one) { one.max = 1e30; }));
    EXPECT_FALSE(
        is_sound_with_fold.operator()<Moments>(0, [](Moments& one) { one.min = one.max + 1; }));
    EXPECT_FALSE(is_sound_with_fold.operator()<Moments>(0, [](Moments& one) { one.count = 51; }));
    EXPECT_FALSE(
        is_sound_with_fold.operator()<Variance>(2, [](Variance& one) { one.squares = -1; }));
    EXPECT_FALSE(
        is_sound_with_fold.operator()<Variance>(2, [](Variance& one) { one.mean = 1e30; }));
    EXPECT_FALSE(is_sound_with_fold.operator()<Quantiles>(
        3, [](Quantiles& one) { std::swap(one.bins.front(), one.bins.back()); }));
    EXPECT_FALSE(is_sound_with_fold.operator()<Quantiles>(
        3, [](Quantiles& one) { one.bins.front().count = 1000; }));
    EXPECT_FALSE(is_sound_with_fold.operator()<Quantiles>(
        3, [](Quantiles& one) { one.bins.back().index = Quantiles::index_max + 1; }));
    EXPECT_FALSE(
        is_sound_with_fold.operator()<Distinct>(4, [](Distinct& one) { one.few.front() = 0; }));
    EXPECT_FALSE(is_sound_with_fold.operator()<Distinct>(4, [](Distinct& one) {
        one.all.resize(5);
        one.few.clear();
    }));
    EXPECT_FALSE(is_sound_with_fold.operator()<Ranking>(
        5, [](Ranking& one) { std::swap(one.best.front(), one.best.back()); }));
    EXPECT_FALSE(is_sound_with_fold.operator()<Ranking>(
        5, [](Ranking& one) { one.best.front().host = HostId{99}; }));
    EXPECT_FALSE(
        is_sound_with_fold.operator()<Ranking>(6, [](Ranking& one) { one.best.pop_back(); }));
}

}  // namespace
}  // namespace coppice
