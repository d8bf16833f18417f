// Placement over a bare shape: depth, fan-out, ties, spares, and how long it takes.

#include "manager/placement.h"

#include <chrono>
#include <iostream>
#include <set>

#include <gtest/gtest.h>

namespace coppice {
namespace {

ShapeLimits limits_of(std::uint32_t fanout) {
    return {.fill = (fanout * 7 + 7) / 8,
            .fanout = fanout,
            .slack = std::max(fanout / 4, 2U),
            .seed = 7};
}

void join(Shape& shape, HostId host, Fitness fitness) {
    shape.add(host);
    if (shape.root() == HostId{}) {
        shape.make_root(host);
    } else {
        const auto placement = place_for_join(shape);
        ASSERT_TRUE(placement.has_value());
        if (placement->is_promotion) shape.set_interior(placement->parent, true);
        shape.attach(host, placement->parent);
    }
    shape.set_fitness(host, fitness);
    shape.set_open(host, true);
}

void expect_sound(const Shape& shape, std::uint32_t hosts) {
    const Shape::Depth bound = depth_bound(hosts, shape.limits().fanout);
    for (std::uint32_t id = 1; id <= hosts; ++id) {
        ASSERT_LE(shape.depth(HostId{id}), bound) << "host " << id << " of " << hosts;
        ASSERT_LE(shape.children(HostId{id}).size(), shape.limits().fanout);
        ASSERT_TRUE(shape.is_interior(HostId{id}) || shape.children(HostId{id}).empty());
    }
}

std::vector<std::uint32_t> interesting_sizes(std::uint32_t k) {
    return {1, 2, k - 1, k, k + 1, k * k - 1, k * k, k * k + 1};
}

TEST(Placement, KeepsDepthAndFanoutGrowingOneByOneAndInABatch) {
    for (const std::uint32_t fanout : {2U, 3U, 4U, 6U, 8U, 32U}) {
        for (const std::uint32_t hosts : interesting_sizes(fanout)) {
            for (const Fitness fitness : {Fitness::ready, Fitness::joining}) {
                Shape shape{limits_of(fanout)};
                for (std::uint32_t id = 1; id <= hosts; ++id) join(shape, HostId{id}, fitness);
                expect_sound(shape, hosts);
            }
        }
    }
}

TEST(Placement, KeepsTheUnderstudyALeafWithinTheDepthBound) {
    for (const std::uint32_t fanout : {2U, 3U, 4U}) {
        Shape shape{limits_of(fanout)};
        for (std::uint32_t id = 1; id <= 300; ++id) {
            join(shape, HostId{id}, Fitness::ready);
            if (id == 2) shape.set_fitness(HostId{2}, Fitness::understudy);
        }
        expect_sound(shape, 300);
        EXPECT_FALSE(shape.is_interior(HostId{2}));
    }
}

TEST(Placement, BoundsDepthInExactArithmetic) {
    EXPECT_EQ(depth_bound(1, 2), 1U);
    EXPECT_EQ(depth_bound(2, 2), 2U);
    EXPECT_EQ(depth_bound(1024, 32), 3U);
    EXPECT_EQ(depth_bound(1025, 32), 4U);
    EXPECT_EQ(depth_bound(1'048'576, 32), 5U);
    EXPECT_EQ(depth_bound(4'294'967'295ULL, 2), 33U);
}

TEST(Placement, PrefersAFitLeafAndGivesPreferencesUpInOrder) {
    const auto promoted = [](std::initializer_list<Fitness> leaves) {
        Shape shape{{.fill = 4, .fanout = 5, .slack = 2, .seed = 3}};
        join(shape, HostId{1}, Fitness::ready);
        std::uint32_t id = 2;
        for (const Fitness fitness : leaves) join(shape, HostId{id++}, fitness);
        return place_for_join(shape);
    };
    using enum Fitness;
    EXPECT_EQ(promoted({unfit, understudy, cooling, ready})->parent, HostId{5});
    EXPECT_EQ(promoted({unfit, understudy, joining, cooling})->parent, HostId{5});
    EXPECT_EQ(promoted({unfit, understudy, joining, unfit})->parent, HostId{4});
    EXPECT_EQ(promoted({unfit, understudy, unfit, unfit})->parent, HostId{3});
    const auto last = promoted({unfit, unfit, unfit, unfit});
    EXPECT_EQ(last->parent, HostId{1});
    EXPECT_FALSE(last->is_promotion);
}

TEST(Placement, LeavesAHostOutOnlyWhenThereIsNoRoomAtAll) {
    Shape shape{{.fill = 2, .fanout = 2, .slack = 2, .seed = 3}};
    for (std::uint32_t id = 1; id <= 3; ++id) join(shape, HostId{id}, Fitness::unfit);
    EXPECT_FALSE(place_for_join(shape).has_value());
    shape.add(HostId{4});
    EXPECT_EQ(place_for_orphan(shape, HostId{4}, 9, {})->parent, HostId{1});
    EXPECT_FALSE(place_for_orphan(shape, HostId{4}, 9, HostId{1}).has_value());
}

TEST(Placement, PutsAHostBelowALeafOfWhomItAvoidsBeforeItStaysWithoutAPlace) {
    Shape shape{limits_of(3)};
    for (std::uint32_t id = 1; id <= 4; ++id) join(shape, HostId{id}, Fitness::ready);
    const HostId root = shape.root();
    const HostId branch = shape.best_leaf(Fitness::ready);
    shape.detach(branch);
    const auto placed = place_for_orphan(shape, branch, 3, root);
    ASSERT_TRUE(placed.has_value());
    EXPECT_TRUE(placed->is_promotion);
    EXPECT_EQ(shape.parent(placed->parent), root);
    EXPECT_FALSE(place_for_orphan(shape, branch, 1, root).has_value()) << "it would be too deep";
}

TEST(Placement, FollowsDepthsOfSubtreesThatMove) {
    Shape shape{limits_of(2)};
    for (std::uint32_t id = 1; id <= 31; ++id) join(shape, HostId{id}, Fitness::ready);
    const HostId branch = shape.open_at(1).front();
    const HostId below = shape.children(branch).front();
    shape.detach(branch);
    EXPECT_EQ(shape.depth(below), Shape::detached);
    const HostId other = shape.open_at(2).front();
    shape.attach(branch, other);
    EXPECT_EQ(shape.depth(branch), 3U);
    EXPECT_EQ(shape.depth(below), 4U);
    EXPECT_TRUE(shape.is_within(below, other));
}

TEST(Placement, GivesSiblingsDifferentFirstSparesThatCanBeReached) {
    Shape shape{limits_of(4)};
    for (std::uint32_t id = 1; id <= 80; ++id) join(shape, HostId{id}, Fitness::ready);
    std::vector<HostId> taken;
    const HostId parent = shape.open_at(2).front();
    for (const HostId child : shape.children(parent)) {
        const std::vector<HostId> spares =
            spares_for(shape, {.host = child, .understudy = {}, .taken = taken});
        ASSERT_GE(spares.size(), 2U);
        EXPECT_EQ(shape.depth(spares.front()), 2U);
        taken.push_back(spares.front());
        for (const HostId spare : spares) {
            EXPECT_NE(spare, parent);
            EXPECT_FALSE(shape.is_within(spare, child));
            EXPECT_TRUE(shape.is_open(spare));
        }
    }
    EXPECT_EQ(std::set<HostId>(taken.begin(), taken.end()).size(), taken.size());
}

TEST(Placement, NamesTheUnderstudyFirstAtTheTop) {
    Shape shape{limits_of(4)};
    for (std::uint32_t id = 1; id <= 30; ++id) join(shape, HostId{id}, Fitness::ready);
    const HostId understudy = choose_understudy(shape);
    for (const HostId child : shape.children(shape.root())) {
        const std::vector<HostId> spares =
            spares_for(shape, {.host = child, .understudy = understudy, .taken = {}});
        ASSERT_FALSE(spares.empty());
        if (child == understudy) {
            EXPECT_NE(spares.front(), understudy);
        } else {
            EXPECT_EQ(spares.front(), understudy);
        }
    }
}

TEST(Placement, DiffersBySeedAndIsTheSameForOneSeed) {
    const auto parents = [](std::uint64_t seed) {
        Shape shape{{.fill = 4, .fanout = 4, .slack = 2, .seed = seed}};
        for (std::uint32_t id = 1; id <= 40; ++id) join(shape, HostId{id}, Fitness::ready);
        std::vector<HostId> found;
        for (std::uint32_t id = 1; id <= 40; ++id) found.push_back(shape.parent(HostId{id}));
        return found;
    };
    EXPECT_EQ(parents(1), parents(1));
    EXPECT_NE(parents(1), parents(2));
}

TEST(Placement, PlacesAHundredThousandHosts) {
    constexpr std::uint32_t hosts = 100'000;
    Shape shape{limits_of(32)};
    const auto start = std::chrono::steady_clock::now();
    for (std::uint32_t id = 1; id <= hosts; ++id) join(shape, HostId{id}, Fitness::ready);
    const auto built = std::chrono::steady_clock::now();
    join(shape, HostId{hosts + 1}, Fitness::ready);
    const auto more = std::chrono::steady_clock::now();
    expect_sound(shape, hosts + 1);
    const auto in_us = [](auto span) {
        return static_cast<int>(
            std::chrono::duration_cast<std::chrono::microseconds>(span).count());
    };
    RecordProperty("from_nothing_us", in_us(built - start));
    RecordProperty("one_more_us", in_us(more - built));
    std::cout << "100,000 hosts: " << in_us(built - start)
              << " us, one more: " << in_us(more - built) << " us\n";
}

}  // namespace
}  // namespace coppice
