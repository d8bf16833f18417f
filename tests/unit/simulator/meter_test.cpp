#include "simulator/meter.h"
#include "simulator/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "simulator/campaign.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::Ge;
using testing::Le;
using testing::SizeIs;

constexpr std::uint32_t hosts = 60;
constexpr std::uint32_t fanout = 6;

class AMeter : public testing::Test {
protected:
    AMeter() {
        fleet.add_witness(meter);
        fleet.start();
        EXPECT_TRUE(fleet.settle(10s));
        meter.begin_loads();
    }
    HostIndex one_with(Role role) const {
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            if (fleet.agent(host)->view().role == role) return host;
        return 1;
    }
    std::uint32_t children_of(HostIndex host) const { return fleet.agent(host)->view().children; }

    Fleet fleet{{.hosts = hosts, .fanout = fanout, .seed = 5}};
    Meter meter{fleet};
};

TEST_F(AMeter, CountsEveryFrameAndByteOfTheNetworkOnce) {
    fleet.world().run_for(10s);
    Sent all;
    for (const Sent& sent : meter.sent()) {
        all.frames += sent.frames;
        all.bytes += sent.bytes;
    }
    const NetworkCounters& network = fleet.world().network().counters();
    EXPECT_EQ(all.frames, network.frames);
    constexpr std::uint64_t newest_frame_max = 2000;
    EXPECT_LE(all.bytes, network.bytes);
    EXPECT_GE(all.bytes + newest_frame_max, network.bytes);
}

TEST_F(AMeter, LoadsByRoleAndByLevelAddUpToTheSame) {
    fleet.world().run_for(10s);
    const MeterReadings readings = meter.readings();
    const auto add = [](std::uint64_t sum, const Load& load) { return sum + load.frames; };
    const std::uint64_t by_role =
        std::accumulate(readings.by_role.begin(), readings.by_role.end(), std::uint64_t{0}, add);
    EXPECT_GT(by_role, hosts * 10U);
    EXPECT_EQ(by_role, std::accumulate(readings.by_level.begin(), readings.by_level.end(),
                                       std::uint64_t{0}, add));
    EXPECT_DOUBLE_EQ(readings.by_role[1].host_seconds,
                     std::chrono::duration<double>{readings.measured}.count());
    EXPECT_DOUBLE_EQ(readings.by_level[1].host_seconds,
                     std::chrono::duration<double>{readings.measured}.count());
}

TEST_F(AMeter, KnowsWhoRunsWhoHangsInTheTreeAndWhoIsCalledLive) {
    EXPECT_EQ(meter.up(), hosts);
    EXPECT_EQ(meter.attached(), hosts);
    EXPECT_EQ(meter.live(), hosts);
    fleet.crash(one_with(Role::leaf));
    EXPECT_EQ(meter.up(), hosts - 1);
    EXPECT_EQ(meter.live(), hosts) << "the manager does not know yet";
    fleet.world().run_for(5s);
    EXPECT_EQ(meter.live(), hosts - 1);
    EXPECT_EQ(meter.attached(), hosts - 1);
}

TEST_F(AMeter, SeesThatAnIdleRootHearsEachChildOncePerInterval) {
    fleet.world().run_for(5s);
    meter.begin_loads();
    fleet.world().run_for(30s);
    const MeterReadings readings = meter.readings();
    const std::uint64_t children = children_of(one_with(Role::root));
    const RootInbound inbound = root_inbound(readings);
    EXPECT_EQ(inbound.median, children);
    EXPECT_LE(inbound.most,
              children + 1);  // a beat's jitter may carry it over the edge of a window
}

TEST_F(AMeter, BlamesTheDeathOfABranchForTheMovesOfItsChildren) {
    const HostIndex branch = one_with(Role::branch);
    const std::uint32_t children = children_of(branch);
    ASSERT_GT(children, 0U);
    const std::uint64_t moves_before = meter.readings().moves;
    fleet.crash(branch);
    fleet.world().run_for(60s);
    const MeterReadings readings = meter.readings();
    ASSERT_THAT(readings.moves_per_death, SizeIs(1));
    EXPECT_EQ(readings.moves_per_death.front(), readings.moves - moves_before);
    EXPECT_GE(readings.moves_per_death.front(), children);
}

TEST_F(AMeter, DoesNotCallTheDeathOfALeafADeathThatMovesAnybody) {
    const std::uint64_t moves_before = meter.readings().moves;
    fleet.crash(one_with(Role::leaf));
    fleet.world().run_for(20s);
    EXPECT_THAT(meter.readings().moves_per_death, SizeIs(0));
    EXPECT_EQ(meter.readings().moves, moves_before);
}

TEST_F(AMeter, KeepsAFewHundredPointsHoweverLongTheRun) {
    fleet.world().run_for(1500s);
    const MeterReadings readings = meter.readings();
    EXPECT_THAT(readings.points, SizeIs(Le(600U)));
    EXPECT_THAT(readings.points, SizeIs(Ge(300U)));
    EXPECT_EQ(readings.point_width, 4s);
    std::uint64_t frames = 0;
    for (const LoadPoint& point : readings.points)
        for (const std::uint64_t count : point.frames) frames += count;
    EXPECT_EQ(frames, fleet.world().network().counters().frames);
    EXPECT_EQ(readings.points.back().up, hosts);
}

TEST(Meters, LeaveOutWhatTheWorldLeapsOver) {
    Fleet fleet{{.hosts = hosts, .fanout = fanout, .seed = 5, .is_passing_over = true}};
    Meter meter{fleet};
    fleet.add_witness(meter);
    fleet.start();
    ASSERT_TRUE(fleet.settle(10s));
    fleet.world().run_for(10s);
    meter.begin_loads();
    fleet.world().run_for(1h);
    fleet.crash(7);
    fleet.world().run_for(1h);
    const MeterReadings readings = meter.readings();
    EXPECT_GT(readings.leapt, Duration{1h});
    EXPECT_GT(readings.measured, Duration{1s});
    EXPECT_LE(readings.measured + readings.leapt, Duration{2h} + 30s);
    const Load& leaves = readings.by_role[static_cast<std::size_t>(Sender::leaf)];
    const double each_per_second = static_cast<double>(leaves.frames) / leaves.host_seconds;
    EXPECT_GT(each_per_second, 0.5) << "a leaf beats once in an interval";
    EXPECT_LT(each_per_second, 2);
    EXPECT_THAT(readings.points, SizeIs(Ge(300U)));
    EXPECT_EQ(readings.points.back().up, hosts - 1);
}

TEST(Meters, ChangeNothingInTheWorld) {
    CampaignOptions options = campaign_of_seed(3, 12);
    options.duration = 10s;
    std::unique_ptr<Meter> meter;
    const CampaignReport metered = run_campaign(options, {.on_made = [&meter](Fleet& fleet) {
                                                    meter = std::make_unique<Meter>(fleet);
                                                    fleet.add_witness(*meter);
                                                }});
    EXPECT_EQ(run_campaign(options).hash, metered.hash);
    EXPECT_GT(meter->readings().points.size(), 10U) << "which outlive the world";
}

}  // namespace
}  // namespace coppice
