// The end of a run, what it leaves behind, and what the next one says of it.
#include "tests/unit/agent/agent_bench.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::key_of_host;
using testing::order_for;

TEST_F(AgentTest, APlannedStopSaysGoodbye) {
    start();
    join_parent();
    step(StopRequested{});
    EXPECT_TRUE(out.stopped);
    EXPECT_EQ(count<Leave>(), 1U);
    EXPECT_EQ(agent->next_deadline(), never);
}

TEST_F(AgentTest, APlannedStopOnTheWayToAnotherParentSaysGoodbyeToBoth) {
    start();
    join_parent();
    receive(HostId{2}, Ordered{self, notary.seal(order_for(self, HostId{3}, 2))});
    ASSERT_EQ(agent->view().parent, HostId{2}) << "the other one has not said welcome";
    sent.clear();
    step(StopRequested{});
    EXPECT_TRUE(out.stopped);
    EXPECT_EQ(count<Leave>(), 2U);
}

TEST_F(AgentTest, APlannedStopOfABranchWaitsUntilItsChildrenHaveOtherParents) {
    become_branch_with_child();
    step(StopRequested{});
    EXPECT_FALSE(out.stopped);
    EXPECT_EQ(count<Leave>(), 0U);
    EXPECT_EQ(count<Seek>(), 0U) << "its child may be about to stop as well";
    wait(Timing{}.company());
    ASSERT_EQ(count<Seek>(), 1U);
    EXPECT_TRUE(std::get<Seek>(sent.back().frame.body).is_leaving);
    order(order_for(self, HostId{2}, 2));
    EXPECT_FALSE(out.stopped) << "its child is still here";
    leave_child(true);
    EXPECT_TRUE(out.stopped);
    EXPECT_EQ(count<Leave>(), 1U) << "to its parent alone";
}

TEST_F(AgentTest, ABranchThatStopsWithItsChildrenAsksNobodyAndPassesTheirGoodbyesOn) {
    become_branch_with_child();
    step(StopRequested{});
    leave_child(false);
    wait(Timing{}.company() / 2);
    EXPECT_FALSE(out.stopped) << "nobody else knows yet that its child has left";
    std::uint64_t told = 0;
    for (const Send& one : sent)
        if (const auto* beat = std::get_if<Heartbeat>(&one.frame.body)) told = beat->facts_revision;
    receive(HostId{2}, HeartbeatAnswer{.facts_acked = told, .path = {HostId{1}, HostId{2}}});
    EXPECT_TRUE(out.stopped);
    EXPECT_EQ(count<Leave>(), 1U);
    EXPECT_EQ(count<Seek>(), 0U);
}

TEST_F(AgentTest, AnOrphanThatStopsSaysGoodbyeToAManager) {
    start();
    order(order_for(self, HostId{2}));  // and nobody says welcome
    step(StopRequested{});
    EXPECT_FALSE(out.stopped);
    ASSERT_EQ(count<Seek>(), 1U);
    EXPECT_TRUE(std::get<Seek>(sent.back().frame.body).is_leaving);
    receive(manager_host, Ordered{.destination = self, .order = notary.seal(order_for(self, {2}))});
    EXPECT_TRUE(out.stopped);
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

TEST_F(AgentTest, ARunSaysHowTheOneBeforeItEnded) {
    EXPECT_EQ(restart(RunMark::unknown).former_end, Cause::none);
    EXPECT_EQ(restart(RunMark::ended).former_end, Cause::restart);
    EXPECT_EQ(restart(RunMark::running).former_end, Cause::crashed);
    EXPECT_FALSE(restart(RunMark::running).is_short_of_memory);
    EXPECT_EQ(restart(RunMark::ended, 1).former_end, Cause::restart) << "another one was killed";
    EXPECT_EQ(restart(RunMark::running, 1).former_end, Cause::out_of_memory);
}

TEST_F(AgentTest, ARunIsMarkedAtItsBeginningAndAtItsPlannedEnd) {
    const auto mark = [this] {
        return std::get<IdentityRecord>(std::get<Put>(written.back()).record).run;
    };
    start({}, 4);
    EXPECT_EQ(mark(), RunMark::running);
    EXPECT_EQ(std::get<IdentityRecord>(std::get<Put>(written.back()).record).oom_kills, 4U);
    join_parent();
    EXPECT_EQ(mark(), RunMark::running);
    step(StopRequested{});
    EXPECT_EQ(mark(), RunMark::ended);
}

TEST_F(AgentTest, AHostThatWasKilledForWantOfMemorySaysWhenItHasEnough) {
    EXPECT_TRUE(restart(RunMark::running, 1).is_short_of_memory);
    EXPECT_TRUE(out.measure);
    join_parent();
    const std::size_t said = count<Register>();
    step(Measured{{{"mem_free_part", 0.05}}});
    step(ClockRead{});
    EXPECT_TRUE(out.measure);
    EXPECT_EQ(count<Register>(), said);
    step(Measured{{{"mem_free_part", 0.3}}});
    ASSERT_EQ(count<Register>(), said + 1);
    const auto& request = std::get<Register>(sent.back().frame.body);
    EXPECT_EQ(request.former_end, Cause::out_of_memory);
    EXPECT_FALSE(request.is_short_of_memory);
    step(ClockRead{});
    EXPECT_FALSE(out.measure);
}

TEST_F(AgentTest, AHostThatWakesFromAPauseSaysSoWhenItJoinsAgain) {
    start();
    join_parent();
    EXPECT_FALSE(newest_join().was_paused);
    now += seconds{60};
    step(DeadlineReached{});
    receive(HostId{2}, Refused{Refusal::unknown_link});
    EXPECT_TRUE(newest_join().was_paused);
    receive(HostId{2}, Welcome{.path = {HostId{1}, HostId{2}}});
    for (int beats = 0; beats < 60; ++beats) {
        wait(seconds{1});
        receive(HostId{2}, HeartbeatAnswer{.path = {HostId{1}, HostId{2}}});
    }
    receive(HostId{2}, Refused{Refusal::unknown_link});
    EXPECT_FALSE(newest_join().was_paused) << "that was a minute ago";
}

}  // namespace
}  // namespace coppice
