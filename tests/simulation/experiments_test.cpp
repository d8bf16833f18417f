// Experiments that others have published of their failure detectors, repeated here.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "common/detection.h"
#include "common/random.h"
#include "simulator/fleet.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

class Experiment {
public:
    explicit Experiment(const FleetOptions& options) : fleet{options}, random{options.seed} {
        fleet.start();
        EXPECT_TRUE(fleet.settle(60s));
        fleet.world().run_for(5s);
        told_ = newest_event();
    }

    [[nodiscard]] std::string name(HostIndex host) const { return fleet.world().host(host).name(); }
    [[nodiscard]] bool is_lost(HostIndex host) const {
        return fleet.manager()->host(name(host))->state == HostState::lost;
    }
    /// `count` hosts that run, in a random order.
    std::vector<HostIndex> pick(std::size_t count) {
        std::vector<HostIndex> hosts;
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            if (fleet.agent(host) != nullptr) hosts.push_back(host);
        for (std::size_t at = 0; at < count; ++at)
            std::swap(hosts[at], hosts[at + random.below(hosts.size() - at)]);
        hosts.resize(count);
        return hosts;
    }
    /// The longest time from `kill` of a host until the manager calls it lost.
    template <class Kill>
    Duration longest_detection(int deaths, Duration bound, Kill kill) {
        Duration longest{};
        for (int death = 0; death < deaths; ++death) {
            const HostIndex victim = pick(1).front();
            const Instant start = fleet.world().now();
            kill(victim);
            EXPECT_TRUE(fleet.world().run_until([&] { return is_lost(victim); }, bound))
                << name(victim);
            longest = std::max(longest, Duration{fleet.world().now() - start});
            EXPECT_TRUE(fleet.settle(30s));
            fleet.world().run_for(random.between(0ms, 1000ms));
        }
        return longest;
    }
    /// Names of the hosts that were called lost since the last call, a window of deaths ago at
    /// least: stories tell of all their hosts while they grow.
    std::set<std::string> take_lost() {
        std::set<std::string> lost;
        for (const EventView& view : fleet.manager()->events(told_, events_max))
            if (view.event.kind == "host.lost" || view.event.kind == "hosts.lost" ||
                view.event.kind == "host.unstable")
                for (const HostId host : view.event.hosts.to_vector()) lost.insert(name_of(host));
        told_ = newest_event();
        return lost;
    }

    [[nodiscard]] double metric(const std::string& name) const {
        for (const MetricView& metric : fleet.manager()->metrics())
            if (metric.name == name) return metric.value;
        return 0;
    }

    Fleet fleet;
    Random random;

private:
    static constexpr std::size_t events_max = 1'000'000;

    [[nodiscard]] std::uint64_t newest_event() const {
        const auto events = fleet.manager()->events(0, events_max);
        return events.empty() ? 0 : events.back().change;
    }
    [[nodiscard]] std::string name_of(HostId id) const {
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            if (fleet.manager()->host(name(host))->record.id == id) return name(host);
        return "?";
    }

    std::uint64_t told_ = 0;
};

// A failure detector must not get slower, nor more eager, with the size of the fleet or with the
// number of those who are dead already.
class Sizes : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Sizes, DetectionDependsNeitherOnTheSizeNorOnTheDead) {
    for (const bool are_half_dead : {false, true}) {
        SCOPED_TRACE(are_half_dead);
        Experiment experiment{{.hosts = GetParam(), .seed = 5, .is_passing_over = true}};
        Fleet& fleet = experiment.fleet;
        std::set<std::string> dead;
        if (are_half_dead) {
            for (const HostIndex host : experiment.pick(GetParam() / 2)) {
                fleet.power_off(host);
                dead.insert(experiment.name(host));
            }
            fleet.world().run_for(60s);
            EXPECT_TRUE(fleet.settle(60s));
            EXPECT_EQ(experiment.take_lost(), dead);
        }
        EXPECT_LE(experiment.longest_detection(20, 10s, [&](HostIndex host) { fleet.crash(host); }),
                  1s);
        EXPECT_LE(
            experiment.longest_detection(20, 10s, [&](HostIndex host) { fleet.power_off(host); }),
            6s);
        EXPECT_EQ(experiment.take_lost().size(), 40U) << "nobody else";
    }
}

INSTANTIATE_TEST_SUITE_P(Hosts, Sizes, testing::Values(100U, 2000U));

// Dadgar, Phillips, Currey: Lifeguard (2018), section 5: some of 100 members are blocked at random
// for a while, and accuse the others when they wake.
class Blocked : public testing::TestWithParam<std::tuple<std::size_t, std::uint64_t>> {};

