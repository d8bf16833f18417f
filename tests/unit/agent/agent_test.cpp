#include "agent/agent.h"

#include <gtest/gtest.h>

#include "tests/support/link_bench.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::key_of_host;
using testing::order_for;

constexpr HostId self{5};

class AgentTest : public ::testing::Test {
protected:
    [[nodiscard]] static AgentConfig config() {
        return {.fleet = "f",
                .name = "n5",
                .key = key_of_host(self),
                .addresses = {"tcp://h5:1"},
                .managers = {{.host = manager_host, .key = key_of_host({}), .addresses = {"m"}}},
                .token_id = "t",
                .seed = 7};
    }

    void start(const std::vector<Record>& records = {}) {
        agent = std::make_unique<Agent>(config(), Loaded{.term = 1, .records = records}, notary);
        step(Started{});
    }
    void step(const Input& input) {
        out = agent->step(input, now);
        for (const Connect& connect : out.connects) peers[connect.route] = connect.peer;
        sent.insert(sent.end(), out.sends.begin(), out.sends.end());
        for (const Write& write : out.writes) written.push_back(write);
    }
    void wait(Duration span) {
        const Instant end = now + span;
        while (agent->next_deadline() <= end) {
            now = std::max(now, agent->next_deadline());
            step(DeadlineReached{});
        }
        now = end;
    }
    /// A frame on the newest connection to that peer.
    void receive(HostId from, Message body) {
        Route route;
        for (const auto& [opened, peer] : peers)
            if (peer.host == from) route = opened;
        LinkId link;
        for (const Send& one : sent)
            if (one.route == route) link = one.frame.header.link;
        const Header header{.sender = from, .link = link, .sequence = ++sequence};
        step(Received{route, key_of_host(from), {header, std::move(body)}});
    }
    void order(const Order& given) {
        receive(manager_host, Registered{.order = notary.seal(given)});
    }
    void join_parent() {
        order(order_for(self, HostId{2}));
        receive(HostId{2}, Welcome{.path = {HostId{1}, HostId{2}}});
    }
    template <class Body>
    [[nodiscard]] std::size_t count() const {
        return static_cast<std::size_t>(std::count_if(
            sent.begin(), sent.end(),
            [](const Send& one) { return std::holds_alternative<Body>(one.frame.body); }));
    }
    void become_branch_with_child() {
        start();
        Order branch = order_for(self, HostId{2});
        branch.role = Role::branch;
        order(branch);
        receive(HostId{2}, Welcome{.path = {HostId{1}, HostId{2}}});
        ASSERT_EQ(answer_to_join(HostId{8}, order_for(HostId{8}, self)), std::nullopt);
    }
    void leave_child(bool is_moving) {
        const Header header{.sender = HostId{8}, .incarnation = {1}, .link = {77}, .sequence = 2};
        step(Received{Route{40}, key_of_host(HostId{8}), {header, Leave{.is_moving = is_moving}}});
    }
    [[nodiscard]] std::optional<Refusal> answer_to_join(HostId child, const Order& ticket) {
        const Header header{.sender = child, .incarnation = {1}, .link = {77}, .sequence = 1};
        step(Received{Route{40}, key_of_host(child), {header, Join{.order = notary.seal(ticket)}}});
        const auto* refused = std::get_if<Refused>(&out.sends.back().frame.body);
        return refused == nullptr ? std::nullopt : std::optional{refused->reason};
    }

    testing::FakeNotary notary;
    std::unique_ptr<Agent> agent;
    Instant now{seconds{50}};
    Outputs out;
    std::vector<Send> sent;
    std::vector<Write> written;
    std::map<Route, PeerAddress> peers;
    std::uint64_t sequence = 0;
};

TEST_F(AgentTest, TheIncarnationIsWrittenInTheStepThatFirstSpeaksOfIt) {
    start({IdentityRecord{.name = "n5", .host = self, .incarnation = {3}}});
    ASSERT_EQ(out.writes.size(), 1U);
    const auto& identity = std::get<IdentityRecord>(std::get<Put>(out.writes.front()).record);
    EXPECT_GT(identity.incarnation, Incarnation{3});
    ASSERT_FALSE(out.sends.empty());
    EXPECT_EQ(out.sends.front().frame.header.incarnation, identity.incarnation);
}

TEST_F(AgentTest, TwoRunsThatBeginFromTheSameStateDoNotShareAnIncarnation) {
    AgentConfig later = config();
    ++later.seed;
    const Agent first{config(), Loaded{.term = 1}, notary};
    const Agent second{later, Loaded{.term = 1}, notary};
    EXPECT_NE(first.view().incarnation, second.view().incarnation);
}

TEST_F(AgentTest, ItRegistersUntilItIsAnswered) {
    start();
    wait(seconds{10});
    EXPECT_GE(count<Register>(), 4U);
    EXPECT_LE(count<Register>(), 8U) << "with growing pauses";
    order(order_for(self, HostId{2}));
    const std::size_t asked = count<Register>();
    wait(seconds{10});
    EXPECT_EQ(count<Register>(), asked);
}

