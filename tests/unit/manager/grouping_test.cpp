// Which deaths are told together, under which id, and for how long.

#include "manager/grouping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/limits.h"
#include "common/random.h"
#include "manager/label_counts.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A thousand hosts: racks of 40, zones of 200; the host tells its own.
constexpr std::uint64_t fleet_size = 1000;

Death death_of(std::uint32_t host, Cause cause = Cause::silent) {
    return {.host = HostId{host + 1},
            .cause = cause,
            .shares = {{"rack", "r" + std::to_string(host / 40), 40},
                       {"zone", "z" + std::to_string(host / 200), 200},
                       {"", "b" + std::to_string(host % 32), 32},
                       {"release", "1.0", fleet_size}}};
}

class GroupingTest : public ::testing::Test {
protected:
    explicit GroupingTest(Duration interval = 1s) : grouping{interval} {}

    void die(std::uint32_t host, Cause cause = Cause::silent) { die(death_of(host, cause)); }
    void die(Death death) {
        --present;
        grouping.add(std::move(death), unix_time());
    }
    void die(std::uint32_t first, std::uint32_t count) {
        for (std::uint32_t host = first; host < first + count; ++host) die(host);
    }

    /// Each event has an id of its own, and a revision that grows.
    std::size_t tell() {
        const std::vector<Event> told = grouping.take(next, present, now);
        for (const Event& event : told) {
            const auto known = journal.find(event.id);
            EXPECT_EQ(event.revision, known == journal.end() ? 1 : known->second.revision + 1);
            journal[event.id] = event;
        }
        return told.size();
    }
    void pass(Duration time) { now += time; }
    /// Up to a bound, waking when asked to.
    void run(Duration time) {
        const Instant end = now + time;
        for (tell(); grouping.next_deadline() <= end; tell())
            now = std::max(now, grouping.next_deadline());
        now = end;
    }

    std::vector<Event> rows(const std::string& kind) const {
        std::vector<Event> found;
        for (const auto& [id, event] : journal)
            if (event.kind == kind && !event.hosts.empty()) found.push_back(event);
        return found;
    }
    /// Of all rows; fails when a host is told twice.
    HostSet all_told() const {
        HostSet all;
        for (const auto& [id, event] : journal) {
            EXPECT_FALSE(all.intersects(event.hosts));
            all |= event.hosts;
        }
        return all;
    }
    UnixMillis unix_time() const {
        return 12h + 3s + std::chrono::duration_cast<UnixMillis>(now - Instant{1000s});
    }

    Grouping grouping;
    Instant now{1000s};
    std::uint64_t next = 7;
    std::uint64_t present = fleet_size;
    std::map<std::uint64_t, Event> journal;
};

TEST_F(GroupingTest, ASingleDeathIsToldAtOnceAndAlone) {
    die(5, Cause::crashed);
    EXPECT_EQ(tell(), 1U);
    const Event& event = journal.at(7);
    EXPECT_EQ(event.kind, "host.lost");
    EXPECT_EQ(event.cause, "crashed");
    EXPECT_EQ(event.hosts, HostSet{HostId{6}});
    run(100s);
    EXPECT_THAT(journal, SizeIs(1));
    EXPECT_EQ(journal.at(7).revision, 1U);
    EXPECT_EQ(grouping.next_deadline(), never);
}

TEST_F(GroupingTest, ARackThatDiesIsOneStoryThatSaysWhy) {
    for (std::uint32_t host = 480; host < 520; ++host) {
        die(host);
        tell();
        pass(10ms);
    }
    run(100s);
    ASSERT_THAT(rows("hosts.lost"), SizeIs(1));
    EXPECT_THAT(rows("host.lost"), IsEmpty());
    const Event story = rows("hosts.lost").front();
    EXPECT_EQ(story.id, 7U) << "the row of the first death became the story";
    EXPECT_EQ(story.hosts.size(), 40U);
    EXPECT_EQ(story.cause, "common rack");
    EXPECT_EQ(story.time, UnixMillis{12h + 3s});
    EXPECT_EQ(story.evidence.at("story"),
              "rack r12: 40 of 40 hosts silent since 12:00:03 (within 0.4 s); probable cause: "
              "common rack; evidence: all of its hosts, and 0 of 960 other hosts in the same time; "
              "alternatives: zone z2 (40 of 200)");
    EXPECT_EQ(all_told().size(), 40U);
}

