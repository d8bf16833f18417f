// Hosts that come and go: cool-downs that grow, one story, and no role while anybody else is left.

#include <gtest/gtest.h>

#include "tests/unit/manager/cell_bench.h"

namespace coppice {
namespace {

using testing::CellBench;
using namespace std::chrono_literals;

class Flapping : public ::testing::Test {
protected:
    Flapping() {
        bench.join_many(12);
        EXPECT_TRUE(bench.settle());
        for (const auto& [name, host] : bench.hosts)
            if (host.order.role == Role::leaf && !host.order.is_understudy) victim = name;
    }
    [[nodiscard]] UnixMillis unix_now() const {
        return bench.unix_start +
               std::chrono::duration_cast<UnixMillis>(bench.now.time_since_epoch());
    }
    [[nodiscard]] const HostRecord& record() {
        view = bench.view(victim);
        return view.record;
    }
    /// A new run that says how the former one ended.
    Register restart(Cause former_end, bool is_short_of_memory = false) {
        CellBench::Host& host = bench.host(victim);
        ++host.incarnation.value;
        host.attachment = {};
        host.revision = 0;
        host.is_up = true;
        host.order.is_placed = false;
        Register request = bench.registration(victim);
        request.former_end = former_end;
        request.is_short_of_memory = is_short_of_memory;
        bench.request(host, request);
        EXPECT_TRUE(bench.settle());
        return request;
    }
    /// How long it cools down after this return.
    UnixMillis come_and_go(Duration away) {
        bench.kill(victim);
        bench.run(away);
        bench.restart_host(victim);
        const UnixMillis back = unix_now();
        EXPECT_TRUE(bench.settle());
        const UnixMillis end = record().no_role_before;
        return UnixMillis{(end - back + 30s) / 1min * 1min};
    }

    CellBench bench;
    std::string victim;
    HostView view;
};

TEST_F(Flapping, TheCoolDownGrowsOneThreeAndSevenTimes) {
    EXPECT_EQ(come_and_go(10s), 10min);
    bench.run(15min);
    EXPECT_EQ(come_and_go(10s), 30min);
    bench.run(15min);
    EXPECT_EQ(come_and_go(10s), 70min);
    bench.run(15min);
    EXPECT_EQ(come_and_go(10s), 70min);
    bench.run(2h);
    EXPECT_EQ(come_and_go(10s), 10min) << "that is long ago";
}

TEST_F(Flapping, AHostThatGoesTwiceWithinACoolDownIsOneStoryUntilItHasBeenQuiet) {
    come_and_go(10s);
    EXPECT_EQ(record().unstable_since, UnixMillis{});
    EXPECT_TRUE(bench.events("host.unstable").empty());
    const std::size_t lost = bench.events("host.lost").size();
    const std::size_t back = bench.events("host.restarted").size();
    const std::size_t live = bench.events("host.live").size();
    for (int times = 0; times < 4; ++times) come_and_go(10s);
    EXPECT_NE(record().unstable_since, UnixMillis{});
    EXPECT_EQ(bench.events("host.lost").size(), lost);
    EXPECT_EQ(bench.events("host.restarted").size(), back);
    EXPECT_EQ(bench.events("host.live").size(), live);
    ASSERT_EQ(bench.events("host.unstable").size(), 1U);
    Event story = bench.events("host.unstable").front();
    EXPECT_GE(story.revision, 8U);
    EXPECT_EQ(story.cause, "unstable");
    EXPECT_EQ(story.evidence.at("gone"), "5 times");
    EXPECT_EQ(story.evidence.at("state"), "live");
    bench.run(10min);
    story = bench.events("host.unstable").front();
    EXPECT_EQ(story.cause, "stable");
    EXPECT_EQ(record().unstable_since, UnixMillis{});
    come_and_go(10s);
    EXPECT_EQ(bench.events("host.lost").size(), lost + 1) << "it is told by itself again";
}

TEST_F(Flapping, AnUnstableHostHoldsNoRoleWhileAnybodyElseIsLeft) {
    come_and_go(10s);
    come_and_go(10s);
    bench.join_many(60, "more");
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(record().role, Role::leaf);
    EXPECT_NE(bench.understudy(), victim);
}

TEST_F(Flapping, WhenNobodyElseIsLeftAnUnstableHostLeads) {
    for (const auto& [name, host] : std::map{bench.hosts}) {
        if (name == victim || name == bench.root()) continue;
        bench.kill(name);
    }
    ASSERT_TRUE(bench.settle());
    come_and_go(10s);
    come_and_go(10s);
    bench.kill(bench.root());
    bench.run(30s);
    EXPECT_EQ(bench.root(), victim);
}

TEST_F(Flapping, TheStoryGoesOnOverARestartOfTheManager) {
    come_and_go(10s);
    come_and_go(10s);
    bench.restart_manager();
    ASSERT_TRUE(bench.settle());
    come_and_go(10s);
    ASSERT_EQ(bench.events("host.unstable").size(), 1U);
    EXPECT_EQ(bench.events("host.unstable").front().evidence.at("gone"), "3 times");
    bench.run(11min);
    EXPECT_EQ(bench.events("host.unstable").front().cause, "stable");
}

TEST_F(Flapping, WhatAHostKeepsOfItsDeparturesIsBounded) {
    for (int times = 0; times < 10; ++times) come_and_go(10s);
    EXPECT_LE(record().gone_at.size(), 3U);
}

TEST_F(Flapping, AHostThatWasKilledForWantOfMemoryWaitsUntilItSaysThatItHasEnough) {
    bench.kill(victim);
    bench.run(5s);
    Register request = restart(Cause::out_of_memory, true);
    ASSERT_FALSE(bench.events("host.restarted").empty());
    EXPECT_EQ(bench.events("host.restarted").back().cause, "oom");
    bench.run(11min);  // its cool-down is over
    bench.join_many(60, "more");
    ASSERT_TRUE(bench.settle());
    EXPECT_TRUE(record().is_short_of_memory);
    EXPECT_EQ(record().role, Role::leaf);
    request.is_short_of_memory = false;
    bench.request(bench.host(victim), request);
    ASSERT_TRUE(bench.settle());
    EXPECT_FALSE(record().is_short_of_memory);
    EXPECT_EQ(bench.events("host.has_memory").size(), 1U);
    bench.join_many(200, "many");
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(record().role, Role::branch) << "with so many hosts every other one is needed";
}

TEST_F(Flapping, AReturnSaysHowTheFormerRunEnded) {
    const auto told = [&](Cause end) {
        bench.kill(victim);
        bench.run(1min);
        restart(end);
        bench.run(2h);
        return bench.events("host.restarted").back().cause;
    };
    EXPECT_EQ(told(Cause::crashed), "crashed");
    EXPECT_EQ(told(Cause::restart), "restart");
    EXPECT_EQ(told(Cause::none), "");
}

}  // namespace
}  // namespace coppice
