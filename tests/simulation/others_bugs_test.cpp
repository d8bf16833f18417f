// Bugs that other systems of this kind had, as procedures with what must come out; the numbers are
// those of docs/testing.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>

#include "common/random.h"
#include "tests/simulation/procedure.h"

namespace coppice {
namespace {

TEST(OthersBugs, X1ABranchThatStandsStillAccusesNobodyAndMovesItsChildrenOnce) {
    for (const Duration pause : {5s, 20s, 60s}) {
        SCOPED_TRACE(pause / 1s);
        Procedure test{{.hosts = 85, .fanout = 4, .seed = 2}};
        test.bring_up();
        Fleet& fleet = test.fleet;
        const HostIndex branch = test.a_branch();
        const std::set<HostIndex> children = test.children_of(branch);
        std::map<HostIndex, std::string> parents;
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            parents[host] = test.view(host).parent;
        const double moves = test.moves();
        fleet.pause(branch);
        fleet.world().run_for(pause);
        fleet.resume(branch);
        ASSERT_TRUE(fleet.settle(60s));
        fleet.world().run_for(20s);
        EXPECT_EQ(test.metric("coppice_hosts_lost_total"), 1) << "the branch alone";
        EXPECT_EQ(test.count("host.lost", branch), 1U);
        EXPECT_LE(test.moves() - moves, static_cast<double>(children.size()));
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            EXPECT_TRUE(host == branch || children.contains(host) ||
                        test.view(host).parent == parents[host])
                << test.name(host);
        EXPECT_EQ(test.view(branch).record.role, Role::leaf);
    }
}

TEST(OthersBugs, X2NobodyIsMovedWhile145HostsStartWithinTenSeconds) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        for (const std::uint32_t fanout : {4U, 32U}) {
            SCOPED_TRACE(::testing::Message() << "seed " << seed << ", fan-out " << fanout);
            Procedure test{{.hosts = 145, .fanout = fanout, .seed = seed}};
            test.fleet.start(10s);
            test.fleet.world().run_for(10s);
            ASSERT_TRUE(test.fleet.settle(20s));
            EXPECT_TRUE(test.fleet.is_all_live());
            EXPECT_EQ(test.moves(), 0);
            EXPECT_EQ(test.metric("coppice_hosts_lost_total"), 0);
        }
    }
}

TEST(OthersBugs, X8EveryPairOfDeathsLeavesEveryOtherHostReachable) {
    for (const std::uint32_t fanout : {2U, 3U}) {
        const std::uint32_t square = fanout * fanout;
        for (const std::uint32_t hosts : {fanout + 1, square - 1, square, square + 1}) {
            for (HostIndex first = 1; first < hosts; ++first) {
                for (HostIndex second = first + 1; second <= hosts; ++second) {
                    SCOPED_TRACE(::testing::Message()
                                 << "fan-out " << fanout << ", " << hosts << " hosts, n" << first
                                 << " and n" << second);
                    Procedure test{{.hosts = hosts, .fanout = fanout, .seed = first}};
                    test.fleet.start();
                    ASSERT_TRUE(test.fleet.settle(10s));
                    test.fleet.crash(first);
                    test.fleet.crash(second);
                    ASSERT_TRUE(test.fleet.settle(40s));
                    EXPECT_EQ(test.fleet.manager()->status().hosts.live, hosts - 2);
                    EXPECT_TRUE(test.fleet.manager()->tree_faults().empty());
                }
            }
        }
    }
}

TEST(OthersBugs, X10AnInteriorHostThatIsKilledAndStartedAHundredTimesRejoinsAndNothingGrows) {
    Procedure test{{.hosts = 40, .fanout = 4, .seed = 4, .cool_down = 1s}};
    test.bring_up();
    const std::uint32_t depth = test.fleet.manager()->tree().depth;
    for (int times = 0; times < 100; ++times) {
        SCOPED_TRACE(times);
        const HostIndex branch = test.a_branch();
        test.fleet.crash(branch);
        ASSERT_TRUE(test.fleet.world().run_until([&] { return test.is_lost(branch); }, 10s));
        test.fleet.start_host(branch);
        ASSERT_TRUE(test.fleet.settle(60s));
        const TreeView tree = test.fleet.manager()->tree();
        EXPECT_LE(tree.depth, std::max(depth, tree.depth_max));
        EXPECT_LE(tree.max_children, tree.fanout + tree.slack);
        EXPECT_TRUE(test.fleet.manager()->tree_faults().empty());
    }
    test.fleet.world().run_for(60s);
    EXPECT_LE(test.fleet.manager()->tree().depth, test.fleet.manager()->tree().depth_max);
}

TEST(OthersBugs, X11AQuarterOfTheHostsThatVanishOneByOneIsFewChangesOfShapeNotOneForEach) {
    constexpr std::uint32_t hosts = 400;
    Procedure test{{.hosts = hosts, .fanout = 8, .seed = 6}};
    test.bring_up();
    Random random{6};
    std::set<HostIndex> gone;
    while (gone.size() < hosts / 4) gone.insert(1 + random.below(hosts));
    const double generations = test.metric("coppice_generations_total");
    for (const HostIndex host : gone) {
        test.fleet.crash(host);
        test.fleet.world().run_for(1s / (hosts / 4));
    }
    ASSERT_TRUE(test.fleet.settle(60s));
    test.fleet.world().run_for(20s);
    const double campaign = test.metric("coppice_generations_total") - generations;
    std::cout << "  X11: " << campaign << " changes of shape for " << gone.size() << " deaths\n";
    EXPECT_LE(campaign, static_cast<double>(gone.size()) / 4);
    EXPECT_EQ(test.fleet.manager()->status().hosts.lost, gone.size()) << "nobody else";
}

TEST(OthersBugs, X31TwoHostsThatCannotReachEachOtherDoNotFlap) {
    Procedure test{{.hosts = 85, .fanout = 4, .seed = 8}};
    test.bring_up();
    Fleet& fleet = test.fleet;
    std::vector<HostIndex> leaves;  // below branches
    for (HostIndex host = 1; host < fleet.world().size(); ++host)
        if (test.view(host).record.role == Role::leaf && test.view(host).depth > 1)
            leaves.push_back(host);
    const HostIndex parent = *fleet.find(test.view(leaves.front()).parent);
    const std::vector<std::pair<HostIndex, HostIndex>> pairs{{leaves.front(), parent},
                                                             {leaves[1], leaves.back()}};
    const double moves = test.moves();
    for (const auto& [left, right] : pairs) {
        fleet.cut(left, right);
        fleet.cut(right, left);
    }
    fleet.world().run_for(60s);
    EXPECT_TRUE(fleet.is_all_live());
    EXPECT_LE(test.moves() - moves, 1) << "the child goes to another parent";
    const double lost = test.metric("coppice_hosts_lost_total");
    EXPECT_LE(lost, 1);
    fleet.world().run_for(10min);
    EXPECT_TRUE(fleet.is_all_live());
    EXPECT_LE(test.moves() - moves, 1) << "and stays there";
    EXPECT_EQ(test.metric("coppice_hosts_lost_total"), lost);
}

}  // namespace
}  // namespace coppice
