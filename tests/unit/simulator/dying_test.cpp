#include "simulator/dying.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

DyingOptions of(std::uint32_t hosts, double dead) {
    DyingOptions options;
    options.fleet.hosts = hosts;
    options.fleet.fanout = 8;
    options.fleet.is_passing_over = true;
    options.dead = dead;
    options.deaths = 12;
    return options;
}

TEST(Dying, TimesKilledProcessesAndSilentHosts) {
    const DyingReport report = run_deaths(of(60, 0));
    EXPECT_THAT(report.broken, IsEmpty());
    EXPECT_EQ(report.dead, 0U);
    EXPECT_EQ(report.false_lost, 0U);
    EXPECT_THAT(report.killed, SizeIs(12));
    EXPECT_THAT(report.killed, Each(Le(1s)));
    EXPECT_THAT(report.silent, SizeIs(12));
    EXPECT_THAT(report.silent, Each(Ge(2500ms)));
    EXPECT_THAT(report.silent, Each(Le(6s)));
}

TEST(Dying, WaitsUntilTheFleetIsOverThoseWhoDiedBefore) {
    const DyingReport report = run_deaths(of(60, 0.5));
    EXPECT_THAT(report.broken, IsEmpty());
    EXPECT_EQ(report.dead, 30U);
    EXPECT_GE(report.dead_known, 2500ms);
    EXPECT_GE(report.dead_mended, report.dead_known);
    EXPECT_EQ(report.false_lost, 0U);
    EXPECT_THAT(report.killed, SizeIs(12));
    EXPECT_THAT(report.silent, Each(Le(6s)));
}

TEST(Dying, IsTheSameForTheSameSeed) {
    const DyingReport first = run_deaths(of(30, 0.2));
    const DyingReport again = run_deaths(of(30, 0.2));
    EXPECT_EQ(first.hash, again.hash);
    EXPECT_EQ(first.silent, again.silent);
}

}  // namespace
}  // namespace coppice