TEST_P(Blocked, HostsThatStandStillHarmNobodyElse) {
    const auto [count, seed] = GetParam();
    Experiment experiment{{.hosts = 100, .fanout = 8, .seed = seed}};
    Fleet& fleet = experiment.fleet;
    for (const Duration blocked : {100ms, 500ms, 2000ms, 3500ms, 8000ms, 32000ms}) {
        SCOPED_TRACE(std::chrono::duration<double>(blocked).count());
        std::set<std::string> names;
        const std::vector<HostIndex> hosts = experiment.pick(count);
        for (const HostIndex host : hosts) {
            fleet.pause(host);
            names.insert(experiment.name(host));
            fleet.world().run_for(experiment.random.between(0ms, 100ms));
        }
        fleet.world().run_for(blocked);
        for (const HostIndex host : hosts) fleet.resume(host);
        EXPECT_TRUE(fleet.settle(30s));
        fleet.world().run_for(30s);
        const std::set<std::string> lost = experiment.take_lost();
        if (blocked >= 32000ms) {
            EXPECT_EQ(lost, names);
            continue;
        }
        for (const std::string& name : lost) {
            EXPECT_TRUE(names.contains(name)) << name << " was well";
            EXPECT_GE(blocked, 2000ms) << name << " was silent for less than the bound";
        }
    }
}

INSTANTIATE_TEST_SUITE_P(HostsAndSeeds, Blocked,
                         testing::Combine(testing::Values(1U, 4U, 16U, 32U),
                                          testing::Range<std::uint64_t>(1, 6)));

// The same, but the members are slow instead of still: each input keeps them busy, so that what
// they are told waits, and they look at their clocks late.
TEST_P(Blocked, HostsThatAreSlowHarmNobodyElse) {
    const auto [count, seed] = GetParam();
    Experiment experiment{{.hosts = 100, .fanout = 8, .seed = seed}};
    Fleet& fleet = experiment.fleet;
    for (const Duration per_input : {5ms, 20ms, 80ms, 320ms}) {
        SCOPED_TRACE(std::chrono::duration<double>(per_input).count());
        std::set<std::string> names;
        const std::vector<HostIndex> hosts = experiment.pick(count);
        for (const HostIndex host : hosts) {
            fleet.overload(host, per_input);
            names.insert(experiment.name(host));
        }
        fleet.world().run_for(32s);
        for (const HostIndex host : hosts) fleet.overload(host, 0ms);
        EXPECT_TRUE(fleet.settle(60s));
        fleet.world().run_for(30s);
        for (const std::string& name : experiment.take_lost())
            EXPECT_TRUE(names.contains(name)) << name << " was well";
    }
}

// A policy that doubts many deaths at once must not have a share at which it changes its mind, and
// its doubt must end.
class Zones : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Zones, TheDeadOfAZoneAreFoundWhateverTheirShareAndNobodyElse) {
    constexpr std::uint32_t hosts = 300;
    const Timing timing;
    Experiment experiment{{.hosts = hosts, .fanout = 8, .seed = GetParam()}};
    Fleet& fleet = experiment.fleet;
    std::set<std::string> dead;
    std::vector<HostIndex> zone;
    for (HostIndex host = 1; host <= hosts; ++host)
        if (fleet.labels(host).at("zone") == "z1") zone.push_back(host);
    zone.resize(zone.size() * GetParam() / 100);
    for (const HostIndex host : zone) {
        fleet.power_off(host);
        dead.insert(experiment.name(host));
    }
    EXPECT_TRUE(fleet.world().run_until(
        [&] {
            return std::all_of(zone.begin(), zone.end(),
                               [&](HostIndex host) { return experiment.is_lost(host); });
        },
        detection_of(timing, travel_of_any(timing)).mass_later.total()));
    fleet.world().run_for(60s);
    EXPECT_TRUE(fleet.settle(1s));
    EXPECT_EQ(experiment.take_lost(), dead);
}

INSTANTIATE_TEST_SUITE_P(Percent, Zones, testing::Values(40U, 54U, 56U, 99U, 100U));

// Links that lose: one in twenty frames has to be sent again by TCP, or is gone for good.
class Lossy : public testing::TestWithParam<NetworkOptions> {};

TEST_P(Lossy, LinksMakeNobodyLostAndMoveNobody) {
    Experiment experiment{{.hosts = 200, .fanout = 8, .seed = 11}};
    Fleet& fleet = experiment.fleet;
    fleet.set_loss(GetParam().loss, GetParam().frame_loss);
    const double moves = experiment.metric("coppice_moves_total");
    fleet.world().run_for(20min);
    EXPECT_EQ(experiment.take_lost(), std::set<std::string>{});
    EXPECT_EQ(experiment.metric("coppice_moves_total"), moves);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Lossy,
                         testing::Values(NetworkOptions{.loss = 0.05},
                                         NetworkOptions{.frame_loss = 0.05}));

}  // namespace
}  // namespace coppice
