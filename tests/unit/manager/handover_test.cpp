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

TEST(Handover, ASuspectUnderstudyIsPassedOver) {
    CellBench bench{3};
    bench.join_many(16);
    ASSERT_TRUE(bench.settle());
    const std::string root = bench.root();
    CellBench::Host& suspect = bench.host(bench.understudy());
    bench.say({.host = suspect.id,
               .incarnation = suspect.incarnation,
               .attachment = suspect.attachment,
               .revision = ++suspect.revision,
               .state = HostState::suspect,
               .cause = Cause::silent,
               .parent = suspect.parent,
               .stamp = suspect.obeyed});
    bench.run(std::chrono::milliseconds{40});
    ASSERT_EQ(bench.understudy(), suspect.name);
    ASSERT_EQ(bench.view(suspect.name).state, HostState::suspect);
    bench.seek(bench.host(root), none, true);
    EXPECT_NE(bench.root(), root);
    EXPECT_NE(bench.root(), suspect.name);
}

TEST(Handover, AMissingUnderstudyIsPassedOver) {
    CellBench bench{3};
    bench.join_many(16);
    ASSERT_TRUE(bench.settle());
    const std::string root = bench.root();
    CellBench::Host& missing = bench.host(bench.understudy());
    missing.is_up = false;  // nobody has told of it yet
    bench.run(std::chrono::seconds{2});
    ASSERT_EQ(bench.understudy(), missing.name);
    ASSERT_TRUE(
        std::holds_alternative<Accepted>(bench.ask(DrainCommand{.host = root, .reason = "disk"})));
    EXPECT_NE(bench.root(), root);
    EXPECT_NE(bench.root(), missing.name);
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

TEST(Handover, WhatAHostSaidBeforeItsGoodbyeMayArriveAfterIt) {
    CellBench bench{3};
    bench.join_many(12);
    ASSERT_TRUE(bench.settle());
    CellBench::Host& host = bench.host(bench.understudy());
    host.is_up = false;
    bench.say({.host = host.id,
               .incarnation = host.incarnation,
               .attachment = host.attachment,
               .revision = ++host.revision,
               .state = HostState::left,
               .cause = Cause::said_goodbye,
               .parent = host.parent,
               .stamp = host.obeyed});
    bench.run(std::chrono::milliseconds{40});
    ASSERT_EQ(bench.view(host.name).state, HostState::left);
    bench.seek(host, none);
    EXPECT_EQ(bench.view(host.name).state, HostState::left);
    host.is_up = true;  // it had not gone after all
    ++host.attachment.value;
    bench.seek(host, host.parent);
    EXPECT_EQ(bench.view(host.name).state, HostState::joining);
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
