// The parent half and the child half of a link, against each other.

#include "common/hub.h"

#include <gtest/gtest.h>

#include "common/limits.h"
#include "tests/support/link_bench.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::LinkBench;
using testing::order_for;
using testing::TestChild;

class HubTest : public ::testing::Test, protected LinkBench {
protected:
    [[nodiscard]] std::vector<HostFact> facts() const {
        return hub.links().facts().oldest(100).facts;
    }
};

TEST_F(HubTest, AChildThatShowsItsOrderIsWelcomedAndReportedLive) {
    const TestChild& child = join(2);
    EXPECT_TRUE(child.uplink.is_attached());
    EXPECT_EQ(child.uplink.path(), Path{parent});
    ASSERT_EQ(facts().size(), 1U);
    EXPECT_EQ(facts().front().state, HostState::live);
    EXPECT_EQ(facts().front().cause, Cause::joined);
}

TEST_F(HubTest, AnOrderThatNamesAnotherParentDoesNotOpenTheDoor) {
    TestChild& child = add(2);
    Order order = order_for(HostId{2}, HostId{9});
    order.parent.key = testing::key_of_host(parent);  // it knocks here all the same
    follow(child, order);
    run(milliseconds{50});
    EXPECT_FALSE(child.uplink.is_attached());
    EXPECT_TRUE(hub.links().children().empty());
}

TEST_F(HubTest, AForgedOrderDoesNotOpenTheDoor) {
    TestChild& child = add(2);
    const Order order = order_for(HostId{2}, parent);
    child.ticket = notary.seal(order);
    child.ticket.signature.fill(0);
    Outputs out;
    child.uplink.follow(order, now, out);
    run(milliseconds{50});
    EXPECT_TRUE(hub.links().children().empty());
}

TEST_F(HubTest, ASpareParentAdmitsAnOrphanThatItWasNotToldOf) {
    TestChild& child = add(2);
    Order order = order_for(HostId{2}, HostId{9});
    order.spares = {testing::peer(parent)};
    follow(child, order);
    run(seconds{1});
    EXPECT_TRUE(child.uplink.is_attached()) << "the first candidate never answered";
}

TEST_F(HubTest, AParentThatHasNotHeardTheRootAdmitsNobody) {
    standing.is_fresh = false;
    TestChild& child = join(2);
    EXPECT_FALSE(child.uplink.is_attached());
    standing.is_fresh = true;
    run(seconds{1});
    EXPECT_TRUE(child.uplink.is_attached()) << "an assigned parent is given time";
}

TEST_F(HubTest, AChildOnThePathToTheRootIsRefused) {
    standing.path = {HostId{2}, parent};
    EXPECT_FALSE(join(2).uplink.is_attached());
}

TEST_F(HubTest, AFullParentRefusesAndTheChildAsksForAPlace) {
    standing.children_max = 1;
    join(2);
    TestChild& second = join(3);
    EXPECT_FALSE(second.uplink.is_attached());
    EXPECT_TRUE(second.uplink.take_wants_place());
}

TEST_F(HubTest, GuestsTakeNoRoomFromThoseWhoBelongHere) {
    standing.children_max = 1;
    Order order = order_for(HostId{2}, HostId{9});
    order.spares = {testing::peer(parent)};
    TestChild& guest = add(2);
    follow(guest, order);
    run(seconds{1});
    ASSERT_TRUE(guest.uplink.is_attached());
    EXPECT_TRUE(join(3).uplink.is_attached()) << "the guest may have been ordered below it";
    EXPECT_FALSE(join(4).uplink.is_attached());
}

TEST_F(HubTest, ASilentChildIsSuspectThenLostOnce) {
    join(2);
    asleep.insert(HostId{2});
    run(timing.suspect_after() + timing.interval);
    EXPECT_EQ(state(2), HostState::suspect);
    run(timing.lost_after());
    EXPECT_EQ(hub.links().find(HostId{2}), nullptr);
    ASSERT_EQ(facts().size(), 1U);
    EXPECT_EQ(facts().front().state, HostState::lost);
}

TEST_F(HubTest, AChildThatWasDroppedIsToldSoAndJoinsAgain) {
    const TestChild& child = join(2);
    const Attachment first = child.uplink.attachment();
    asleep.insert(HostId{2});
    run(timing.lost_after() * 2);
    asleep.clear();
    run(seconds{2});
    EXPECT_TRUE(child.uplink.is_attached());
    EXPECT_GT(child.uplink.attachment(), first);
    EXPECT_EQ(state(2), HostState::live);
    EXPECT_EQ(facts().front().state, HostState::live) << "the newer attachment wins";
}

TEST_F(HubTest, FactsAreAcknowledgedToAChildOnlyWhenTheManagerHasThem) {
    TestChild& child = join(2);
    child.facts.add({.host = HostId{20}, .incarnation = {1}, .attachment = {1}, .revision = 1});
    child.uplink.has_news();
    run(seconds{3});
    EXPECT_FALSE(child.facts.empty()) << "the parent has it, the manager has not";
    hub.links().facts().acknowledge(hub.links().facts().newest_revision());
    run(seconds{3});
    EXPECT_TRUE(child.facts.empty());
}

