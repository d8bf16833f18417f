#include "agent/agent.h"

#include "tests/support/host_values.h"
#include "tests/unit/agent/agent_bench.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::key_of_host;
using testing::order_for;

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
                                    .inquiry = testing::load1_inquiry,
                                    .target = {self},
                                    .closes_in = seconds{1}});
    EXPECT_TRUE(out.measure);
    step(Measured{{{"load1", 0.5}}});
    ASSERT_EQ(count<WindowClosed>(), 1U);
    const auto& answer = std::get<WindowClosed>(sent.back().frame.body);
    EXPECT_EQ(answer.partial, testing::load1_partial(self, 0.5));
}

TEST_F(AgentTest, AQuestionIsGroupedByWhatTheHostIsAndWhatItsOrderSays) {
    start();
    Order given = order_for(self, HostId{2});
    given.labels = {{"zone", "z1"}};
    order(given);
    receive(HostId{2}, Welcome{.path = {HostId{1}, HostId{2}}});
    const Inquiry inquiry{.folds = {{FoldSpec::Kind::distinct, "kernel"}},
                          .by = {"host", "release", "kernel", "zone", "nothing"}};
    receive(
        HostId{2},
        WindowOpened{
            .window = {{1, 1}, 4}, .inquiry = inquiry, .target = {self}, .closes_in = seconds{1}});
    step(Measured{});
    ASSERT_EQ(count<WindowClosed>(), 1U);
    const auto& answer = std::get<WindowClosed>(sent.back().frame.body);
    ASSERT_EQ(answer.partial.groups.size(), 1U);
    EXPECT_EQ(answer.partial.groups.begin()->first,
              (GroupKey{config().name, config().release, "6.1", "z1", ""}));
}

TEST_F(AgentTest, AWindowThatNoRootHasNumberedIsLeftToTheRoot) {
    start();
    join_parent();
    receive(HostId{2},
            WindowOpened{.window = {{1, 99}, 0}, .target = {self}, .closes_in = seconds{1}});
    EXPECT_FALSE(out.measure);
    receive(HostId{2},
            WindowOpened{.window = {{1, 1}, 4}, .target = {self}, .closes_in = seconds{1}});
    EXPECT_TRUE(out.measure) << "it bars no other";
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
