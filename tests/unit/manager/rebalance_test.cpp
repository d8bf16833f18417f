// What a plan moves and what it leaves alone.

#include "manager/rebalance.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/random.h"
#include "tests/support/plain_shape.h"

namespace coppice {
namespace {

using testing::PlainShape;

constexpr std::uint64_t any_number = 1'000'000;

TEST(Rebalance, LeavesATreeAloneThatHasGrownByJoins) {
    for (const std::uint32_t fanout : {2U, 3U, 4U, 8U, 32U})
        for (std::uint32_t hosts = 1; hosts <= 200; ++hosts) {
            PlainShape plain{fanout, (fanout * 7 + 7) / 8, hosts};
            for (std::uint32_t i = 0; i < hosts; ++i) plain.join();
            const TreePlan plan = plan_rebalance(plain.shape, plain.request(any_number));
            ASSERT_TRUE(plan.moves.empty())
                << hosts << " hosts, fan-out " << fanout << ": " << plan.moves.front().why;
            EXPECT_EQ(plan.before, plan.after);
        }
}

TEST(Rebalance, RelievesTheFullestParentFirstAndMovesItsLeaves) {
    PlainShape plain{6, 4};
    const HostId root = plain.root();
    plain.branch(root, 5);
    const HostId fuller = plain.branch(root, 7);
    const HostId below = plain.branch(fuller, 1);
    const HostId empty = plain.branch(root);
    plain.branch(root, 4);
    const TreePlan plan = plan_rebalance(plain.shape, plain.request(4));
    ASSERT_EQ(plan.moves.size(), 4U);
    for (const PlannedMove& move : plan.moves) {
        EXPECT_EQ(move.from, fuller);
        EXPECT_EQ(move.to, empty);
        EXPECT_NE(move.host, below);
        EXPECT_EQ(move.why, "h8 has 8 children, above its fan-out of 6");
    }
    EXPECT_EQ(plan.before.above_fanout, 1U);
    EXPECT_EQ(plan.after.above_fanout, 0U);
    EXPECT_EQ(plan.before.max_children, 8U);
    EXPECT_EQ(plan.after.max_children, 5U);
    EXPECT_FALSE(plan.is_bounded) << "nobody has room for what is left";
}

TEST(Rebalance, PromotesALeafOfAParentAboveTheFanoutWhenNobodyHasRoom) {
    PlainShape plain{4, 4};
    const HostId root = plain.root();
    for (int i = 0; i < 6; ++i) plain.leaf(root);
    const TreePlan plan = plan_rebalance(plain.shape, plain.request(any_number));
    ASSERT_EQ(plan.promoted.size(), 1U);
    ASSERT_EQ(plan.moves.size(), 2U);
    for (const PlannedMove& move : plan.moves) EXPECT_EQ(move.to, plan.promoted.front());
    EXPECT_EQ(plan.after.above_fanout, 0U);
    EXPECT_EQ(plan.after.depth, 2U);
}

TEST(Rebalance, PromotesNobodyWhoMayNotLead) {
    PlainShape plain{4, 4};
    const HostId root = plain.root();
    for (int i = 0; i < 6; ++i) plain.unfit.insert(plain.leaf(root));
    EXPECT_TRUE(plan_rebalance(plain.shape, plain.request(any_number)).moves.empty());
}

TEST(Rebalance, MovesWholeSubtreesNearerTheRoot) {
    PlainShape plain{4, 4};
    const HostId root = plain.root();
    const HostId first = plain.branch(root, 3);
    const HostId second = plain.branch(first, 4);
    const TreePlan plan = plan_rebalance(plain.shape, plain.request(1));
    ASSERT_EQ(plan.moves.size(), 1U);
    EXPECT_EQ(plan.moves.front().host, second);
    EXPECT_EQ(plan.moves.front().to, root);
    EXPECT_EQ(plan.moves.front().why, "nearer the root: depth 1 instead of 2");
    EXPECT_EQ(plan.before.depth, 3U);
    EXPECT_EQ(plan.after.depth, 2U);
    EXPECT_TRUE(plan.is_bounded);
}

TEST(Rebalance, DissolvesASmallBranchOnlyWhenOthersHaveRoomForTwiceAsMany) {
    for (const std::uint32_t room : {1U, 2U}) {
        PlainShape plain{8, 8};
        const HostId root = plain.root();
        plain.branch(root, 8 - room);
        const HostId small = plain.branch(root, 1);
        for (int i = 0; i < 6; ++i) plain.branch(root, 8);
        const TreePlan plan = plan_rebalance(plain.shape, plain.request(any_number));
        ASSERT_EQ(plan.moves.size(), room - 1) << room;
        if (room == 1) continue;
        EXPECT_EQ(plan.moves.front().from, small);
        EXPECT_EQ(plan.dissolved, std::vector{small});
        EXPECT_EQ(plan.after.parents, plan.before.parents - 1);
    }
}

TEST(Rebalance, GivesNobodyChildrenWhoMayNotLeadAndMovesNobodyWhoMayNotMove) {
    PlainShape plain{4, 4};
    const HostId root = plain.root();
    const HostId full = plain.branch(root, 6);
    const HostId drained = plain.branch(root);
    plain.unfit.insert(drained);
    for (int i = 0; i < 2; ++i) plain.branch(root, 4);
    const TreePlan plan = plan_rebalance(plain.shape, plain.request(any_number));
    for (const PlannedMove& move : plan.moves) EXPECT_NE(move.to, drained);
    for (const HostId child : plain.shape.children(full)) plain.rooted.insert(child);
    EXPECT_TRUE(plan_rebalance(plain.shape, plain.request(any_number)).moves.empty());
}

// --- at random ----------------------------------------------------------------------------------

/// A tree as deaths leave it: some hosts are gone, and orphans were adopted wherever there was
/// room.
PlainShape a_worn_tree(std::uint64_t seed) {
    Random random{seed};
    const auto fanout = static_cast<std::uint32_t>(2 + random.below(7));
    PlainShape plain{fanout, (fanout * 7 + 7) / 8, seed};
    const std::uint64_t hosts = 2 + random.below(300);
    for (std::uint64_t i = 0; i < hosts; ++i) plain.join();
    for (std::uint64_t i = 0; i < hosts / 4; ++i) {
        const HostId dead{static_cast<std::uint32_t>(1 + random.below(hosts))};
        if (dead == plain.shape.root() || !plain.shape.contains(dead)) continue;
        const std::vector<HostId> orphans = plain.shape.children(dead);
        plain.shape.remove(dead);
        for (const HostId orphan : orphans) {
            std::vector<HostId> parents;
            for (Shape::Depth level = 0; !plain.shape.open_at(level).empty(); ++level)
                for (const HostId parent : plain.shape.open_at(level))
                    if (plain.shape.children(parent).size() < plain.shape.limit(Room::slack))
                        parents.push_back(parent);
            if (!parents.empty()) plain.shape.attach(orphan, parents[random.below(parents.size())]);
        }
    }
    for (std::uint32_t id = 1; id <= hosts; ++id) {
        if (random.below(20) == 0) plain.rooted.insert(HostId{id});
        if (random.below(20) == 0) plain.unfit.insert(HostId{id});
    }
    return plain;
}

/// Everybody above the host, and the host.
std::vector<HostId> path_of(const Shape& shape, HostId host) {
    std::vector<HostId> path;
    for (HostId above = host; above != HostId{}; above = shape.parent(above)) path.push_back(above);
    return path;
}

TEST(Rebalance, OfWornTreesKeepsItsPromises) {
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        PlainShape plain = a_worn_tree(seed);
        const std::uint64_t moves_max = 1 + seed % 40;
        const auto request = plain.request(moves_max, 10);
        const TreePlan plan = plan_rebalance(plain.shape, request);
        EXPECT_EQ(plan_rebalance(plain.shape, request).moves, plan.moves) << "it is pure";
        ASSERT_LE(plan.moves.size(), moves_max);
        std::set<HostId> moved;
        for (const PlannedMove& move : plan.moves) {
            EXPECT_TRUE(moved.insert(move.host).second) << "once";
            EXPECT_EQ(move.from, plain.shape.parent(move.host));
            EXPECT_FALSE(plain.rooted.contains(move.host));
            EXPECT_FALSE(plain.unfit.contains(move.to));
            EXPECT_FALSE(move.why.empty());
        }
        const Shape before = plain.shape;
        plain.apply(plan);
        for (const HostId host : moved) {
            for (const Shape* shape : {&before, static_cast<const Shape*>(&plain.shape)}) {
                std::vector<HostId> path = path_of(*shape, host);
                path.erase(path.begin());
                for (const HostId above : path) EXPECT_FALSE(moved.contains(above));
            }
            EXPECT_LE(plain.shape.children(plain.shape.parent(host)).size(),
                      plain.shape.limit(Room::fill));
        }
        EXPECT_EQ(figures_of(before, 10), plan.before);
        EXPECT_EQ(figures_of(plain.shape, 10), plan.after);
        EXPECT_LE(plan.after.max_children,
                  std::max(plan.before.max_children, plain.shape.limit(Room::fill)));
        EXPECT_LE(plan.after.above_fanout, plan.before.above_fanout);
    }
}

// --- failure domains ----------------------------------------------------------------------------

TEST(Rebalance, BringsAHostBackIntoItsRack) {
    PlainShape plain{4, 4, 1, {"rack"}};
    const Labels red{{"rack", "red"}};
    const Labels blue{{"rack", "blue"}};
    for (int i = 0; i < 5; ++i) plain.join(red);
    for (int i = 0; i < 5; ++i) plain.join(blue);
    Shape& shape = plain.shape;
    HostId stray;  // of the blue rack, moved below a red parent
    HostId strange;
    for (std::uint32_t id = 1; id <= 10; ++id) {
        const HostId host{id};
        const bool is_blue = shape.domain(host) == shape.domain(HostId{10});
        if (is_blue && !shape.is_interior(host)) stray = host;
        if (!is_blue && shape.is_interior(host) && host != shape.root()) strange = host;
    }
    if (strange == HostId{}) strange = shape.root();
    const HostId home = shape.parent(stray);
    ASSERT_EQ(shape.domain(home), shape.domain(stray));
    shape.attach(stray, strange);
    const TreePlan plan = plan_rebalance(shape, plain.request(any_number));
    ASSERT_EQ(plan.moves.size(), 1U);
    EXPECT_EQ(plan.moves.front().host, stray);
    EXPECT_EQ(shape.domain(plan.moves.front().to), shape.domain(stray));
    EXPECT_EQ(plan.moves.front().why, "stays in rack=blue");
    EXPECT_EQ(plan.before.needless_crossings, 1U);
    EXPECT_EQ(plan.after.needless_crossings, 0U);
    EXPECT_EQ(plan.after.crossings, plan.before.crossings - 1);
}

TEST(Rebalance, LeavesNoCrossingThatNeedNotBeAndMakesNone) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random{seed};
        const auto fanout = static_cast<std::uint32_t>(4 + random.below(5));
        PlainShape plain{fanout, (fanout * 7 + 7) / 8, seed, {"site", "rack"}};
        const std::uint64_t hosts = 50 + random.below(150);
        for (std::uint64_t i = 0; i < hosts; ++i) {
            const std::uint64_t rack = random.below(hosts / 10);
            plain.join({{"site", std::to_string(rack / 4)}, {"rack", std::to_string(rack)}});
        }
        const auto shared = [&plain](HostId host, HostId parent) {
            const Shape& shape = plain.shape;
            return shape.domains().common(shape.domain(host), shape.domain(parent));
        };
        const Shape::Depth bound = depth_bound(hosts, fanout);
        TreePlan plan;
        for (int plans = 0; plans < 200; ++plans) {
            plan = plan_rebalance(plain.shape, plain.request(9, bound));
            if (plan.moves.empty()) break;
            for (const PlannedMove& move : plan.moves)
                EXPECT_GE(shared(move.host, move.to), shared(move.host, move.from)) << move.why;
            plain.apply(plan);
            ASSERT_EQ(figures_of(plain.shape, bound), plan.after);
        }
        EXPECT_TRUE(plan.moves.empty());
        EXPECT_EQ(plan.before.needless_crossings, 0U);
    }
}

TEST(Rebalance, OfAWornTreeComesToAnEnd) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        PlainShape plain = a_worn_tree(seed);
        int plans = 0;
        for (; plans < 100; ++plans) {
            const TreePlan plan = plan_rebalance(plain.shape, plain.request(7, 10));
            if (plan.moves.empty()) break;
            plain.apply(plan);
        }
        EXPECT_LT(plans, 100);
    }
}

}  // namespace
}  // namespace coppice
