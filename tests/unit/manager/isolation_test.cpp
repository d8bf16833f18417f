// Hosts that fail again and again are passed by, seen, and forgiven.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/manager/cell_bench.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::CellBench;

const std::uint32_t failures_max = ManagerConfig{}.failures_max;
const Duration isolation_pause = ManagerConfig{}.isolation_pause;
const std::uint32_t too_many = failures_max + 1;

struct Isolating : ::testing::Test {
    Isolating() {
        bench.join_many(20);  // two may be isolated
        EXPECT_TRUE(bench.settle());
        for (const auto& [name, host] : bench.hosts) all.insert(host.id);
    }

    HostId id(const std::string& name) { return bench.host(name).id; }
    PushId push(const std::string& selector = {}) {
        const Answer answer = bench.ask(PushCommand{.topic = "conf", .selector = selector});
        return std::get<PushAccepted>(answer).push;
    }
    void apply(PushId push, const HostSet& hosts) {
        bench.report({SetKind::applied, push, {}}, hosts);
    }
    void refuse(PushId push, const HostSet& hosts) {
        bench.report({SetKind::refused, push, "the disk is full"}, hosts);
    }
    /// So many pushes that these hosts refuse and all others apply.
    void fail(const HostSet& hosts, std::uint32_t pushes) {
        for (std::uint32_t i = 0; i < pushes; ++i) {
            const PushId one = push();
            bench.run(seconds{1});
            apply(one, all - hosts);
            refuse(one, hosts);
        }
    }
    /// So many pushes that this host applies after others have waited for it.
    void delay(const std::string& name, std::uint32_t pushes, Duration time) {
        for (std::uint32_t i = 0; i < pushes; ++i) {
            const PushId one = push();
            bench.run(milliseconds{20});
            apply(one, all - HostSet{id(name)});
            bench.run(time);
            apply(one, all);
        }
    }
    [[nodiscard]] ReceiptView receipt(PushId push) const { return *bench.manager->push(push); }
    [[nodiscard]] bool is_isolated(const std::string& name) const {
        return bench.view(name).isolation.has_value();
    }
    [[nodiscard]] HostSet offered(PushId push) const {
        const auto told = std::find_if(bench.pushes.rbegin(), bench.pushes.rend(),
                                       [push](const PushDown& down) { return down.push == push; });
        return told == bench.pushes.rend() ? HostSet{} : told->target;
    }

    CellBench bench;
    HostSet all;
};

TEST_F(Isolating, PassesByWhoRefusesTooManyInARow) {
    fail({id("n0003")}, failures_max);
    EXPECT_FALSE(is_isolated("n0003"));
    fail({id("n0003")}, 1);
    ASSERT_TRUE(is_isolated("n0003"));
    EXPECT_EQ(bench.view("n0003").isolation->cause, Cause::refusing);
    EXPECT_EQ(bench.view("n0003").isolation->reason, "the disk is full");
    EXPECT_EQ(bench.manager->status().hosts.isolated, 1U);
    EXPECT_EQ(bench.events("host.isolated").size(), 1U);

    const PushId next = push();
    bench.run(seconds{1});
    EXPECT_EQ(offered(next), all - HostSet{id("n0003")});
    apply(next, all - HostSet{id("n0003")});
    const ReceiptView seen = receipt(next);
    EXPECT_EQ(seen.isolated, 1U);
    EXPECT_EQ(seen.pending, 0U);
    EXPECT_EQ(seen.applied + seen.refused + seen.isolated + seen.pending, seen.target);
    EXPECT_TRUE(seen.settled);
    EXPECT_FALSE(seen.complete);
    EXPECT_EQ(seen.held_back.begin()->first, "isolated (refusing): the disk is full");
}

TEST_F(Isolating, OneSuccessOnTrialEndsIt) {
    fail({id("n0003")}, too_many);
    const PushId next = push();
    bench.run(seconds{1});
    EXPECT_FALSE(offered(next).contains(id("n0003")));
    bench.run(isolation_pause);
    EXPECT_EQ(offered(next), all);
    EXPECT_EQ(receipt(next).isolated, 1U);
    apply(next, all);
    EXPECT_FALSE(is_isolated("n0003"));
    EXPECT_TRUE(receipt(next).complete);
    EXPECT_EQ(bench.events("host.restored").size(), 1U);
    fail({id("n0003")}, failures_max);
    EXPECT_FALSE(is_isolated("n0003")) << "what it failed before is forgiven";
}

TEST_F(Isolating, AFailureOnTrialBeginsTheNextPause) {
    fail({id("n0003")}, too_many);
    const PushId next = push();
    bench.run(seconds{1} + isolation_pause);
    apply(next, all - HostSet{id("n0003")});
    refuse(next, {id("n0003")});
    EXPECT_TRUE(is_isolated("n0003"));
    EXPECT_EQ(receipt(next).refused, 1U);
    const PushId later = push();
    bench.run(seconds{1});
    EXPECT_FALSE(offered(later).contains(id("n0003")));
    bench.run(isolation_pause);
    EXPECT_TRUE(offered(later).contains(id("n0003")));
}

TEST_F(Isolating, NobodyIsToBlameForWhatManyRefuse) {
    fail(all, too_many);
    fail({id("n0001"), id("n0002"), id("n0003")}, too_many);
    EXPECT_EQ(bench.manager->status().hosts.isolated, 0U);
    fail({id("n0001"), id("n0002")}, too_many);
    EXPECT_EQ(bench.manager->status().hosts.isolated, 2U);
}