TEST_F(HubTest, SetsOfTheSubtreeFollowTheChildEvenWhenHeartbeatsAreLost) {
    TestChild& child = join(2);
    store(child.sets, members_key, {HostId{2}, HostId{20}, HostId{21}});
    lose = {"Heartbeat"};
    child.uplink.has_news();
    run(seconds{1});
    lose = {"HeartbeatAnswer"};
    run(seconds{1});
    store(child.sets, members_key, {HostId{2}, HostId{21}});
    child.uplink.has_news();
    lose.clear();
    run(seconds{3});
    EXPECT_EQ(find_or_empty(hub.relay().sets(), members_key), (HostSet{HostId{2}, HostId{21}}));
    asleep.insert(HostId{2});
    run(timing.lost_after() * 2);
    EXPECT_TRUE(find_or_empty(hub.relay().sets(), members_key).empty());
}

TEST_F(HubTest, AFrameInTheNameOfAnotherHostIsDroppedCountedAndTold) {
    join(2);
    const Child& child = *hub.links().find(HostId{2});
    const Header header{
        .sender = HostId{2}, .incarnation = {1}, .link = child.link, .sequence = 99};
    const Received forged{child.route, testing::key_of_host(HostId{3}), {header, Leave{}}};
    std::size_t told = 0;
    for (int times = 0; times < 3; ++times)
        step_parent([&](Outputs& out) {
            hub.on_frame(forged, standing, now, out);
            told += out.notices.size();
        });
    EXPECT_EQ(hub.links().dropped(), DroppedFrames{.wrong_sender = 3});
    EXPECT_EQ(told, 1U) << "not more often than people read";
    EXPECT_NE(hub.links().find(HostId{2}), nullptr);
}

TEST_F(HubTest, FramesThatAreNotTakenAreCountedByTheirFault) {
    join(2);
    const Child child = *hub.links().find(HostId{2});
    const auto hear = [&](const Header& header, Message body) {
        const Received received{child.route, child.key, {header, std::move(body)}};
        step_parent([&](Outputs& out) { hub.on_frame(received, standing, now, out); });
    };
    const Header good{.sender = HostId{2}, .incarnation = {1}, .link = child.link, .sequence = 99};
    Header header = good;
    header.link = {child.link.value + 1};
    hear(header, Heartbeat{});
    header.sender = HostId{77};
    hear(header, Heartbeat{});
    hear(good, Heartbeat{});
    hear(good, Heartbeat{});
    hear(good, Join{.order = {.content = {1, 2, 3}}});
    EXPECT_EQ(hub.links().dropped(),
              (DroppedFrames{.stale_link = 2, .repeated = 1, .bad_signature = 1}));
}

TEST_F(HubTest, AnOrderGoesToEveryChildThatClaimsItsHost) {
    // One of them has slept, and does not know yet that the host has moved.
    for (const std::uint32_t host : {2U, 3U}) {
        TestChild& child = join(host);
        store(child.sets, members_key, {child.self, HostId{9}});
        child.uplink.has_news();
    }
    run(milliseconds{50});
    Outputs out;
    EXPECT_TRUE(hub.pass_on({HostId{9}, Sealed{}}, out));
    EXPECT_EQ(out.sends.size(), 2U);
}

TEST_F(HubTest, AChildThatGaveUpAJoinJoinsItsParentAnew) {
    TestChild& child = join(2);
    const Attachment before = child.uplink.attachment();
    asleep.insert(parent);
    follow(child, order_for(HostId{2}, HostId{9}));  // host 9 may admit it all the same
    run(milliseconds{5});
    asleep.erase(parent);
    follow(child, order_for(HostId{2}, parent));
    run(milliseconds{50});
    // So its place is told with an attachment that is newer than what host 9 can say.
    EXPECT_TRUE(child.uplink.is_attached());
    EXPECT_EQ(child.uplink.attachment().value, before.value + 2);
    ASSERT_NE(hub.links().find(HostId{2}), nullptr);
    EXPECT_EQ(hub.links().find(HostId{2})->link, child.uplink.link());
}

TEST_F(HubTest, AChildThatFindsItselfAboveItsOwnParentOpensTheRing) {
    TestChild& child = join(2);
    standing.path = {HostId{2}, HostId{7}, parent};
    run(timing.interval * 2);
    EXPECT_FALSE(child.uplink.is_attached());
    EXPECT_TRUE(child.uplink.take_wants_place());
}

TEST_F(HubTest, AParentThatSaysNothingIsLeftAndAPlaceIsWanted) {
    TestChild& child = join(2);
    asleep.insert(parent);
    run(timing.lost_after() + timing.interval * 2);
    EXPECT_FALSE(child.uplink.is_attached());
    EXPECT_EQ(child.uplink.lost_parent(), parent);
    EXPECT_TRUE(child.uplink.take_wants_place());
}

TEST_F(HubTest, AQuietLinkCarriesOneBeatAnInterval) {
    TestChild& child = join(2);
    hub.links().facts().acknowledge(hub.links().facts().newest_revision());
    run(seconds{2});
    const std::uint64_t before = hub.links().find(HostId{2})->sequence_in;
    run(seconds{20});
    const std::uint64_t beats = hub.links().find(HostId{2})->sequence_in - before;
    EXPECT_GE(beats, 18U);
    EXPECT_LE(beats, 22U);
    static_cast<void>(child);
}

}  // namespace
}  // namespace coppice
