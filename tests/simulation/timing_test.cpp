// Promises about time, kept in virtual time with the default interval of one second.
#include <gtest/gtest.h>

#include "simulator/observer.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

class Timings : public testing::TestWithParam<std::uint64_t> {
protected:
    Timings() : fleet{{.hosts = 40, .fanout = 4, .seed = GetParam()}} {
        fleet.start();
        EXPECT_TRUE(fleet.settle(10s));
        fleet.world().run_for(3s);
    }

    /// A host with the role, or the first when there is none.
    HostIndex one_with(Role role) const {
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            if (fleet.agent(host)->view().role == role) return host;
        return 1;
    }
    HostState state_of(HostIndex host) const {
        return fleet.manager()->host(fleet.world().host(host).name())->state;
    }
    std::vector<HostIndex> children_of(HostIndex parent) const {
        const HostId id = fleet.agent(parent)->view().host;
        std::vector<HostIndex> children;
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            if (host != parent && fleet.agent(host)->view().parent == id) children.push_back(host);
        return children;
    }
    bool becomes(HostIndex host, HostState state, Duration bound) {
        return fleet.world().run_until([this, host, state] { return state_of(host) == state; },
                                       bound);
    }
    /// Hosts that the manager calls lost now.
    std::uint64_t lost() const { return fleet.manager()->status().hosts.lost; }

    Fleet fleet;
};

TEST_P(Timings, ACrashedLeafIsKnownWithinASecond) {
    const HostIndex leaf = one_with(Role::leaf);
    fleet.crash(leaf);
    EXPECT_TRUE(becomes(leaf, HostState::lost, 1s));
    EXPECT_EQ(fleet.manager()->host(fleet.world().host(leaf).name())->record.cause, Cause::crashed);
}

TEST_P(Timings, ACrashedBranchIsKnownWithinASecondAndItsOrphansAreBackOneLater) {
    const HostIndex branch = one_with(Role::branch);
    const std::vector<HostIndex> orphans = children_of(branch);
    ASSERT_FALSE(orphans.empty());
    fleet.crash(branch);
    EXPECT_TRUE(becomes(branch, HostState::lost, 1s));
    fleet.world().run_for(1s);
    for (const HostIndex orphan : orphans) {
        EXPECT_TRUE(fleet.agent(orphan)->view().is_attached);
        EXPECT_EQ(state_of(orphan), HostState::live);
    }
    EXPECT_EQ(lost(), 1U);
}

TEST_P(Timings, ASilentHostIsLostWithinSixSeconds) {
    const HostIndex leaf = one_with(Role::leaf);
    fleet.pause(leaf);
    EXPECT_TRUE(becomes(leaf, HostState::lost, 6s));
    EXPECT_EQ(fleet.manager()->host(fleet.world().host(leaf).name())->record.cause, Cause::silent);
}

TEST_P(Timings, AnUnpluggedHostIsLostWithinSixSeconds) {
    const HostIndex leaf = one_with(Role::leaf);
    fleet.unplug(leaf);
    EXPECT_TRUE(becomes(leaf, HostState::lost, 6s));
    EXPECT_EQ(fleet.manager()->host(fleet.world().host(leaf).name())->record.cause,
              Cause::unreachable);
}

TEST_P(Timings, AfterTheDeathOfTheRootAllAreBackWithinFiveSecondsAndNobodyElseIsLost) {
    const HostIndex root = one_with(Role::root);
    Observer observer{fleet};
    fleet.crash(root);
    EXPECT_TRUE(fleet.settle(5s));
    fleet.world().run_for(30s);
    EXPECT_EQ(lost(), 1U);
    EXPECT_EQ(observer.findings().broken, Sentences{});
}

TEST_P(Timings, ASilentRootIsReplacedWithoutAnybodyElseBeingLost) {
    const HostIndex root = one_with(Role::root);
    Observer observer{fleet};
    fleet.pause(root);
    fleet.world().run_for(20s);
    EXPECT_TRUE(fleet.settle(1s));
    EXPECT_EQ(lost(), 1U);
    fleet.resume(root);
    EXPECT_TRUE(fleet.settle(10s));
    EXPECT_EQ(fleet.agent(root)->view().role, Role::leaf);
    EXPECT_EQ(observer.findings().broken, Sentences{});
}

TEST_P(Timings, ARestartOfTheManagerLosesNobodyHoweverLongItTook) {
    for (const Duration away : {100ms, 3000ms, 7300ms, 10000ms, 13100ms, 30000ms}) {
        Observer observer{fleet};
        fleet.crash(Fleet::manager_index);
        fleet.world().run_for(away);
        fleet.start_host(Fleet::manager_index);
        for (int i = 0; i < 600; ++i) {
            fleet.world().run_for(50ms);
            EXPECT_EQ(lost(), 0U);
        }
        EXPECT_TRUE(fleet.is_settled());
        observer.look();
        EXPECT_EQ(observer.findings().moves, 0U);
        EXPECT_EQ(observer.findings().broken, Sentences{});
    }
}

TEST_P(Timings, ABranchThatWasPausedMovesNobodyTwiceAndAccusesNobody) {
    const HostIndex branch = one_with(Role::branch);
    const std::size_t orphans = children_of(branch).size();
    Observer observer{fleet};
    observer.look();
    fleet.pause(branch);
    fleet.world().run_for(20s);
    fleet.resume(branch);
    EXPECT_TRUE(fleet.settle(10s));
    fleet.world().run_for(10s);
    EXPECT_LE(observer.findings().moves, orphans + 1);
    EXPECT_EQ(lost(), 0U);
    EXPECT_EQ(observer.findings().broken, Sentences{});
}

TEST_P(Timings, AnIdleFleetWritesNothing) {
    fleet.world().run_for(30s);
    const std::uint64_t writes = fleet.store_writes();
    fleet.world().run_for(600s);
    EXPECT_EQ(check_idle(writes, fleet.store_writes()), Sentences{});
}

INSTANTIATE_TEST_SUITE_P(ThreeSeeds, Timings, testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace coppice
