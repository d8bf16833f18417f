// Bugs that other systems of this kind had when very much was lost or late at once; the numbers are
// those of docs/testing.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <set>
#include <vector>

#include "common/random.h"
#include "tests/simulation/procedure.h"

namespace coppice {
namespace {

/// Hosts that are drawn from first to last.
std::set<HostIndex> drawn(HostIndex first, HostIndex last, std::size_t count, HostIndex spared) {
    Random random{count};
    std::set<HostIndex> hosts;
    while (hosts.size() < count) {
        const auto host = static_cast<HostIndex>(first + random.below(last - first + 1));
        if (host != spared) hosts.insert(host);
    }
    return hosts;
}

std::uint64_t counted(Fleet& fleet) {
    const Answer answer = fleet.ask(QueryCommand{});
    const auto* said = std::get_if<QueryAnswered>(&answer);
    return said == nullptr ? 0 : said->included.size();
}

TEST(OthersBugs, X4ARootThatStandsStillWithAThousandChildrenAgreesSoonAfterwards) {
    Procedure test{{.hosts = 1001, .fanout = 1200, .seed = 3}};
    test.bring_up();
    Fleet& fleet = test.fleet;
    const HostIndex root = *fleet.root();
    fleet.pause(root);
    fleet.world().run_for(60s);
    fleet.resume(root);
    const Instant thawed = fleet.world().now();
    EXPECT_TRUE(fleet.settle(10s));
    std::cout << "  X4: all agree " << (fleet.world().now() - thawed) / 1ms
              << " ms after the thaw\n";
    EXPECT_EQ(test.metric("coppice_hosts_lost_total"), 1) << "the root alone";
    EXPECT_EQ(counted(fleet), 1001U);
}

TEST(OthersBugs, X21DoubtEndsByItselfWhenTwoFifthsAreGoneForGood) {
    constexpr std::uint32_t hosts = 200;
    Procedure test{{.hosts = hosts, .fanout = 8, .seed = 5}};
    test.bring_up();
    Fleet& fleet = test.fleet;
    const std::set<HostIndex> gone = drawn(1, hosts, hosts * 2 / 5, *fleet.root());
    for (const HostIndex host : gone) fleet.power_off(host);
    EXPECT_TRUE(fleet.world().run_until(
        [&] {
            return std::all_of(gone.begin(), gone.end(),
                               [&](HostIndex host) { return test.is_lost(host); });
        },
        30s));
    ASSERT_TRUE(fleet.settle(30s));
    EXPECT_EQ(fleet.manager()->status().hosts.lost, gone.size()) << "nobody else";
    HostIndex leaf = 1;
    while (gone.contains(leaf) || test.view(leaf).record.role != Role::leaf) ++leaf;
    fleet.power_off(leaf);
    EXPECT_TRUE(fleet.world().run_until([&] { return test.is_lost(leaf); }, 6s))
        << "as soon as if all the others were there";
}

TEST(OthersBugs, X22MoreDeadOfAZoneNeverMakeTheVerdictsMoreEager) {
    constexpr std::uint32_t zone = 100;
    Duration former{};
    for (const std::uint32_t dead : {54U, 56U, 99U, 100U}) {
        SCOPED_TRACE(dead);
        Procedure test{{.hosts = 2 * zone, .racks = 2, .fanout = 8, .seed = 7}};
        test.bring_up();
        Fleet& fleet = test.fleet;
        std::vector<HostIndex> members;
        for (HostIndex host = 1; host <= 2 * zone; ++host)
            if (fleet.labels(host).at("rack") == fleet.labels(zone + 1).at("rack"))
                members.push_back(host);
        ASSERT_EQ(members.size(), zone);
        members.resize(dead);
        const Instant start = fleet.world().now();
        for (const HostIndex host : members) fleet.power_off(host);
        const auto lost = [&] {
            return static_cast<std::size_t>(
                std::count_if(members.begin(), members.end(),
                              [&](HostIndex host) { return test.is_lost(host); }));
        };
        ASSERT_TRUE(fleet.world().run_until([&] { return lost() > 0; }, 30s));
        const Duration first = fleet.world().now() - start;
        ASSERT_TRUE(fleet.world().run_until([&] { return lost() == dead; }, 60s));
        ASSERT_TRUE(fleet.settle(60s));
        EXPECT_EQ(fleet.manager()->status().hosts.lost, dead) << "nobody who lives";
        std::cout << "  X22: with " << dead << " of 100 dead the first verdict took " << first / 1ms
                  << " ms\n";
        EXPECT_GE(first, former - 1s) << "less than an interval, as beats fall";
        former = first;
    }
}

TEST(OthersBugs, X28TwentyDeathsOfOneRackWithinASecondAreOneEvent) {
    Procedure test{{.hosts = 200, .racks = 10, .fanout = 8, .seed = 9}};
    test.bring_up();
    Fleet& fleet = test.fleet;
    HostIndex first = 1;  // a rack without the root
    const auto rack = [&](HostIndex host) { return fleet.labels(host).at("rack"); };
    while (rack(first) == rack(*fleet.root())) ++first;
    std::vector<HostIndex> members;
    for (HostIndex host = 1; host <= 200; ++host)
        if (rack(host) == rack(first)) members.push_back(host);
    ASSERT_EQ(members.size(), 20U);
    for (const HostIndex host : members) {
        fleet.crash(host);
        fleet.world().run_for(1s / 20);
    }
    fleet.world().run_for(90s);
    std::vector<Event> stories;
    for (const EventView& seen : fleet.manager()->events(0, 1'000'000))
        if (seen.event.kind.ends_with(".lost") && !seen.event.hosts.empty())
            stories.push_back(seen.event);
    ASSERT_EQ(stories.size(), 1U);
    EXPECT_EQ(stories.front().hosts.size(), members.size());
    EXPECT_EQ(stories.front().cause, "common rack");
}

TEST(OthersBugs, X30AHostThatStopsIsInNoLaterAggregateOnAnyLevel) {
    Procedure test{{.hosts = 85, .fanout = 4, .seed = 2}};
    test.bring_up();
    Fleet& fleet = test.fleet;
    std::uint64_t running = 85;
    const std::uint32_t deepest = fleet.manager()->tree().depth;
    ASSERT_GE(deepest, 3U);
    for (std::uint32_t depth = 1; depth <= deepest; ++depth) {
        SCOPED_TRACE(depth);
        HostIndex leaf = 1;
        while (leaf <= 85 && (fleet.agent(leaf) == nullptr || test.view(leaf).depth != depth ||
                              test.view(leaf).record.role != Role::leaf))
            ++leaf;
        if (leaf > 85) continue;  // nobody is a leaf on that level
        ASSERT_EQ(counted(fleet), running);
        fleet.stop(leaf);
        fleet.world().run_for(1s);  // one window
        const Answer answer = fleet.ask(QueryCommand{});
        const auto* said = std::get_if<QueryAnswered>(&answer);
        ASSERT_NE(said, nullptr);
        EXPECT_EQ(said->included.size(), --running);
        EXPECT_EQ(said->rows.front().hosts, running) << "value and coverage agree";
        EXPECT_FALSE(said->included.contains(test.view(leaf).record.id));
    }
}

TEST(OthersBugs, X34AnAnswerThatArrivesAtATimeOutAboveIsInsideOrMissingAndNeverBoth) {
    Procedure test{{.hosts = 85, .fanout = 4, .seed = 11}};
    test.bring_up();
    Fleet& fleet = test.fleet;
    std::set<std::uint64_t> coverages;
    // From too short for anybody to long enough for all: time-outs and answers meet on each level.
    for (Duration deadline = 1ms; deadline <= 80ms; deadline += 250us) {
        SCOPED_TRACE(deadline / 1us);
        const Instant asked = fleet.world().now();
        const Answer answer = fleet.ask(QueryCommand{.deadline = deadline});
        const auto* said = std::get_if<QueryAnswered>(&answer);
        ASSERT_NE(said, nullptr);
        EXPECT_LE(fleet.world().now() - asked, deadline + 10ms) << "as ask() looks";
        EXPECT_EQ(said->rows.front().hosts, said->included.size());
        EXPECT_TRUE(said->target.includes(said->included));
        coverages.insert(said->included.size());
    }
    EXPECT_TRUE(coverages.contains(85)) << "the longest is long enough";
    EXPECT_LT(*coverages.begin(), 85U) << "and the shortest is not";
}

}  // namespace
}  // namespace coppice
