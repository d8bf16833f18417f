// Failures that belong together in truth, against the events that tell of them.
#include "simulator/burst_watch.h"

#include <gtest/gtest.h>

#include "simulator/replay.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

/// Three clusters of twenty, for ten minutes.
Outages clusters() {
    Outages outages{.hosts = {}, .span = 10min};
    for (int number = 0; number < 60; ++number) {
        const std::string cluster = "c" + std::to_string(number / 20);
        outages.hosts.push_back({.name = "h" + std::to_string(100 + number),
                                 .labels = {{"cluster", cluster}},
                                 .group = cluster});
    }
    return outages;
}

ReplayReport replay(const Outages& outages) {
    ReplayOptions options;
    options.fleet.fanout = 8;
    options.fleet.is_passing_over = true;
    return run_replay(outages, options);
}

TEST(BurstWatch, AClusterThatFailsIsGrouped) {
    Outages outages = clusters();
    for (std::size_t host = 20; host < 35; ++host) outages.hosts[host].outages = {{120s, 400s}};
    outages.hosts[50].outages = {{300s, 400s}};
    const BurstFindings found = replay(outages).bursts;
    EXPECT_EQ(found.bursts, 1U);
    EXPECT_EQ(found.bursts_grouped, 1U);
    EXPECT_EQ(found.stories, 1U);
    EXPECT_EQ(found.group_precision, 1.0);
}

TEST(BurstWatch, ScatteredFailuresAreNoBurstAndNoStory) {
    Outages outages = clusters();
    for (std::size_t host = 0; host < 60; host += 4) {
        const std::chrono::seconds begin{30 + 9 * static_cast<int>(host)};
        outages.hosts[host].outages = {{begin, begin + 30s}};
    }
    const BurstFindings found = replay(outages).bursts;
    EXPECT_EQ(found.bursts, 0U);
    EXPECT_EQ(found.stories, 0U);
    EXPECT_EQ(found.group_precision, 1.0);
}

}  // namespace
}  // namespace coppice
