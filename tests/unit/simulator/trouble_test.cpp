// What can be wrong with lines, clocks, disks and loops without anything having failed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "simulator/fleet.h"
#include "tests/unit/simulator/puppets.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Route own{1};

std::vector<std::uint64_t> first_numbers(std::uint64_t count) {
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t number = 1; number <= count; ++number) numbers.push_back(number);
    return numbers;
}

/// A connection that stands.
struct Line {
    explicit Line(const NetworkOptions& options) : theatre{2, {.seed = 5, .network = options}} {
        theatre.connect(0, 1, own);
        theatre.world.run_for(1s);
    }
    void send_all(std::uint64_t count) {
        for (const std::uint64_t number : first_numbers(count)) theatre.send(0, own, number);
    }
    /// From now until the newest frame arrived.
    Duration took(Instant since) { return theatre[1].seen.back().time - since; }
    PuppetTheatre theatre;
};

TEST(Latency, IsSpreadAsItsPointsSay) {
    const Latency latency{1ms, 2ms, 10ms, 50ms};
    std::vector<Duration> drawn;
    for (std::uint64_t seed = 0; seed < 10'000; ++seed) drawn.push_back(latency.draw(seed));
    std::sort(drawn.begin(), drawn.end());
    EXPECT_GE(drawn.front(), 1ms);
    EXPECT_LE(drawn.back(), 50ms);
    EXPECT_NEAR(static_cast<double>(drawn[5000].count()), 2e6, 1e5);
    EXPECT_NEAR(static_cast<double>(drawn[9900].count()), 10e6, 1e6);
}

TEST(Lines, RacksAndSitesDecideHowLongAFrameTakes) {
    const Latency fixed_near{1ms, 1ms, 1ms, 1ms};
    const Latency fixed_site{3ms, 3ms, 3ms, 3ms};
    const Latency fixed_far{20ms, 20ms, 20ms, 20ms};
    const std::vector<HostPlan> roster{{"a", {{"site", "x"}, {"rack", "1"}}},
                                       {"b", {{"site", "x"}, {"rack", "1"}}},
                                       {"c", {{"site", "x"}, {"rack", "2"}}},
                                       {"d", {{"site", "y"}, {"rack", "3"}}}};
    NetworkOptions network;
    network.same_rack = fixed_near;
    network.same_site = fixed_site;
    network.far = fixed_far;
    Fleet fleet{{.roster = roster, .network = network}};
    std::map<HostIndex, Duration> took;
    for (HostIndex to = 2; to <= 4; ++to) {
        const Instant begin = fleet.world().now();
        // A probe of a host that is down comes back refused after one way and back.
        fleet.world().network().probe(
            1, {ProbeId{to}, {"tcp://" + roster[to - 1].name + ":7401"}, 500ms});
        while (fleet.world().schedule().run_next(begin + 400ms))
            took[to] = fleet.world().now() - begin;
    }
    EXPECT_EQ(took[2], 2ms);
    EXPECT_EQ(took[3], 6ms);
    EXPECT_EQ(took[4], 40ms);
}

TEST(Lines, ALimitOnBytesMakesFramesWaitTheirTurn) {
    NetworkOptions narrow;
    narrow.bytes_per_second = 10'000;
    Line line{narrow};
    const Instant begin = line.theatre.world.now();
    line.send_all(100);
    line.theatre.world.run_for(10s);
    EXPECT_EQ(line.theatre.received(1), first_numbers(100));
    const auto bytes = static_cast<double>(line.theatre.world.network().counters().bytes);
    EXPECT_NEAR(static_cast<double>(line.took(begin).count()), bytes / 10'000 * 1e9, 2e7);
}

TEST(Lines, TwoSendersShareTheLineOfTheReceiver) {
    NetworkOptions narrow;
    narrow.bytes_per_second = 10'000;
    PuppetTheatre theatre{3, {.seed = 5, .network = narrow}};
    for (const HostIndex from : {0U, 1U}) theatre.connect(from, 2, own);
    theatre.world.run_for(1s);
    const Instant begin = theatre.world.now();
    for (std::uint64_t number = 1; number <= 50; ++number)
        for (const HostIndex from : {0U, 1U}) theatre.send(from, own, number);
    theatre.world.run_for(10s);
    const auto bytes = static_cast<double>(theatre.world.network().counters().bytes);
    const Duration took = theatre[2].seen.back().time - begin;
    EXPECT_NEAR(static_cast<double>(took.count()), bytes / 10'000 * 1e9, 2e7);
}

TEST(Lines, AClogDelaysUntilItEnds) {
    Line line{{}};
    Network& network = line.theatre.world.network();
    network.clog(1, 300ms);
    Instant begin = line.theatre.world.now();
    line.send_all(1);
    line.theatre.world.run_for(1s);
    EXPECT_GE(line.took(begin), 300ms);
    EXPECT_FALSE(network.is_predictable());
    network.clog(1, 0ms);
    begin = line.theatre.world.now();
    line.theatre.send(0, own, 2);
    line.theatre.world.run_for(1s);
    EXPECT_LE(line.took(begin), 10ms);
    EXPECT_TRUE(network.is_predictable());
}

TEST(Lines, FramesCanArriveTwiceAndOutOfOrder) {
    NetworkOptions bad;
    bad.duplicate = 0.2;
    bad.reorder = 0.2;
    Line line{bad};
    line.send_all(200);
    line.theatre.world.run_for(10s);
    std::vector<std::uint64_t> received = line.theatre.received(1);
    EXPECT_GT(received.size(), 220U);
    EXPECT_FALSE(std::is_sorted(received.begin(), received.end()));
    std::sort(received.begin(), received.end());
    received.erase(std::unique(received.begin(), received.end()), received.end());
    EXPECT_EQ(received, first_numbers(200));
}

TEST(Clocks, AFastClockReachesItsDeadlinesEarly) {
    for (const std::int64_t ppm : {-100'000, -50, 0, 200, 100'000}) {
        PuppetTheatre theatre{1};
        theatre.world.host(0).crash();
        theatre.world.host(0).set_clock({.ppm = ppm, .offset = 0ms});
        theatre.world.host(0).start();
        theatre[0].deadline = Instant{100s};
        theatre.act(0, {});
        Instant fired{};
        theatre.world.schedule().after(0s, [] {});
        while (theatre.world.schedule().run_next(Instant{200s}))
            if (!theatre[0].all<DeadlineReached>().empty() && fired == Instant{})
                fired = theatre.world.now();
        ASSERT_THAT(theatre[0].all<DeadlineReached>(), SizeIs(1));
        const double expected = 100e9 / (1 + static_cast<double>(ppm) / 1e6);
        EXPECT_NEAR(static_cast<double>(fired.time_since_epoch().count()), expected, 2e6);
    }
}

TEST(Clocks, AWallClockThatIsAheadReadsAhead) {
    PuppetTheatre theatre{2};
    theatre.world.host(1).crash();
    theatre.world.host(1).set_clock({.ppm = 0, .offset = 90s});
    theatre.world.host(1).start();
    theatre.world.run_for(61s);
    const UnixMillis right = theatre[0].all<ClockRead>()[0].unix_time;
    EXPECT_EQ(theatre[1].all<ClockRead>()[0].unix_time - right, 90s);
}

TEST(Loops, AnOverloadedHostTakesItsInputsOneAfterAnother) {
    Line line{{}};
    line.theatre.world.host(1).set_overload(100ms);
    const Instant begin = line.theatre.world.now();
    line.send_all(10);
    line.theatre.world.run_for(10s);
    EXPECT_EQ(line.theatre.received(1), first_numbers(10));
    EXPECT_GE(line.took(begin), 100ms);
    EXPECT_FALSE(line.theatre.world.host(1).is_idle());
    line.theatre.world.host(1).set_overload(0ms);
    EXPECT_TRUE(line.theatre.world.host(1).is_idle());
}

TEST(Loops, WhatWaitsForAnOverloadedHostIsTakenWhenTheOverloadEnds) {
    Line line{{}};
    line.theatre.world.host(1).set_overload(10s);
    line.send_all(10);
    line.theatre.world.run_for(15s);
    ASSERT_THAT(line.theatre.received(1), Not(IsEmpty()));
    line.send_all(10);
    line.theatre.world.run_for(1s);
    ASSERT_THAT(line.theatre.received(1), SizeIs(testing::Lt(20U)));
    line.theatre.world.host(1).set_overload(0s);
    line.theatre.world.run_for(1ms);
    EXPECT_THAT(line.theatre.received(1), SizeIs(20));
}

TEST(Loops, AnOverloadThatEndsDoesNotShortenASlowCommit) {
    Line line{{}};
    line.theatre.world.host(0).store().set_commit_time(2s);
    const Instant begin = line.theatre.world.now();
    line.theatre.world.host(0).set_overload(10s);
    Outputs outputs;
    outputs.writes.emplace_back(Put{AppliedRecord{.topic = "motd", .version = 1}});
    outputs.sends.push_back({own, Frame{.header = {.sequence = 1}, .body = Leave{}}});
    line.theatre.act(0, std::move(outputs));
    line.theatre.world.host(0).set_overload(0s);
    line.theatre.world.run_for(5s);
    EXPECT_GE(line.took(begin), 2s);
}

TEST(Disks, AFullDiskTakesNothingMoreAndErases) {
    VirtualStore store;
    const AppliedRecord record{.topic = "motd", .version = 1};
    const std::vector<Write> put{Put{record}};
    const std::vector<Write> erase{Erase{key_of(Record{record})}};
    ASSERT_TRUE(store.commit(put).ok());
    store.set_full(true);
    EXPECT_FALSE(store.commit(put).ok());
    EXPECT_TRUE(store.commit(erase).ok());
    store.set_full(false);
    EXPECT_TRUE(store.commit(put).ok());
    store.wipe();
    EXPECT_THAT(store.all<AppliedRecord>(), IsEmpty());
}

TEST(Disks, WhatFollowsFromASlowCommitWaitsForIt) {
    Line line{{}};
    line.theatre.world.host(0).store().set_commit_time(2s);
    const Instant begin = line.theatre.world.now();
    Outputs outputs;
    outputs.writes.emplace_back(Put{AppliedRecord{.topic = "motd", .version = 1}});
    outputs.sends.push_back({own, Frame{.header = {.sequence = 1}, .body = Leave{}}});
    line.theatre.act(0, std::move(outputs));
    line.theatre.send(0, own, 2);
    line.theatre.world.run_for(10s);
    EXPECT_THAT(line.theatre.received(1), ElementsAre(1, 2));
    EXPECT_GE(line.took(begin), 2s);
}

}  // namespace
}  // namespace coppice