TEST_F(Isolating, WhatTurnsOutToBeRefusedByManyIsTakenBack) {
    fail({id("n0001"), id("n0002")}, too_many);  // all of the budget
    fail({id("n0003")}, failures_max);
    const PushId bad = push();
    bench.run(seconds{1});
    refuse(bad, {id("n0003")});
    EXPECT_EQ(bench.metric("coppice_isolation_over_budget"), 1);
    refuse(bad, {id("n0003"), id("n0004"), id("n0005")});
    EXPECT_EQ(bench.metric("coppice_isolation_over_budget"), 0);
}

TEST_F(Isolating, NobodyIsLateWithWhatANewerPushHasTakenOver) {
    for (std::uint32_t i = 0; i < too_many; ++i) {
        const PushId to_all = push();
        bench.run(milliseconds{20});
        apply(to_all, all - HostSet{id("n0005")});
        push("host in n0005");
        bench.run(milliseconds{1500});
    }
    EXPECT_FALSE(is_isolated("n0005"));
}

TEST_F(Isolating, ABudgetShowsWhatIsSystemic) {
    for (const char* name : {"n0001", "n0002", "n0003"})
        for (std::uint32_t i = 0; i < too_many; ++i) {
            const PushId one = push("host in " + std::string{name});
            bench.run(seconds{1});
            refuse(one, {id(name)});
        }
    EXPECT_EQ(bench.manager->status().hosts.isolated, 2U);
    ASSERT_EQ(bench.events("isolation.over_budget").size(), 1U);
    EXPECT_EQ(bench.events("isolation.over_budget").front().hosts,
              (HostSet{id("n0001"), id("n0002"), id("n0003")}));
    EXPECT_EQ(bench.metric("coppice_isolation_over_budget"), 1);
}

TEST_F(Isolating, PassesByWhoIsLateAgainAndAgain) {
    delay("n0005", failures_max, milliseconds{1500});
    EXPECT_FALSE(is_isolated("n0005"));
    delay("n0005", 1, milliseconds{1500});
    ASSERT_TRUE(is_isolated("n0005"));
    EXPECT_EQ(bench.view("n0005").isolation->cause, Cause::slow);
    delay("n0006", too_many, milliseconds{900});
    EXPECT_FALSE(is_isolated("n0006")) << "within a second nobody is late";
}

TEST_F(Isolating, LateOnTrialIsAFailureToo) {
    delay("n0005", too_many, milliseconds{1500});
    const PushId next = push();
    bench.run(seconds{1});
    apply(next, all - HostSet{id("n0005")});
    bench.run(isolation_pause + milliseconds{500});
    EXPECT_TRUE(offered(next).contains(id("n0005"))) << "on trial";
    bench.run(seconds{1});
    apply(next, all);
    EXPECT_TRUE(is_isolated("n0005"));
    EXPECT_TRUE(receipt(next).complete) << "its answer counts all the same";
}

TEST_F(Isolating, NobodyIsLateWhoWasSuspectOrStopped) {
    for (std::uint32_t i = 0; i < too_many; ++i) {
        const PushId one = push();
        const CellBench::Host& host = bench.host("n0005");
        HostFact fact;
        fact.host = host.id;
        fact.parent = host.parent;
        fact.state = HostState::suspect;
        fact.cause = Cause::silent;
        fact.incarnation = host.incarnation;
        fact.attachment = host.attachment;
        fact.revision = ++bench.host("n0005").revision;
        fact.stamp = host.obeyed;
        bench.say(fact);
        bench.run(milliseconds{20});
        apply(one, all - HostSet{id("n0005")});
        bench.run(milliseconds{1500});
        apply(one, all);
    }
    EXPECT_FALSE(is_isolated("n0005"));

    ASSERT_TRUE(bench.settle());
    static_cast<void>(bench.ask(StopCommand{.selector = "host in n0007", .reason = "work"}));
    delay("n0007", too_many, milliseconds{1500});
    EXPECT_FALSE(is_isolated("n0007"));
}

TEST_F(Isolating, SurvivesTheManagerAndThenBeginsWithATrial) {
    fail({id("n0003")}, too_many);
    bench.restart_manager();
    ASSERT_TRUE(bench.settle());
    ASSERT_TRUE(is_isolated("n0003"));
    const PushId next = push();
    bench.run(milliseconds{500});
    EXPECT_TRUE(offered(next).contains(id("n0003")));
    refuse(next, {id("n0003")});
    const PushId later = push();
    bench.run(seconds{1});
    EXPECT_FALSE(offered(later).contains(id("n0003")));
    bench.run(isolation_pause - milliseconds{500});
    apply(later, all);
    bench.restart_manager();
    EXPECT_FALSE(is_isolated("n0003"));
}

TEST_F(Isolating, ARestartedHostIsTriedAtOnce) {
    fail({id("n0003")}, too_many);
    bench.restart_host("n0003");
    ASSERT_TRUE(bench.settle());
    const PushId next = push();
    bench.run(seconds{1});
    EXPECT_TRUE(offered(next).contains(id("n0003")));
}

TEST_F(Isolating, NobodyIsTooIsolatedToBeStopped) {
    fail({id("n0003")}, too_many);
    static_cast<void>(bench.ask(StopCommand{.selector = {}, .reason = "work"}));
    bench.run(seconds{1});
    EXPECT_EQ(bench.pushes.back().target, all);
}

}  // namespace
}  // namespace coppice
