// Planned stops of hosts with children, one after the other: nobody else notices.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "simulator/fleet.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

/// Looks after every step: who has had a parent must always have one, but for a new root, which
/// goes from a host to the manager.
class Orphans final : public FleetWitness {
public:
    explicit Orphans(const Fleet& fleet) : fleet_{fleet} {}

    void on_glance(HostIndex host, const AgentGlance& before, const AgentGlance& after) override {
        const bool has_lost = before.is_attached && !after.is_attached;
        if (has_lost && after.role != Role::root && fleet_.agent(host) != nullptr)
            seen_.insert(fleet_.world().host(host).name());
    }
    /// Hosts that were without a parent since the last call.
    [[nodiscard]] std::set<std::string> take() { return std::exchange(seen_, {}); }

private:
    const Fleet& fleet_;
    std::set<std::string> seen_;
};

class Stops : public testing::TestWithParam<std::uint64_t> {
protected:
    Stops() : fleet{{.hosts = 60, .fanout = 4, .seed = GetParam()}}, orphans{fleet} {
        fleet.add_witness(orphans);
        fleet.start();
        EXPECT_TRUE(fleet.settle(60s));
        fleet.world().run_for(5s);
        static_cast<void>(orphans.take());
    }
    [[nodiscard]] std::vector<HostIndex> interior() const {
        std::vector<HostIndex> hosts;
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            if (fleet.agent(host) != nullptr && fleet.agent(host)->view().children > 0)
                hosts.push_back(host);
        return hosts;
    }
    [[nodiscard]] HostView view(HostIndex host) const {
        return *fleet.manager()->host(fleet.world().host(host).name());
    }
    [[nodiscard]] std::size_t count(const std::string& kind) const {
        std::size_t count = 0;
        for (const EventView& event : fleet.manager()->events(0, 1'000'000))
            count += event.event.kind == kind ? 1 : 0;
        return count;
    }

    Fleet fleet;
    Orphans orphans;
};

TEST_P(Stops, OfAnyHostWithChildrenLeaveNobodyWithoutAParent) {
    for (const HostIndex host : interior()) {
        SCOPED_TRACE(fleet.world().host(host).name());
        if (fleet.agent(host)->view().children == 0) continue;  // handed over already
        const Instant start = fleet.world().now();
        fleet.stop(host);
        ASSERT_TRUE(fleet.world().run_until([&] { return fleet.agent(host) == nullptr; }, 2s));
        EXPECT_LT(fleet.world().now() - start, 1s) << "it waits for its children, not for time";
        ASSERT_TRUE(fleet.settle(10s));
        EXPECT_EQ(orphans.take(), std::set{fleet.world().host(host).name()})
            << "itself, at its end";
        EXPECT_EQ(view(host).state, HostState::left);
        EXPECT_EQ(view(host).record.cause, Cause::said_goodbye);
        fleet.start_host(host);
        ASSERT_TRUE(fleet.settle(10s));
        fleet.world().run_for(3s);
        EXPECT_EQ(view(host).record.no_role_before, UnixMillis{}) << "no cool-down";
        EXPECT_EQ(orphans.take(), std::set<std::string>{});
    }
    EXPECT_EQ(count("host.lost") + count("hosts.lost"), 0U);
}

TEST_P(Stops, WithoutAManagerEndInTimeAndSendTheChildrenToTheirSpares) {
    const std::vector<HostIndex> parents = interior();
    const HostIndex host = *std::find_if(parents.begin(), parents.end(), [&](HostIndex parent) {
        return fleet.agent(parent)->view().role == Role::branch;
    });
    fleet.crash(Fleet::manager_index);
    fleet.stop(host);
    ASSERT_TRUE(fleet.world().run_until([&] { return fleet.agent(host) == nullptr; }, 2100ms));
    fleet.world().run_for(1s);
    for (HostIndex other = 1; other < fleet.world().size(); ++other) {
        if (other == host || fleet.agent(other)->view().role == Role::root) continue;
        EXPECT_TRUE(fleet.agent(other)->view().is_attached) << other;
    }
    fleet.start_host(Fleet::manager_index);
    ASSERT_TRUE(fleet.settle(30s));
    EXPECT_EQ(view(host).state, HostState::left);
    EXPECT_EQ(count("host.lost") + count("hosts.lost"), 0U);
}

/// As a power-down does it: everybody within `span`.
void stop_all(Fleet& fleet, const std::vector<HostIndex>& hosts, Duration span) {
    for (const HostIndex host : hosts) {
        fleet.stop(host);
        fleet.world().run_for(span / static_cast<std::int64_t>(hosts.size()));
    }
}

TEST_P(Stops, OfAllHostsAtOnceAreAllToldAsStops) {
    for (const Duration span : {0ms, 50ms, 1000ms}) {
        SCOPED_TRACE(span / 1ms);
        std::vector<HostIndex> all;
        for (HostIndex host = 1; host < fleet.world().size(); ++host) all.push_back(host);
        stop_all(fleet, all, span);
        const auto is_over = [&] {
            return std::all_of(all.begin(), all.end(),
                               [&](HostIndex host) { return fleet.agent(host) == nullptr; });
        };
        EXPECT_TRUE(fleet.world().run_until(is_over, 5s));
        fleet.world().run_for(30s);
        EXPECT_EQ(count("host.lost") + count("hosts.lost"), 0U);
        for (const HostIndex host : all) EXPECT_EQ(view(host).state, HostState::left) << host;
        for (const HostIndex host : all) fleet.start_host(host);
        ASSERT_TRUE(fleet.settle(60s));
        fleet.world().run_for(5s);
    }
}

TEST_P(Stops, OfARackAreAllToldAsStopsAndMoveNobodyElseMoreThanOnce) {
    for (const Duration span : {0ms, 50ms, 1000ms}) {
        SCOPED_TRACE(span / 1ms);
        std::vector<HostIndex> rack;
        for (HostIndex host = 1; host <= 20; ++host) rack.push_back(host);
        stop_all(fleet, rack, span);
        const auto is_over = [&] {
            return std::all_of(rack.begin(), rack.end(),
                               [&](HostIndex host) { return fleet.agent(host) == nullptr; });
        };
        EXPECT_TRUE(fleet.world().run_until(is_over, 5s));
        ASSERT_TRUE(fleet.settle(30s));
        EXPECT_EQ(count("host.lost") + count("hosts.lost"), 0U);
        for (const HostIndex host : rack) EXPECT_EQ(view(host).state, HostState::left) << host;
        for (const HostIndex host : rack) fleet.start_host(host);
        ASSERT_TRUE(fleet.settle(60s));
        fleet.world().run_for(5s);
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Stops, testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace coppice
