// Suresh and others: Stable and Consistent Membership at Scale with Rapid (USENIX ATC 2018),
// section 7: how many views of the members a failure of ten of 1,000 hosts makes, and who is in the
// last.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iostream>
#include <set>

#include "simulator/fleet.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t hosts_count = 1000;
constexpr std::size_t faulty_count = 10;

/// Deaths within so long of each other are told together (manager/grouping.h); Rapid, too, waits
/// for a cut to be whole.
constexpr Duration window = 25s;

/// Watches who is a member, each second: everybody but those who are away, not known to come and
/// go, and have been away for so long that their story is whole. Nobody healthy is ever gone, not
/// even for who does not wait. The faulty ones are leaves: what an interior host does that hears
/// nothing is another matter.
class Rapid : public testing::TestWithParam<std::uint64_t> {
protected:
    using View = std::set<std::string>;

    Rapid()
        : fleet{{.hosts = hosts_count,
                 .seed = GetParam(),
                 .network = {.is_coding = false},
                 .is_passing_over = true}} {
        fleet.start(3s);
        EXPECT_TRUE(fleet.settle(60s));
        fleet.world().run_for(20s);
        Random random{GetParam()};
        while (faulty.size() < faulty_count) {
            const HostIndex host = 1 + random.below(hosts_count);
            if (fleet.agent(host)->view().role == Role::leaf) faulty.insert(host);
        }
        start = fleet.world().now();
        last_change = start;
        last = members(window);
        views.insert(last);
        moments.insert(members(0s));
    }
    /// Without those who have been away for that long.
    [[nodiscard]] View members(Duration patience) const {
        View now;
        const UnixMillis time = fleet.unix_time(fleet.world().now());
        const auto hosts = fleet.manager()->hosts("");
        for (const HostView& host : *hosts) {
            const bool is_away = host.state == HostState::lost || host.state == HostState::left;
            const bool is_gone = is_away && time - host.record.since >= patience;
            if (!is_gone || host.record.unstable_since != UnixMillis{})
                now.insert(host.record.name);
        }
        return now;
    }
    /// Each second `act` is told how many have passed.
    void watch(Duration span, const std::function<void(int)>& act) {
        for (int second = 0; second < span / 1s; ++second) {
            act(second);
            fleet.world().run_for(1s);
            View now = members(window);
            if (now != last) {
                last_change = fleet.world().now();
                ++changes;
            }
            views.insert(now);
            moments.insert(members(0s));
            last = std::move(now);
        }
    }
    void set_inbound(HostIndex host, bool is_cut) {
        for (HostIndex other = 0; other < fleet.world().size(); ++other) {
            if (other == host) continue;
            if (is_cut)
                fleet.world().network().cut(other, host);
            else
                fleet.world().network().heal(other, host);
        }
    }
    [[nodiscard]] View healthy() const {
        View names;
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            if (!faulty.contains(host)) names.insert(fleet.world().host(host).name());
        return names;
    }
    void expect_few_views_and_nobody_healthy_gone() {
        std::cout << "  " << views.size() << " views, " << changes << " changes, no change after "
                  << std::chrono::duration<double>(last_change - start).count() << " s; "
                  << moments.size() << " views for who does not wait\n";
        EXPECT_LE(views.size(), 3U);
        EXPECT_LE(changes, 2);
        EXPECT_LE(last_change - start, 60s);
        const View well = healthy();
        for (const View& seen : moments)
            EXPECT_TRUE(std::includes(seen.begin(), seen.end(), well.begin(), well.end()));
    }

    Fleet fleet;
    std::set<HostIndex> faulty;
    std::set<View> views;
    std::set<View> moments;  // for who does not wait
    int changes = 0;
    View last;
    Instant start;
    Instant last_change;
};

TEST_P(Rapid, TenHostsThatCrashAtOnce) {
    watch(60s, [&](int second) {
        if (second > 0) return;
        for (const HostIndex host : faulty) fleet.crash(host);
    });
    expect_few_views_and_nobody_healthy_gone();
    EXPECT_EQ(last, healthy());
}

TEST_P(Rapid, TenHostsThatLoseAllThatIsSentToThemTwentySecondsOnAndOff) {
    watch(200s, [&](int second) {
        if (second % 20 != 0) return;
        for (const HostIndex host : faulty) set_inbound(host, second % 40 == 0);
    });
    expect_few_views_and_nobody_healthy_gone();
}

TEST_P(Rapid, OnePercentOfTheHostsWithALossOfEightyPercent) {
    watch(200s, [&](int second) {
        if (second > 0) return;
        for (const HostIndex host : faulty) fleet.world().network().set_host_loss(host, 0.8);
    });
    expect_few_views_and_nobody_healthy_gone();
}

INSTANTIATE_TEST_SUITE_P(Seeds, Rapid, testing::Range<std::uint64_t>(1, 4));

}  // namespace
}  // namespace coppice