TEST_F(GroupingTest, TheLastOfARackBelongsToIt) {
    for (std::uint32_t host = 1; host <= 10; ++host)
        die({.host = HostId{host},
             .shares = {{"rack", "r", 11 - host}, {"serial", std::to_string(host), 1}}});
    tell();
    ASSERT_THAT(rows("hosts.lost"), SizeIs(1));
    EXPECT_EQ(rows("hosts.lost").front().evidence.at("lost"), "10 of 10");
}

TEST_F(GroupingTest, TwoRacksAreTwoStories) {
    for (std::uint32_t host = 0; host < 40; ++host) {
        die(host);        // of zone 0
        die(host + 120);  // too
        tell();
        pass(5ms);
    }
    run(100s);
    ASSERT_THAT(rows("hosts.lost"), SizeIs(2));
    for (const Event& story : rows("hosts.lost")) {
        EXPECT_EQ(story.evidence.at("lost"), "40 of 40");
        EXPECT_EQ(story.cause, "common rack");
        EXPECT_EQ(story.evidence.at("elsewhere"), "40 of 960");
    }
    EXPECT_EQ(all_told().size(), 80U);
}

TEST_F(GroupingTest, AZoneExplainsBetterThanEachOfItsRacks) {
    die(200, 200);
    run(1s);
    ASSERT_THAT(rows("hosts.lost"), SizeIs(1));
    EXPECT_EQ(rows("hosts.lost").front().evidence.at("group"), "zone z1");
}

TEST_F(GroupingTest, AParentThatDiesWithThoseBelowItIsAmongThem) {
    const auto below = [](std::uint32_t host) {
        return Death{.host = HostId{host}, .cause = Cause::not_back, .shares = {{"", "b", 1}}};
    };
    die({.host = HostId{1},
         .cause = Cause::crashed,
         .role = Role::branch,
         .shares = {{"", "root", 4}, {"", "b", 13, true}}});
    tell();
    pass(4s);
    for (std::uint32_t host = 2; host < 12; ++host) die(below(host));
    run(1s);
    ASSERT_THAT(rows("hosts.lost"), SizeIs(1));
    const Event story = rows("hosts.lost").front();
    EXPECT_EQ(story.cause, "common parent");
    EXPECT_EQ(story.evidence.at("lost"), "11 of 13");
    EXPECT_EQ(story.evidence.at("seen"), "1 crashed, 10 not back");
    EXPECT_EQ(story.evidence.at("roles"), "1 branch");
}

