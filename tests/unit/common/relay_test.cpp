// Pushes on their way down and receipts on their way up one link.

#include "common/relay.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/limits.h"
#include "tests/support/link_bench.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::LinkBench;
using testing::TestChild;

class RelayTest : public ::testing::Test, protected LinkBench {
protected:
    PushDown push(std::uint64_t id, HostSet target, std::size_t bytes = 100) {
        const Sealed sealed{.content = Bytes(bytes, 1)};
        return {.push = PushId{id},
                .topic = "t" + std::to_string(id),
                .version = 1,
                .target = std::move(target),
                .content = std::make_shared<const Sealed>(sealed)};
    }
    void hand_over(const PushDown& one) {
        step_parent([&](Outputs&) { hub.relay().on_push(one, now); });
    }
    static std::size_t pushes_heard(const TestChild& child) {
        return static_cast<std::size_t>(
            std::count_if(child.heard.begin(), child.heard.end(), [](const Message& message) {
                const auto* push = std::get_if<PushDown>(&message);
                return push != nullptr && !push->target.empty();
            }));
    }
};

TEST_F(RelayTest, APushGoesOnlyToChildrenWithATarget) {
    const TestChild& with = join(2);
    const TestChild& without = join(3);
    hand_over(push(1, {HostId{2}}));
    run(milliseconds{50});
    EXPECT_EQ(pushes_heard(with), 1U);
    EXPECT_EQ(pushes_heard(without), 0U);
}

TEST_F(RelayTest, ALostPushIsRepeatedUntilTheChildHoldsIt) {
    TestChild& child = join(2);
    lose = {"PushDown"};
    hand_over(push(1, {HostId{2}}));
    run(timing.interval);
    lose.clear();
    run(timing.resend_after() * 2);
    ASSERT_GE(pushes_heard(child), 1U);
    const std::size_t heard = pushes_heard(child);
    child.held = {{PushId{1}, HostSet{HostId{2}}.digest()}};
    child.uplink.has_news();
    run(milliseconds{50});
    run(timing.resend_after() * 4);
    EXPECT_EQ(pushes_heard(child), heard) << "what is held is not sent again";
}

TEST_F(RelayTest, ALateChildGetsWhatItLacksAndAnAnsweredPushIsLetGo) {
    TestChild& first = join(2);
    hand_over(push(1, {HostId{2}, HostId{3}}));
    store(first.sets, {SetKind::applied, PushId{1}, {}}, {HostId{2}});
    first.uplink.has_news();
    run(seconds{1});
    EXPECT_TRUE(hub.relay().held().empty()) << "every member has answered";
    TestChild& late = join(3);
    EXPECT_EQ(pushes_heard(late), 0U) << "the next parent up will send it again";
    hand_over(push(1, {HostId{3}}));
    run(milliseconds{50});
    EXPECT_EQ(pushes_heard(late), 1U);
}

TEST_F(RelayTest, TheTimesOfAPushAreThoseOfThePathThatAnsweredLast) {
    using std::chrono::microseconds;
    TestChild& first = join(2);
    TestChild& last = join(3);
    run(milliseconds{50});
    hand_over(push(1, {HostId{2}, HostId{3}}));
    const Instant handed = now;
    const SetKey key{SetKind::applied, PushId{1}, {}};
    first.times.set(PushId{1}, {milliseconds{7}});
    store(first.sets, key, {HostId{2}});
    first.uplink.has_news();
    run(milliseconds{20});
    EXPECT_EQ(hub.relay().times().find(PushId{1}), nullptr);
    last.times.set(PushId{1}, {milliseconds{1}, milliseconds{2}, milliseconds{6}});
    store(last.sets, key, {HostId{3}});
    last.uplink.has_news();
    Instant answered = now;
    while (hub.relay().times().find(PushId{1}) == nullptr && answered < handed + seconds{1}) {
        run(milliseconds{1});
        answered += milliseconds{1};
    }
    const StageTimes* times = hub.relay().times().find(PushId{1});
    ASSERT_NE(times, nullptr);
    ASSERT_EQ(times->size(), 5U);
    EXPECT_EQ(times->at(0), microseconds{0}) << "it was passed on at once";
    EXPECT_EQ(sum_of({times->begin() + 2, times->end()}), milliseconds{9});
    EXPECT_GE(sum_of(*times), milliseconds{20});
    EXPECT_LE(sum_of(*times), now - handed);
}

TEST_F(RelayTest, WhatIsNotKnownOfAChildIsPartOfTheWayToIt) {
    TestChild& child = join(2);
    run(milliseconds{50});
    hand_over(push(1, {HostId{2}}));
    store(child.sets, {SetKind::applied, PushId{1}, {}}, {HostId{2}});
    run(milliseconds{30});
    child.uplink.has_news();
    run(milliseconds{20});
    const StageTimes* times = hub.relay().times().find(PushId{1});
    ASSERT_NE(times, nullptr);
    ASSERT_EQ(times->size(), 2U);
    EXPECT_GE(times->at(1), milliseconds{30});
}

TEST_F(RelayTest, VeryManyRefusalReasonsTravelAsFewAndLoseNoHost) {
    for (std::uint32_t host = 2; host < 6; ++host) {
        TestChild& child = join(host);
        for (std::uint32_t reason = 0; reason < 10; ++reason)
            store(child.sets, {SetKind::refused, PushId{1}, std::to_string(host * 100 + reason)},
                  {HostId{host * 100 + reason}});
        child.uplink.has_news();
    }
    run(seconds{2});
    std::size_t reasons = 0;
    HostSet hosts;
    for (const auto& [key, set] : hub.relay().sets()) {
        if (key.kind != SetKind::refused) continue;
        ++reasons;
        hosts |= set;
    }
    EXPECT_EQ(reasons, limits::refusal_reasons_max);
    EXPECT_EQ(hosts.size(), 40U);
}

TEST_F(RelayTest, NotMoreThanTheAllowanceIsUnderWayToOneChild) {
    TestChild& child = join(2);
    for (std::uint64_t id = 1; id <= 10; ++id) hand_over(push(id, {HostId{2}}, 60 * 1024));
    run(milliseconds{50});
    EXPECT_EQ(pushes_heard(child), 2U) << "two of 60 KiB are within 128 KiB";
    for (std::uint64_t id = 1; id <= 10; ++id)
        child.held.push_back({PushId{id}, HostSet{HostId{2}}.digest()});
    child.held.resize(2);
    child.uplink.holds_more(now);
    run(milliseconds{50});
    EXPECT_EQ(pushes_heard(child), 4U);
}

}  // namespace
}  // namespace coppice
