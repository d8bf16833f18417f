#include "manager/detection_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// 1000 hosts, the host in question two links below the root.
PlannedFleet fleet() {
    return {.hosts = 1000, .fanout = 32, .position = {.depth = 2}, .message = 10ms};
}

TEST(DetectionPlan, TakesTheLongestIntervalThatDetectsInTime) {
    const DetectionPlan plan = plan_detection({.silent = 5s}, fleet());
    EXPECT_TRUE(plan.is_met);
    EXPECT_EQ(plan.sentence, "");
    EXPECT_EQ(plan.interval, 1240ms);
    EXPECT_EQ(plan.silent, 5s);
    EXPECT_EQ(plan.fanout, 32U);
    EXPECT_EQ(plan.depth, 2U);
}

TEST(DetectionPlan, MeetsAllTargetsTogether) {
    const DetectionPlan plan = plan_detection({.silent = 5s,
                                               .false_deaths_per_host_year = 0.1,
                                               .bytes_per_branch = 10'000,
                                               .loss = 0.001},
                                              fleet());
    EXPECT_TRUE(plan.is_met) << plan.sentence;
    EXPECT_LE(plan.silent, 5s);
    EXPECT_LE(plan.false_deaths_per_host_year, 0.1);
    EXPECT_LE(plan.bytes_per_branch, 10'000);
}

TEST(DetectionPlan, TakesTheShortestIntervalWithoutATargetOfDetection) {
    const DetectionPlan bytes = plan_detection({.bytes_per_branch = 33 * 313 / 2.0}, fleet());
    EXPECT_TRUE(bytes.is_met);
    EXPECT_EQ(bytes.interval, 2s);
    const DetectionPlan deaths =
        plan_detection({.false_deaths_per_host_year = 0.01, .loss = 0.001}, fleet());
    EXPECT_TRUE(deaths.is_met);
    EXPECT_LE(deaths.false_deaths_per_host_year, 0.01);
    EXPECT_GT(deaths.false_deaths_per_host_year, 0.0099);
    EXPECT_EQ(plan_detection({.bytes_per_branch = 1e9}, fleet()).interval, 100ms);
}

TEST(DetectionPlan, LowersTheFanoutWhenTheBytesNeedIt) {
    const DetectionPlan plan = plan_detection({.silent = 5s, .bytes_per_branch = 2000}, fleet());
    EXPECT_TRUE(plan.is_met);
    EXPECT_EQ(plan.fanout, 6U) << "7 links of 313 B in 1.2 s";
    EXPECT_EQ(plan.depth, 5U) << "that of the deepest host";
    EXPECT_LE(plan.bytes_per_branch, 2000);
    EXPECT_LE(plan.silent, 5s);
}

TEST(DetectionPlan, SaysHowSoonDetectionCanBe) {
    const DetectionPlan plan = plan_detection({.silent = 300ms}, fleet());
    EXPECT_FALSE(plan.is_met);
    EXPECT_EQ(plan.sentence,
              "detection within 300 ms cannot be had: at the shortest interval, 100 ms, a silent "
              "host is known after 440 ms at the latest");
    EXPECT_EQ(plan.interval, 100ms);
    EXPECT_TRUE(plan_detection({.silent = 440ms}, fleet()).is_met);
    EXPECT_FALSE(plan_detection({.silent = 439ms}, fleet()).is_met);
}

TEST(DetectionPlan, SaysHowFewBytesCanBe) {
    const DetectionPlan plan = plan_detection({.silent = 1s, .bytes_per_branch = 100}, fleet());
    EXPECT_FALSE(plan.is_met);
    EXPECT_EQ(plan.fanout, 2U);
    EXPECT_THAT(plan.sentence, HasSubstr("100 B/s for a branch cannot be had"));
    EXPECT_THAT(plan.sentence, HasSubstr("the longest that detects within 1 s"));
    for (const DetectionTargets& targets : {DetectionTargets{.bytes_per_branch = 1},
                                            DetectionTargets{.silent = 1h, .bytes_per_branch = 1}})
        EXPECT_THAT(plan_detection(targets, fleet()).sentence,
                    HasSubstr("an interval of 60 s, the longest that there is"));
}

TEST(DetectionPlan, SaysWhichLossOrWhichDetectionWouldDo) {
    const DetectionTargets targets{.silent = 5s, .false_deaths_per_host_year = 0.01, .loss = 0.002};
    const DetectionPlan plan = plan_detection(targets, fleet());
    EXPECT_FALSE(plan.is_met);
    EXPECT_EQ(plan.interval, 1240ms);
    EXPECT_EQ(
        plan.sentence,
        "0.01 false deaths a host and year cannot be had at a loss of 0.2%: at an interval "
        "of 1.24 s, the longest that detects within 5 s, there are 0.102; it would take a loss "
        "of at most 0.0923%, or detection within 50.5 s");
    DetectionTargets nearest = targets;
    nearest.loss = 0.000923;
    EXPECT_TRUE(plan_detection(nearest, fleet()).is_met);
    nearest = targets;
    nearest.silent = 50'520ms;
    EXPECT_TRUE(plan_detection(nearest, fleet()).is_met);
}

TEST(DetectionPlan, NamesNoDetectionThatWouldNotDoEither) {
    const DetectionPlan plan =
        plan_detection({.silent = 5s, .false_deaths_per_host_year = 0.01, .loss = 0.01}, fleet());
    EXPECT_FALSE(plan.is_met);
    EXPECT_THAT(plan.sentence, HasSubstr("a loss of at most 0.0923%"));
    EXPECT_THAT(plan.sentence, Not(HasSubstr("or detection")));
}

}  // namespace
}  // namespace coppice