TEST_F(AgentTest, AFirstRegistrationThatIsRefusedEndsTheAgentWithTheManagersSentence) {
    start();
    receive(manager_host,
            Registered{.result = Registration::bad_token, .sentence = "make a token"});
    EXPECT_TRUE(out.stopped);
    ASSERT_FALSE(out.notices.empty());
    EXPECT_EQ(out.notices.front().text, "make a token");
}

TEST_F(AgentTest, AKnownHostThatIsRefusedKeepsAsking) {
    start({IdentityRecord{.name = "n5", .host = self, .incarnation = {3}}});
    receive(manager_host, Registered{.result = Registration::unavailable, .sentence = "later"});
    EXPECT_FALSE(out.stopped);
}

TEST_F(AgentTest, AnIncarnationThatWentBackInTimeGoesOnAboveTheNewest) {
    start();
    const Incarnation newest{agent->view().incarnation.value + 9};
    receive(manager_host, Registered{.result = Registration::stale_incarnation, .newest = newest});
    EXPECT_GT(agent->view().incarnation, newest);
    EXPECT_FALSE(out.writes.empty());
}

TEST_F(AgentTest, AnOrderIsWrittenBeforeItIsFollowed) {
    start();
    order(order_for(self, HostId{2}));
    ASSERT_EQ(out.writes.size(), 1U);
    ASSERT_EQ(out.connects.size(), 1U);
    EXPECT_EQ(out.connects.front().peer.host, HostId{2});
}

TEST_F(AgentTest, OrdersForOthersForgedOrOlderAreNotObeyed) {
    start();
    order(order_for(self, HostId{2}, 5));
    Order other = order_for(HostId{6}, HostId{3}, 9);
    order(other);
    Order foreign = order_for(self, HostId{3}, 9);
    foreign.fleet = "g";
    order(foreign);
    Sealed forged = notary.seal(order_for(self, HostId{3}, 9));
    forged.signature.fill(0);
    receive(manager_host, Registered{.order = forged});
    order(order_for(self, HostId{3}, 4));
    EXPECT_EQ(agent->view().stamp, (Stamp{1, 5}));
}

TEST_F(AgentTest, WithoutAManagerItJoinsWhereItsLastOrderSays) {
    Order last = order_for(self, HostId{2}, 3);
    last.role = Role::branch;
    start({IdentityRecord{.name = "n5", .host = self, .order = notary.seal(last)}});
    wait(seconds{3});
    EXPECT_GE(count<Join>(), 1U);
    EXPECT_EQ(agent->view().role, Role::leaf) << "a role is never taken back";
}

TEST_F(AgentTest, AnOrderFromBeforeTheLastOneOfAnEarlierRunIsNotObeyed) {
    const Sealed last = notary.seal(order_for(self, HostId{2}, 3));
    start({IdentityRecord{.name = "n5", .host = self, .order = last}});
    order(order_for(self, HostId{3}, 2));
    EXPECT_EQ(agent->view().stamp, Stamp{});
    EXPECT_EQ(count<Join>(), 0U);
    order(order_for(self, HostId{2}, 3));
    EXPECT_EQ(agent->view().stamp, (Stamp{1, 3})) << "the same again is";
}

TEST_F(AgentTest, MovingOnOrderKeepsTheOldParentUntilTheNewOneSaysWelcome) {
    start();
    join_parent();
    EXPECT_EQ(agent->view().parent, HostId{2});
    const Sealed move = notary.seal(order_for(self, HostId{3}, 2));
    receive(HostId{2}, Ordered{self, move});
    EXPECT_EQ(agent->view().parent, HostId{2});
    EXPECT_EQ(count<Leave>(), 0U);
    receive(HostId{3}, Welcome{.path = {HostId{1}, HostId{3}}});
    EXPECT_EQ(agent->view().parent, HostId{3});
    EXPECT_EQ(count<Leave>(), 1U);
}

TEST_F(AgentTest, APushThatIsForgedDoesNotStandInTheWayOfTheGenuineOne) {
    start();
    join_parent();
    const auto down = [&](const Sealed& sealed) {
        receive(HostId{2}, PushDown{.push = {4},
                                    .topic = "t",
                                    .version = 1,
                                    .target = {self},
                                    .content = std::make_shared<const Sealed>(sealed)});
    };
    PushContent content{.fleet = "f", .push = {4}, .topic = "t", .version = 1, .payload = {1}};
    Sealed forged = notary.seal(content);
    forged.signature.fill(0);
    down(forged);
    ASSERT_EQ(out.notices.size(), 1U);
    EXPECT_EQ(out.notices.front().what, "agent.bad_push");
    PushContent another = content;
    another.push = {3};
    down(notary.seal(another));
    EXPECT_TRUE(out.applies.empty());
    down(notary.seal(content));
    EXPECT_EQ(out.applies.size(), 1U);
}

