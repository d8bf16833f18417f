// Processes, disks and time of virtual hosts.
#include "simulator/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulator/virtual_notary.h"
#include "tests/unit/simulator/puppets.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Outputs writing(const std::string& topic) {
    Outputs outputs;
    outputs.writes.emplace_back(Put{AppliedRecord{.topic = topic, .version = 1}});
    return outputs;
}

TEST(Schedule, ActionsOfOneInstantRunInTheOrderTheyWereAskedFor) {
    Schedule schedule;
    std::vector<int> order;
    schedule.after(2s, [&order] { order.push_back(3); });
    schedule.after(1s, [&order] { order.push_back(1); });
    schedule.after(1s, [&order] { order.push_back(2); });
    while (schedule.run_next(Instant{10s})) continue;
    EXPECT_THAT(order, ElementsAre(1, 2, 3));
    EXPECT_EQ(schedule.now(), Instant{10s});
}

TEST(World, ADeadlineIsReachedOnTimeAndOnlyOnce) {
    PuppetTheatre theatre{1};
    theatre[0].deadline = Instant{3s};
    theatre.act(0, {});
    theatre[0].deadline = Instant{2s};
    theatre.act(0, {});
    theatre.world.run_for(10s);
    ASSERT_THAT(theatre[0].all<DeadlineReached>(), SizeIs(1));
    EXPECT_EQ(theatre[0].seen.back().time, Instant{2s});
}

TEST(World, APausedProcessGetsItsInputsWhenItResumes) {
    PuppetTheatre theatre{1};
    theatre[0].deadline = Instant{1s};
    theatre.act(0, {});
    theatre.world.host(0).pause();
    const std::size_t before = theatre[0].seen.size();
    theatre.world.run_for(5s);
    theatre.world.host(0).handle(StopRequested{});
    EXPECT_THAT(theatre[0].seen, SizeIs(before));
    theatre.world.host(0).resume();
    theatre.world.run_for(1s);
    EXPECT_THAT(theatre[0].all<StopRequested>(), SizeIs(1));
    EXPECT_THAT(theatre[0].all<DeadlineReached>(), SizeIs(1));
    EXPECT_GE(theatre[0].seen.back().time, Instant{5s});
}

TEST(World, WhatWasCommittedSurvivesACrashAndTheTermGrows) {
    PuppetTheatre theatre{1};
    theatre.act(0, writing("motd"));
    theatre.world.host(0).crash();
    theatre.world.host(0).start();
    EXPECT_EQ(theatre[0].runs, 2U);
    EXPECT_EQ(theatre[0].term, 2U);
    EXPECT_THAT(theatre.world.host(0).store().all<AppliedRecord>(), SizeIs(1));
}

TEST(World, AFailedCommitEndsTheProcessBeforeAnybodyHears) {
    PuppetTheatre theatre{2};
    theatre.connect(0, 1, Route{1});
    theatre.world.run_for(1s);
    theatre.world.host(0).store().set_failing(true);
    Outputs outputs = writing("motd");
    outputs.sends.push_back({Route{1}, Frame{.header = {.sequence = 1}, .body = Leave{}}});
    theatre.act(0, std::move(outputs));
    theatre.world.run_for(1s);
    EXPECT_EQ(theatre.world.host(0).phase(), VirtualHost::Phase::down);
    EXPECT_THAT(theatre.received(1), IsEmpty());
    EXPECT_THAT(theatre.world.host(0).store().all<AppliedRecord>(), IsEmpty());
}

TEST(World, AnApplyWritesToTheDiskAndIsReported) {
    PuppetTheatre theatre{1};
    const auto content = std::make_shared<const PushContent>(PushContent{.payload = {1, 2}});
    Outputs outputs;
    outputs.applies.push_back({PushId{4}, "motd", 2, content});
    theatre.act(0, std::move(outputs));
    theatre.world.run_for(1s);
    ASSERT_THAT(theatre[0].all<ApplyFinished>(), SizeIs(1));
    EXPECT_EQ(theatre[0].all<ApplyFinished>()[0].refusal, std::nullopt);
    const AppliedFile expected{2, PushId{4}, {1, 2}};
    EXPECT_EQ(theatre.world.host(0).disk().at("motd"), expected);
}

TEST(World, ARefusedApplyLeavesTheDiskAlone) {
    PuppetTheatre theatre{1};
    theatre.world.host(0).refuse("motd", "disk full");
    Outputs outputs;
    outputs.applies.push_back({PushId{4}, "motd", 2, std::make_shared<const PushContent>()});
    theatre.act(0, std::move(outputs));
    theatre.world.run_for(1s);
    ASSERT_THAT(theatre[0].all<ApplyFinished>(), SizeIs(1));
    EXPECT_EQ(theatre[0].all<ApplyFinished>()[0].refusal, "disk full");
    EXPECT_THAT(theatre.world.host(0).disk(), IsEmpty());
}

