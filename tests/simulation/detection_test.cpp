// Deaths in virtual time against the bounds that `coppice plan detection` prints: none takes
// longer, and the longest is not far below.
#include "common/detection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iomanip>
#include <iostream>

#include "common/random.h"
#include "simulator/fleet.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

constexpr Duration message = 5ms;
constexpr std::uint32_t seeds = 40;

FleetOptions options_of(std::uint64_t seed, std::uint32_t hosts, Duration interval,
                        std::uint32_t fanout) {
    const Latency latency{message, message, message, message};
    return {.hosts = hosts,
            .fanout = fanout,
            .seed = seed,
            .interval = interval,
            .network = {.same_rack = latency, .same_site = latency, .far = latency}};
}

/// A fleet at rest, some time after it came up: between any two beats.
class Calm {
public:
    Calm(std::uint64_t seed, std::uint32_t hosts, Duration interval, std::uint32_t fanout)
        : fleet{options_of(seed, hosts, interval, fanout)} {
        fleet.start();
        EXPECT_TRUE(fleet.settle(interval * 30));
        fleet.world().run_for(interval * 10);
        fleet.world().run_for(Random{seed}.between(Duration{}, interval));
    }

    std::optional<HostView> view(HostIndex host) const {
        return fleet.manager()->host(fleet.world().host(host).name());
    }
    /// A host of that depth; nothing when there is none.
    std::optional<HostIndex> at(std::uint32_t depth, bool is_understudy) const {
        std::vector<HostIndex> found;
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            if (view(host)->depth == depth && view(host)->is_understudy == is_understudy)
                found.push_back(host);
        if (found.empty()) return std::nullopt;
        return found[fleet.options().seed % found.size()];
    }
    HostIndex parent_of(HostIndex host) const { return *fleet.find(view(host)->parent); }
    /// From now until the manager calls it lost.
    Duration time_to_lost(HostIndex host) {
        const Instant begin = fleet.world().now();
        EXPECT_TRUE(fleet.world().run_until([&] { return view(host)->state == HostState::lost; },
                                            fleet.options().interval * 60));
        return fleet.world().now() - begin;
    }

    Fleet fleet;
};

struct Case {
    const char* name;
    Duration interval;
    std::uint32_t depth;
    bool is_understudy;
    Bound Detection::*bound;
    void (*kill)(Calm& calm, HostIndex host);
    double ratio_min;  // of the longest death to the bound
    std::uint32_t hosts = 45;
    std::uint32_t fanout = 3;  // too few for doubt
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

void crash(Calm& calm, HostIndex host) { calm.fleet.crash(host); }
void silence(Calm& calm, HostIndex host) { calm.fleet.power_off(host); }
void silence_with_parent(Calm& calm, HostIndex host) {
    calm.fleet.power_off(calm.parent_of(host));
    calm.fleet.power_off(host);
}
/// The parent follows when it is about to tell.
void silence_before_parent(Calm& calm, HostIndex host) {
    const HostIndex parent = calm.parent_of(host);
    calm.fleet.power_off(host);
    const Duration until_told = calm.fleet.options().interval * 27 / 10;
    calm.fleet.world().schedule().after(until_told,
                                        [&calm, parent] { calm.fleet.power_off(parent); });
}

void silence_with_siblings(Calm& calm, HostIndex host) {
    const HostIndex parent = calm.parent_of(host);
    std::vector<HostIndex> siblings;
    for (HostIndex other = 1; other < calm.fleet.world().size(); ++other)
        if (!calm.view(other)->parent.empty() && calm.parent_of(other) == parent)
            siblings.push_back(other);
    for (const HostIndex sibling : siblings) calm.fleet.power_off(sibling);
}

class Deaths : public testing::TestWithParam<Case> {};

TEST_P(Deaths, AreKnownWithinTheBoundAndTheLongestIsNotFarBelow) {
    const Case& one = GetParam();
    const Timing timing{.interval = one.interval};
    const Position position{.depth = one.depth, .is_understudy = one.is_understudy};
    const Duration bound =
        (detection_of(timing, travel_of(position, timing, message)).*one.bound).total();
    Duration longest{};
    std::uint32_t deaths = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Calm calm{seed, one.hosts, one.interval, one.fanout};
        const auto host = calm.at(one.depth, one.is_understudy);
        if (!host) continue;
        one.kill(calm, *host);
        const Duration took = calm.time_to_lost(*host);
        EXPECT_LE(took, bound);
        longest = std::max(longest, took);
        ++deaths;
    }
    EXPECT_GE(deaths, seeds / 2);
    const double ratio = static_cast<double>(longest.count()) / static_cast<double>(bound.count());
    RecordProperty("ratio", std::to_string(ratio));
    std::cout << one.name << ": the longest of " << deaths << " took "
              << longest / std::chrono::milliseconds{1} << " ms of "
              << bound / std::chrono::milliseconds{1} << " ms, " << std::setprecision(3) << ratio
              << '\n';
    EXPECT_GE(ratio, one.ratio_min);
}

constexpr auto killed = &Detection::killed;
constexpr auto silent = &Detection::silent;
constexpr auto parent_too = &Detection::parent_too;
constexpr auto parent_later = &Detection::parent_later;
constexpr auto mass = &Detection::mass;

INSTANTIATE_TEST_SUITE_P(
    AtSeveralDepths, Deaths,
    testing::Values(
        Case{"killed root", 1s, 0, false, killed, crash, 0.8},
        Case{"killed at depth 1", 1s, 1, false, killed, crash, 0.6},
        Case{"killed at depth 2", 1s, 2, false, killed, crash, 0.6},
        Case{"killed at depth 3", 1s, 3, false, killed, crash, 0.6},
        Case{"killed, slow beats", 10s, 3, false, killed, crash, 0.6},
        Case{"silent root", 1s, 0, false, silent, silence, 0.8},
        Case{"silent at depth 1", 1s, 1, false, silent, silence, 0.9},
        Case{"silent at depth 2", 1s, 2, false, silent, silence, 0.9},
        Case{"silent at depth 3", 1s, 3, false, silent, silence, 0.9},
        Case{"silent, quick beats", 100ms, 3, false, silent, silence, 0.8},
        Case{"with the root", 1s, 1, false, parent_too, silence_with_parent, 0.9},
        Case{"understudy with the root", 1s, 1, true, parent_too, silence_with_parent, 0.8, 4},
        Case{"understudy with the root, slow beats", 10s, 1, true, parent_too, silence_with_parent,
             0.6, 4},
        Case{"understudy with the root, quick beats", 100ms, 1, true, parent_too,
             silence_with_parent, 0.7, 4},
        Case{"understudy with its parent", 1s, 3, true, parent_too, silence_with_parent, 0.9},
        Case{"with its parent at depth 2", 1s, 2, false, parent_too, silence_with_parent, 0.9},
        Case{"with its parent at depth 3", 1s, 3, false, parent_too, silence_with_parent, 0.9},
        Case{"with its parent, quick beats", 100ms, 3, false, parent_too, silence_with_parent, 0.8},
        Case{"before its parent at depth 1", 1s, 1, false, parent_later, silence_before_parent,
             0.8},
        Case{"before its parent at depth 2", 1s, 2, false, parent_later, silence_before_parent,
             0.8},
        Case{"before its parent at depth 3", 1s, 3, false, parent_later, silence_before_parent,
             0.8},
        Case{"with its siblings at depth 2", 1s, 2, false, mass, silence_with_siblings, 0.9, 70,
             9}));

}  // namespace
}  // namespace coppice