TEST_F(GroupingTest, IndependentDeathsAreNotGroupedByChance) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        Random random{seed};
        Grouping alone{1s};
        std::set<std::uint32_t> hosts;
        while (hosts.size() < 12) hosts.insert(static_cast<std::uint32_t>(random.below(100'000)));
        for (const std::uint32_t host : hosts)
            alone.add({.host = HostId{host + 1},
                       .shares = {{"rack", std::to_string(host / 40), 40},
                                  {"zone", std::to_string(host / 25'000), 25'000},
                                  {"release", "1.0", 100'000}}},
                      {});
        for (const Event& event : alone.take(next, 100'000 - 12, now))
            EXPECT_EQ(event.kind, "host.lost");
    }
}

TEST_F(GroupingTest, SomeOfABigGroupAreToldTogetherWhenChanceDoesNotExplainIt) {
    for (std::uint32_t host = 200; host < 210; ++host) {
        Death death = death_of(host);
        death.shares = {{"zone", "z1", 100}, {"release", "1.0", fleet_size}};
        die(std::move(death));
    }
    tell();
    ASSERT_THAT(rows("hosts.lost"), SizeIs(1));
    EXPECT_EQ(rows("hosts.lost").front().evidence.at("lost"), "10 of 100");
}

TEST_F(GroupingTest, AFewOfABigGroupInASmallFleetAreToldTogetherToo) {
    present = 420;
    for (std::uint32_t host = 1; host <= 10; ++host)
        die({.host = HostId{host},
             .shares = {{"cluster", "c1", 96},
                        {"site", "s6", 117},
                        {"release", "1.0", 420},
                        {"", "b" + std::to_string(host % 3), 29}}});
    run(1s);
    ASSERT_THAT(rows("hosts.lost"), SizeIs(1));
    EXPECT_EQ(rows("hosts.lost").front().evidence.at("group"), "cluster c1");
}

TEST_F(GroupingTest, AParentThatLivesExplainsOnlyWhatNothingElseDoes) {
    for (std::uint32_t host = 1; host <= 12; ++host)
        die({.host = HostId{host},
             .shares = {{"rack", "r1", 40}, {"", host <= 8 ? "b1" : "b2", 9}}});
    run(1s);
    ASSERT_THAT(rows("hosts.lost"), SizeIs(1));
    EXPECT_EQ(rows("hosts.lost").front().evidence.at("group"), "rack r1");
    run(60s);
    journal.clear();
    for (std::uint32_t host = 1; host <= 8; ++host)
        die({.host = HostId{host},
             .shares = {{"rack", "r" + std::to_string(host), 40}, {"", "b1", 9}}});
    run(1s);
    ASSERT_THAT(rows("hosts.lost"), SizeIs(1));
    EXPECT_EQ(rows("hosts.lost").front().evidence.at("group"), "b1 and the hosts below it");
}

TEST_F(GroupingTest, LateDeathsExtendTheStoryAndOthersDoNot) {
    die(0, 30);
    tell();
    pass(24900ms);
    die(30, 10);
    tell();
    pass(24900ms);
    die(777);
    run(100s);
    ASSERT_THAT(rows("hosts.lost"), SizeIs(1));
    EXPECT_EQ(rows("hosts.lost").front().evidence.at("lost"), "40 of 40");
    EXPECT_GT(rows("hosts.lost").front().revision, 1U);
    ASSERT_THAT(rows("host.lost"), SizeIs(1));
    EXPECT_EQ(rows("host.lost").front().hosts, HostSet{HostId{778}});
}

TEST_F(GroupingTest, ABystanderInTheSameRowKeepsIt) {
    die(777);
    die(0, 40);
    tell();
    ASSERT_THAT(rows("host.lost"), SizeIs(1));
    EXPECT_EQ(rows("host.lost").front().hosts, HostSet{HostId{778}});
    EXPECT_EQ(rows("hosts.lost").front().hosts.size(), 40U);
    EXPECT_EQ(all_told().size(), 41U);
}

TEST_F(GroupingTest, RowsThatBecamePartOfAStorySaySo) {
    die(0);
    tell();
    die(1);
    tell();
    die(2, 38);
    tell();
    EXPECT_EQ(journal.at(7).hosts.size(), 40U);
    EXPECT_TRUE(journal.at(8).hosts.empty());
    EXPECT_EQ(journal.at(8).evidence.at("part_of"), "7");
}

TEST_F(GroupingTest, AWindowEndsAfterSilenceAndAfterTwoMinutes) {
    die(0, 20);
    tell();
    pass(25s);
    die(20, 20);
    tell();
    EXPECT_THAT(rows("hosts.lost"), SizeIs(2)) << "silence";
    run(30s);
    journal.clear();
    for (std::uint32_t host = 200; host < 400; ++host) {
        die({.host = HostId{host}, .shares = {{"zone", "z1", 200}}});
        tell();
        pass(800ms);
    }
    run(100s);
    EXPECT_THAT(rows("hosts.lost"), SizeIs(2)) << "two minutes";
    EXPECT_EQ(all_told().size(), 200U);
}

class ASlowFleet : public GroupingTest {
protected:
    ASlowFleet() : GroupingTest{5s} {}
};

TEST_F(ASlowFleet, HasAWiderWindow) {
    die(0, 20);
    tell();
    pass(124s);
    die(20, 20);
    tell();
    pass(124s);
    die(40, 1);
    tell();
    EXPECT_THAT(rows("hosts.lost"), SizeIs(1));
}

TEST_F(GroupingTest, AFullWindowIsClosed) {
    present = 2 * limits::deaths_in_window_max;
    const std::uint64_t surplus = 1000;
    for (std::uint32_t host = 1; host <= limits::deaths_in_window_max + surplus; ++host)
        die({.host = HostId{host}, .shares = {{"zone", "z", present}}});
    tell();
    ASSERT_THAT(rows("hosts.lost"), SizeIs(1));
    EXPECT_EQ(rows("hosts.lost").front().hosts.size(), limits::deaths_in_window_max);
    EXPECT_EQ(all_told().size(), limits::deaths_in_window_max + surplus);
}

TEST_F(GroupingTest, ASecondDeathIsToldByItself) {
    die(0, 40);
    tell();
    pass(1s);
    die(3);
    tell();
    run(100s);
    EXPECT_THAT(rows("hosts.lost"), SizeIs(1));
    EXPECT_THAT(rows("host.lost"), SizeIs(1));
}

TEST_F(GroupingTest, ALookThatFindsNothingNewWritesNothing) {
    die(0, 40);
    tell();
    EXPECT_EQ(tell(), 0U);
    pass(20s);
    EXPECT_EQ(tell(), 0U);
}

TEST(Score, WeighsTheLivingOfAGroupMoreThanDeathsElsewhere) {
    EXPECT_DOUBLE_EQ(score(40, 40, 40), 1);
    EXPECT_GT(score(40, 40, 80), score(80, 120, 80));  // one of two racks; two of three of a zone
    EXPECT_LT(score(40, 40, 160), score(160, 160, 160));  // four of four
}

HostRecord host_with(std::string key, std::string value) {
    HostRecord host;
    host.labels = {{std::move(key), std::move(value)}};
    host.release = "1.0";
    return host;
}

TEST(LabelCounts, CountWhatWasAddedAndNotRemoved) {
    LabelCounts counts;
    counts.add(host_with("rack", "r1"));
    counts.add(host_with("rack", "r1"));
    counts.add(host_with("rack", "r2"));
    counts.remove(host_with("rack", "r1"));
    counts.remove(host_with("rack", "r2"));
    EXPECT_EQ(counts.hosts_with("rack", "r1"), 1U);
    EXPECT_EQ(counts.hosts_with("rack", "r2"), 0U);
    EXPECT_EQ(counts.hosts_with("release", "1.0"), 1U);
    EXPECT_EQ(counts.hosts_with("zone", "r1"), 0U);
}

TEST(LabelCounts, TellNamesThatAreUsedInTwoPlacesApart) {
    LabelCounts counts;
    for (const char* site : {"s1", "s1", "s2"}) {
        HostRecord host;
        host.labels = {{"cluster", "c1"}, {"site", site}};
        counts.add(host);
    }
    EXPECT_EQ(counts.hosts_with("cluster", "c1"), 3U);
    EXPECT_EQ(counts.hosts_with("cluster,site", "c1,s1"), 2U);
}

TEST(LabelCounts, ForgetALabelThatDiffersFromHostToHost) {
    LabelCounts counts;
    counts.add(host_with("rack", "r1"));
    for (std::size_t at = 0; at < limits::label_values_counted_max; ++at)
        counts.add(host_with("serial", std::to_string(at)));
    EXPECT_EQ(counts.hosts_with("serial", "5"), 0U);
    EXPECT_EQ(counts.hosts_with("rack", "r1"), 1U);
    counts.remove(host_with("serial", "5"));
}

}  // namespace
}  // namespace coppice