TEST_F(AgentTest, ALeafTakesNobodyIn) {
    start();
    join_parent();
    EXPECT_EQ(answer_to_join(HostId{8}, order_for(HostId{8}, self)), Refusal::not_a_parent);
}

TEST_F(AgentTest, ABranchTakesInAndADemotedOneDrains) {
    start();
    Order branch = order_for(self, HostId{2});
    branch.role = Role::branch;
    order(branch);
    receive(HostId{2}, Welcome{.path = {HostId{1}, HostId{2}}});
    EXPECT_EQ(answer_to_join(HostId{8}, order_for(HostId{8}, self)), std::nullopt);
    EXPECT_EQ(agent->view().children, 1U);
    order(order_for(self, HostId{2}, 2));
    EXPECT_EQ(agent->view().children, 1U) << "what it has it serves";
    EXPECT_EQ(answer_to_join(HostId{9}, order_for(HostId{9}, self)), Refusal::draining);
    wait(seconds{30});
    EXPECT_EQ(agent->view().children, 0U);
    EXPECT_EQ(agent->view().role, Role::leaf);
}

TEST_F(AgentTest, AnUnderstudyKeepsItsLineToTheManagerWarm) {
    start();
    Order given = order_for(self, HostId{2});
    given.is_understudy = true;
    order(given);
    wait(seconds{35});
    EXPECT_GE(count<Seek>(), 3U);
}

TEST_F(AgentTest, APlannedStopSaysGoodbye) {
    start();
    join_parent();
    step(StopRequested{});
    EXPECT_TRUE(out.stopped);
    EXPECT_EQ(count<Leave>(), 1U);
    EXPECT_EQ(agent->next_deadline(), never);
}

TEST_F(AgentTest, APlannedStopOfABranchWaitsUntilItsChildrenHaveOtherParents) {
    become_branch_with_child();
    step(StopRequested{});
    EXPECT_FALSE(out.stopped);
    EXPECT_EQ(count<Leave>(), 0U);
    ASSERT_EQ(count<Seek>(), 1U);
    EXPECT_TRUE(std::get<Seek>(sent.back().frame.body).is_leaving);
    order(order_for(self, HostId{2}, 2));
    EXPECT_FALSE(out.stopped) << "its child is still here";
    leave_child(true);
    EXPECT_TRUE(out.stopped);
    EXPECT_EQ(count<Leave>(), 1U) << "to its parent alone";
}

TEST_F(AgentTest, APlannedStopThatNobodyAnswersTakesItsTimeAndNoMore) {
    become_branch_with_child();
    step(StopRequested{});
    wait(Timing{}.handover_max() - milliseconds{1});
    EXPECT_FALSE(out.stopped);
    EXPECT_GE(count<Seek>(), 3U) << "asked again and again";
    wait(milliseconds{1});
    EXPECT_TRUE(out.stopped);
    EXPECT_EQ(count<Leave>(), 2U) << "to its parent and to its child";
}

TEST_F(AgentTest, ASecondRequestToStopEndsIt) {
    become_branch_with_child();
    step(StopRequested{});
    step(StopRequested{});
    EXPECT_TRUE(out.stopped);
    EXPECT_EQ(count<Leave>(), 2U) << "to its parent and to its child";
}

TEST_F(AgentTest, AHostThatWasPausedDoesNotAccuseItsParent) {
    start();
    join_parent();
    now += seconds{60};  // nobody called it for a minute
    step(DeadlineReached{});
    EXPECT_EQ(agent->view().parent, HostId{2});
}

TEST_F(AgentTest, AQuestionIsAnsweredWithThisHostsOwnMeasurement) {
    start();
    join_parent();
    receive(HostId{2}, WindowOpened{.window = {{1, 1}, 4},
                                    .measurement = "load1",
                                    .target = {self},
                                    .closes_in = seconds{1}});
    EXPECT_TRUE(out.measure);
    step(Measured{{{"load1", 0.5}}});
    ASSERT_EQ(count<WindowClosed>(), 1U);
    const auto& answer = std::get<WindowClosed>(sent.back().frame.body);
    EXPECT_EQ(answer.partial, partial_of(self, 0.5));
}

TEST_F(AgentTest, AWindowOpenedBeforeTheJoinIsNotContributedTo) {
    start();
    order(order_for(self, HostId{2}));
    receive(HostId{2}, Welcome{.path = {HostId{1}, HostId{2}}, .first_window = {{1, 1}, 5}});
    receive(HostId{2},
            WindowOpened{.window = {{1, 1}, 4}, .target = {self}, .closes_in = seconds{1}});
    EXPECT_FALSE(out.measure);
}

}  // namespace
}  // namespace coppice
