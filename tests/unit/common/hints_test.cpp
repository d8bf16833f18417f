// When a child tells its parent of what it holds.

#include <gtest/gtest.h>

#include "tests/support/link_bench.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using testing::LinkBench;
using testing::TestChild;

class HintTest : public ::testing::Test, protected LinkBench {};

TEST_F(HintTest, WhatIsHeldIsToldTogetherWithWhatIsAppliedSoonAfter) {
    TestChild& child = join(2);
    const auto work = [&] {
        Outputs out;
        child.uplink.work({{1, 1}, child.sets, child.facts, child.held, child.times, child.ticket},
                          now, child.drawer, out);
        return out.sends;
    };
    child.held.push_back({PushId{1}, HostSet{HostId{2}}.digest()});
    child.uplink.holds_more(now);
    EXPECT_TRUE(work().empty());
    now += milliseconds{1};
    store(child.sets, {SetKind::applied, PushId{1}, {}}, {HostId{2}});
    child.uplink.has_news();
    const auto sent = work();
    ASSERT_EQ(sent.size(), 1U);
    const auto& beat = std::get<Heartbeat>(sent.front().frame.body);
    EXPECT_EQ(beat.held, child.held);
    EXPECT_EQ(beat.sets.size(), 1U);
    now += milliseconds{10};
    EXPECT_TRUE(work().empty()) << "it is told once";
}

TEST_F(HintTest, WhatIsHeldIsToldWithinTheGapBetweenHints) {
    TestChild& child = join(2);
    child.held.push_back({PushId{1}, HostSet{HostId{2}}.digest()});
    child.uplink.holds_more(now);
    run(milliseconds{10});
    ASSERT_EQ(child.heard.size(), 1U) << "nobody pushed that, so the parent withdraws it";
    EXPECT_TRUE(std::get<PushDown>(child.heard.front()).target.empty());
}

TEST_F(HintTest, AHintOfAHostWithoutChildrenIsAcknowledgedWithItsNextBeat) {
    TestChild& child = join(2);
    run(timing.interval * 2);
    const SetKey receipt{SetKind::applied, PushId{1}, {}};
    const auto answers = [&] { return hub.links().find(HostId{2})->sequence_out; };
    const std::uint64_t before = answers();
    store(child.sets, receipt, {HostId{2}});
    child.uplink.has_news();
    run(milliseconds{10});
    EXPECT_EQ(find_or_empty(hub.relay().sets(), receipt), HostSet{HostId{2}});
    EXPECT_EQ(answers(), before);
    run(timing.interval);
    const std::uint64_t beats = hub.links().find(HostId{2})->sequence_in;
    EXPECT_EQ(answers(), before + 1);
    child.uplink.has_news();
    run(milliseconds{10});
    EXPECT_EQ(hub.links().find(HostId{2})->sequence_in, beats) << "nothing is open";
}

TEST_F(HintTest, AHintOfAnInteriorHostIsAcknowledgedAtOnceSinceMoreMayFollow) {
    TestChild& child = join(2);
    store(child.sets, members_key, {HostId{2}, HostId{3}});
    child.uplink.has_news();
    run(timing.interval * 2);
    const SetKey receipt{SetKind::applied, PushId{1}, {}};
    for (const std::uint32_t host : {2U, 3U}) {
        store(child.sets, receipt, find_or_empty(child.sets, receipt) | HostSet{HostId{host}});
        child.uplink.has_news();
        run(milliseconds{20});
    }
    EXPECT_EQ(find_or_empty(hub.relay().sets(), receipt), (HostSet{HostId{2}, HostId{3}}));
}

}  // namespace
}  // namespace coppice
