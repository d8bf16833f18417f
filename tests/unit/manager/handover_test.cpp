// Hosts that are about to stop: who gets their role and their children, and what is said of them.

#include <gtest/gtest.h>

#include "tests/unit/manager/cell_bench.h"

namespace coppice {
namespace {

using testing::CellBench;

constexpr auto none = HostId{};

std::string a_branch(CellBench& bench) {
    for (const auto& [name, host] : bench.hosts)
        if (host.order.role == Role::branch && bench.view(name).children > 0) return name;
    return {};
}

TEST(Handover, ABranchThatIsAboutToStopLosesRoleAndChildrenAndNobodyIsAnOrphan) {
    CellBench bench{3};
    bench.join_many(16);
    ASSERT_TRUE(bench.settle());
    const std::string leaving = a_branch(bench);
    const HostId id = bench.host(leaving).id;
    bench.seek(bench.host(leaving), none, true);
    EXPECT_EQ(bench.view(leaving).record.role, Role::leaf);
    EXPECT_EQ(bench.view(leaving).children, 0U);
    EXPECT_EQ(bench.events("host.leaving").size(), 1U);
    EXPECT_EQ(bench.view(leaving).state, HostState::live) << "it is still there";
    ASSERT_TRUE(bench.settle());
    for (const auto& [name, host] : bench.hosts) {
        EXPECT_NE(host.parent, id) << name;
        EXPECT_FALSE(bench.view(name).record.is_orphan) << name;
    }
    bench.seek(bench.host(leaving), none, true);
    EXPECT_EQ(bench.events("host.leaving").size(), 1U) << "it only repeats itself";
}

TEST(Handover, TheUnderstudyIsRootBeforeTheRootHasStopped) {
    CellBench bench{3};
    bench.join_many(16);
    ASSERT_TRUE(bench.settle());
    const std::string root = bench.root();
    const std::string heir = bench.understudy();
    bench.seek(bench.host(root), none, true);
    EXPECT_EQ(bench.root(), heir);
    EXPECT_EQ(bench.view(root).state, HostState::live);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.manager->status().hosts.live, 16U);
}

TEST(Handover, TheRootDoesNotGoToAnUnderstudyThatIsSuspect) {
    CellBench bench{3};
    bench.join_many(16);
    ASSERT_TRUE(bench.settle());
    const std::string root = bench.root();
    const std::string understudy = bench.understudy();
    CellBench::Host& silent = bench.host(understudy);
    bench.say({.host = silent.id,
               .incarnation = silent.incarnation,
               .attachment = silent.attachment,
               .revision = ++silent.revision,
               .state = HostState::suspect,
               .cause = Cause::silent,
               .parent = silent.parent,
               .stamp = silent.obeyed});
    bench.run(std::chrono::milliseconds{40});
    ASSERT_EQ(bench.view(understudy).state, HostState::suspect);
    bench.seek(bench.host(root), none, true);
    EXPECT_NE(bench.root(), root);
    EXPECT_NE(bench.root(), understudy);
}

TEST(Handover, WhoeverIsAboutToStopGetsNoRole) {
    CellBench bench{3};
    bench.join_many(12);
    ASSERT_TRUE(bench.settle());
    const std::string heir = bench.understudy();
    bench.seek(bench.host(heir), none, true);
    EXPECT_NE(bench.understudy(), heir);
    bench.join_many(20, "more");
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.view(heir).record.role, Role::leaf);
}

TEST(Handover, TheRootOfAFleetWithoutAnybodyElseKeepsItsRole) {
    CellBench bench{3};
    bench.join("n1");
    ASSERT_TRUE(bench.settle());
    bench.seek(bench.host("n1"), none, true);
    EXPECT_EQ(bench.root(), "n1");
    EXPECT_TRUE(bench.manager->tree_faults().empty());
}

TEST(Handover, AHostThatSaidItWouldStopHasLeftHoweverItsEndIsNoticed) {
    CellBench bench{3};
    bench.join_many(12);
    ASSERT_TRUE(bench.settle());
    const std::string leaving = a_branch(bench);
    bench.seek(bench.host(leaving), none, true);
    ASSERT_TRUE(bench.settle());
    bench.kill(leaving, Cause::crashed);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.view(leaving).state, HostState::left);
    EXPECT_EQ(bench.view(leaving).record.cause, Cause::said_goodbye);
    EXPECT_TRUE(bench.events("host.lost").empty());
}

TEST(Handover, AHostThatComesBackAfterAPlannedStopMayHoldARoleAtOnce) {
    CellBench bench{3};
    bench.join_many(12);
    ASSERT_TRUE(bench.settle());
    const std::string leaving = a_branch(bench);
    bench.seek(bench.host(leaving), none, true);
    bench.kill(leaving, Cause::crashed);
    bench.restart_host(leaving);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.view(leaving).record.no_role_before, UnixMillis{});
    bench.seek(bench.host(bench.root()), none, true);  // and it is not taken to leave any more
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.view(leaving).state, HostState::live);
}

}  // namespace
}  // namespace coppice
