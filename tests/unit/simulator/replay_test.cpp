#include "simulator/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulator/report.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// A fleet without failures, for half an hour.
Outages quiet_fleet(std::uint32_t hosts) {
    Outages outages{.hosts = {}, .span = 30min};
    for (std::uint32_t number = 1; number <= hosts; ++number)
        outages.hosts.push_back({.name = "h" + std::to_string(100 + number), .group = "g"});
    return outages;
}

ReplayReport replay(const Outages& outages, bool is_passing_over = false) {
    ReplayOptions options;
    options.fleet.fanout = 4;
    options.fleet.seed = 7;
    options.fleet.is_passing_over = is_passing_over;
    return run_replay(outages, options);
}

void expect_good(const ReplayReport& report) {
    EXPECT_THAT(report.findings.examples, IsEmpty());
    EXPECT_THAT(report.broken, IsEmpty());
    EXPECT_EQ(report.findings.missed, 0U);
    EXPECT_EQ(report.findings.false_lost, 0U);
    EXPECT_EQ(report.findings.unreachable_over_bound, 0U);
    EXPECT_EQ(report.double_counted, 0U);
}

TEST(Replay, AQuietFleetHasNothingToTell) {
    const ReplayReport report = replay(quiet_fleet(10));
    expect_good(report);
    EXPECT_EQ(report.hosts, 10U);
    EXPECT_EQ(report.findings.outages, 0U);
    EXPECT_EQ(report.meter.moves, 0U);
    EXPECT_GE(report.simulated, 30min);
}

TEST(Replay, EveryOutageOverTheBoundIsDetectedAndShortOnesNeedNotBe) {
    Outages outages = quiet_fleet(20);
    for (std::size_t host = 0; host < 20; ++host) {
        const seconds begin = 60s * static_cast<int>(host + 1);
        outages.hosts[host].outages = {{begin, begin + (host % 2 == 0 ? 30s : 1s)}};
    }
    const ReplayReport report = replay(outages);
    expect_good(report);
    EXPECT_EQ(report.findings.outages, 20U);
    EXPECT_EQ(report.findings.outages_over_bound, 10U);
    EXPECT_EQ(report.findings.detected, 10U);
    EXPECT_GE(report.findings.interior_deaths, 1U);
    EXPECT_GE(report.findings.detections.size(), 10U);
    EXPECT_LE(quantile(report.findings.detections, 1), report.bound.known);
    EXPECT_GE(report.answers, 10U);
}

TEST(Replay, HostsThatAreAbsentStartLateAndHaveNotFailed) {
    Outages outages = quiet_fleet(10);
    outages.hosts[3].absent_until = 5min;
    outages.hosts[4].absent_until = outages.span;
    const ReplayReport report = replay(outages);
    expect_good(report);
    EXPECT_EQ(report.late_starts, 2U);
    EXPECT_EQ(report.findings.outages, 0U);
}

TEST(Replay, AnOutageAtTheVeryBeginningCounts) {
    Outages outages = quiet_fleet(10);
    outages.hosts[3].outages = {{0s, 5min}};
    const ReplayReport report = replay(outages);
    expect_good(report);
    EXPECT_EQ(report.findings.detected, 1U);
}

TEST(Replay, WhenTwoThirdsDieAtOnceTheRestTellsOfThem) {
    for (std::size_t spared = 0; spared < 3; ++spared) {
        SCOPED_TRACE(spared);
        Outages outages = quiet_fleet(30);
        for (std::size_t host = 0; host < 30; ++host)
            if (host % 3 != spared) outages.hosts[host].outages = {{100s, 200s}};
        const ReplayReport report = replay(outages);
        expect_good(report);
        EXPECT_EQ(report.findings.detected + report.findings.outages_in_the_dark, 20U);
    }
}

TEST(Replay, WhenNobodyIsLeftNobodyCanTell) {
    Outages outages = quiet_fleet(10);
    for (TracedHost& host : outages.hosts) host.outages = {{100s, 200s}};
    const ReplayReport report = replay(outages);
    expect_good(report);
    EXPECT_EQ(report.findings.outages_over_bound, 10U);
    EXPECT_EQ(report.findings.outages_in_the_dark, 10U);
}

TEST(Replay, TheSameSeedGivesTheSameRun) {
    Outages outages = quiet_fleet(12);
    outages.hosts[5].outages = {{100s, 200s}};
    EXPECT_EQ(replay(outages).hash, replay(outages).hash);
    const std::uint64_t before = replay(outages).hash;
    outages.hosts[5].outages = {{101s, 200s}};
    EXPECT_NE(replay(outages).hash, before);
}

TEST(Replay, PassingOverQuietStretchesChangesNothing) {
    Outages outages = quiet_fleet(12);
    outages.hosts[2].outages = {{100s, 200s}};
    outages.hosts[5].outages = {{900s, 1200s}};
    const ReplayReport lived = replay(outages);
    const ReplayReport passed = replay(outages, true);
    EXPECT_EQ(lived.hash, passed.hash);
    EXPECT_LT(passed.events, lived.events);
    EXPECT_EQ(lived.findings.detections, passed.findings.detections);
}

}  // namespace
}  // namespace coppice