TEST(World, ACrashDuringAnApplyLeavesNothing) {
    PuppetTheatre theatre{1};
    Outputs outputs;
    outputs.applies.push_back({PushId{4}, "motd", 2, std::make_shared<const PushContent>()});
    theatre.act(0, std::move(outputs));
    theatre.world.host(0).crash();
    theatre.world.host(0).start();
    theatre.world.run_for(1s);
    EXPECT_THAT(theatre.world.host(0).disk(), IsEmpty());
    EXPECT_THAT(theatre[0].all<ApplyFinished>(), IsEmpty());
}

TEST(World, GoingBackToAnOlderVersionIsAFault) {
    PuppetTheatre theatre{1};
    for (const std::uint64_t version : {2U, 1U}) {
        Outputs outputs;
        outputs.applies.push_back(
            {PushId{version}, "motd", version, std::make_shared<const PushContent>()});
        theatre.act(0, std::move(outputs));
    }
    theatre.world.run_for(1s);
    EXPECT_THAT(theatre.world.trace().faults(), SizeIs(1));
}

TEST(World, ANodeWhoseDeadlineNeverLiesAheadIsAFault) {
    struct Spinner final : Node {
        Outputs step(const Input&, Instant) override { return {}; }
        Instant next_deadline() const override { return Instant{}; }
    };
    VirtualWorld world{{}};
    world.add_host(
        {.name = "h",
         .key = {},
         .addresses = {"tcp://h:1"},
         .measurements = {},
         .make_node = [](const Loaded&, std::uint64_t) { return std::make_unique<Spinner>(); }});
    world.host(0).start();
    world.run_for(3s);
    EXPECT_THAT(world.trace().faults(), SizeIs(1));
}

TEST(World, AMeasureIsAnsweredAndTheWallClockIsReadEveryMinute) {
    PuppetTheatre theatre{1};
    Outputs outputs;
    outputs.measure = true;
    theatre.act(0, std::move(outputs));
    theatre.world.run_for(125s);
    ASSERT_THAT(theatre[0].all<Measured>(), SizeIs(1));
    EXPECT_EQ(theatre[0].all<Measured>()[0].measurements, (std::vector<Measurement>{{"load1", 0}}));
    EXPECT_THAT(theatre[0].all<ClockRead>(), SizeIs(3));  // one of them from act()
}

std::vector<Instant> times_of_a_talk(std::uint64_t seed) {
    PuppetTheatre theatre{2, {.seed = seed, .network = {.loss = 0.1}}};
    theatre.connect(0, 1, Route{1});
    for (std::uint64_t i = 1; i <= 20; ++i) theatre.send(0, Route{1}, i);
    theatre.world.run_for(10s);
    std::vector<Instant> times;
    for (const Puppet::Seen& seen : theatre[1].seen) times.push_back(seen.time);
    return times;
}

TEST(World, TheSameSeedGivesTheSameTimesAndAnotherSeedOthers) {
    EXPECT_EQ(times_of_a_talk(1), times_of_a_talk(1));
    EXPECT_NE(times_of_a_talk(1), times_of_a_talk(2));
}

TEST(World, RunUntilStopsAsSoonAsThePredicateHolds) {
    PuppetTheatre theatre{1};
    theatre[0].deadline = Instant{2s};
    theatre.act(0, {});
    const auto is_reached = [&theatre] { return !theatre[0].all<DeadlineReached>().empty(); };
    EXPECT_TRUE(theatre.world.run_until(is_reached, 10s));
    EXPECT_EQ(theatre.world.now(), Instant{2s});
    EXPECT_FALSE(theatre.world.run_until([] { return false; }, 1s));
    EXPECT_EQ(theatre.world.now(), Instant{3s});
}

TEST(VirtualNotary, OpensItsOwnSealsAndRefusesOthers) {
    const VirtualNotary notary{1};
    const Statement statement = PushContent{.fleet = "sim", .topic = "motd", .version = 3};
    Sealed sealed = notary.seal(statement);
    ASSERT_TRUE(notary.open(sealed).ok());
    EXPECT_EQ(notary.open(sealed).value(), statement);
    EXPECT_FALSE(VirtualNotary{2}.open(sealed).ok());
    sealed.content.back() ^= 1U;
    EXPECT_FALSE(notary.open(sealed).ok());
}

}  // namespace
}  // namespace coppice
