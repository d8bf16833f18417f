#include "simulator/outages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Outages two_hosts() {
    return {.hosts = {{.name = "a", .group = "g", .outages = {{10s, 20s}, {90s, 100s}}},
                      {.name = "b", .group = "g", .absent_until = 30s, .outages = {{40s, 50s}}}},
            .span = 100s,
            .rows = 3};
}

seconds down_time(const TracedHost& host) {
    seconds total = host.absent_until;
    for (const Outage& outage : host.outages) total += outage.end - outage.begin;
    return total;
}

TEST(Outages, ThoseThatOverlapOrTouchAreOne) {
    EXPECT_THAT(united({{30s, 40s}, {1s, 5s}, {5s, 7s}, {2s, 3s}, {8s, 9s}}),
                ElementsAre(Outage{1s, 7s}, Outage{8s, 9s}, Outage{30s, 40s}));
}

TEST(Outages, TimeZeroIsTheFirstOutage) {
    OutageCollector collector;
    collector.add_host("a", {}, "g");
    collector.add_host("never", {}, "g");
    collector.add_outage("a", 1000s, 1010s);
    collector.add_outage("a", 1005s, 1100s);
    const Result<Outages> outages = collector.finish();
    ASSERT_TRUE(outages.ok());
    EXPECT_EQ(outages->span, 100s);
    ASSERT_THAT(outages->hosts, SizeIs(2));
    EXPECT_THAT(outages->hosts[0].outages, ElementsAre(Outage{0s, 100s}));
    EXPECT_EQ(outages->hosts[0].absent_until, 0s);
    EXPECT_THAT(outages->hosts[1].outages, IsEmpty());
}

TEST(Outages, AHostIsAbsentUntilTheTraceSpeaksOfItAndItIsUp) {
    OutageCollector collector;
    for (const char* name : {"early", "late", "dead"}) collector.add_host(name, {}, "g");
    collector.add_word("early", 1000s, 1100s);
    collector.add_word("late", 1050s, 1110s);
    collector.add_word("dead", 1050s, 1070s);
    collector.add_outage("dead", 1050s, 1070s);
    collector.add_outage("late", 1090s, 1100s);
    const Result<Outages> outages = collector.finish();
    ASSERT_TRUE(outages.ok());
    EXPECT_EQ(outages->span, 110s);
    ASSERT_THAT(outages->hosts, SizeIs(3));  // dead, early, late
    EXPECT_EQ(outages->hosts[0].absent_until, 70s);
    EXPECT_THAT(outages->hosts[0].outages, IsEmpty());
    EXPECT_EQ(outages->hosts[1].absent_until, 0s);
    EXPECT_EQ(outages->hosts[2].absent_until, 50s);
    EXPECT_THAT(outages->hosts[2].outages, ElementsAre(Outage{90s, 100s}));
}

TEST(Outages, NothingUsableIsAnError) {
    OutageCollector collector;
    collector.add_host("a", {}, "g");
    EXPECT_FALSE(collector.finish().ok());
}

TEST(Outages, RejectedRowsAreCountedByReasonWithTheFirstOfThem) {
    OutageCollector collector;
    collector.add_host("a", {}, "g");
    collector.add_outage("a", 0s, 1s);
    collector.reject("bad", 7, "seven");
    collector.reject("worse", 8, "eight");
    collector.reject("bad", 9, "nine");
    const Result<Outages> outages = collector.finish();
    ASSERT_TRUE(outages.ok());
    EXPECT_THAT(outages->rejected, ElementsAre(RejectedRows{"bad", 2, 7, "seven"},
                                               RejectedRows{"worse", 1, 8, "eight"}));
}

TEST(Outages, APartBeginsWithWhoIsDownThenAbsent) {
    Outages days = two_hosts();
    days.span = 24h * 3;
    days.hosts[0].outages = {{1h, 25h}, {30h, 31h}, {47h, 49h}};
    days.hosts[1].absent_until = 26h;
    days.hosts[1].outages = {{24h * 2, 24h * 3}};
    const Result<Outages> part = cut_out(days, 1, 1);
    ASSERT_TRUE(part.ok());
    EXPECT_EQ(part->span, 24h);
    EXPECT_EQ(part->hosts[0].absent_until, 1h);
    EXPECT_THAT(part->hosts[0].outages, ElementsAre(Outage{6h, 7h}, Outage{23h, 24h}));
    EXPECT_EQ(part->hosts[1].absent_until, 2h);
    EXPECT_THAT(part->hosts[1].outages, IsEmpty());
}

TEST(Outages, AnOutageThatBeginsWithThePartIsAFailure) {
    Outages days = two_hosts();
    days.span = 24h * 3;
    days.hosts[0].outages = {{24h, 25h}};
    const Result<Outages> part = cut_out(days, 1, 1);
    ASSERT_TRUE(part.ok());
    EXPECT_EQ(part->hosts[0].absent_until, 0s);
    EXPECT_THAT(part->hosts[0].outages, ElementsAre(Outage{0s, 1h}));
}

TEST(Outages, APartBehindTheEndIsAnError) { EXPECT_FALSE(cut_out(two_hosts(), 1, 1).ok()); }

TEST(Outages, ACopyIsAsLongDownAndItsGroupStaysTogether) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        SCOPED_TRACE(seed);
        Outages fleet = two_hosts();
        fleet.hosts[1].absent_until = fleet.hosts[0].absent_until;
        fleet.hosts[1].outages = fleet.hosts[0].outages;
        const Outages tiled = tile(fleet, 2, seed);
        ASSERT_THAT(tiled.hosts, SizeIs(4));  // a, a-x2, b, b-x2
        EXPECT_EQ(tiled.hosts[1].name, "a-x2");
        EXPECT_THAT(tiled.hosts[0].outages, fleet.hosts[0].outages);
        EXPECT_EQ(tiled.hosts[1].outages, tiled.hosts[3].outages);
        EXPECT_EQ(tiled.hosts[1].absent_until, tiled.hosts[3].absent_until);
        EXPECT_EQ(down_time(tiled.hosts[1]), down_time(fleet.hosts[0]));
        for (const Outage& outage : tiled.hosts[1].outages) EXPECT_LE(outage.end, tiled.span);
    }
}

TEST(Outages, OneCopyIsTheFleetItselfAndSeedsDiffer) {
    EXPECT_THAT(tile(two_hosts(), 1, 5).hosts, SizeIs(2));
    EXPECT_NE(tile(two_hosts(), 2, 5).hosts[1].outages, tile(two_hosts(), 2, 6).hosts[1].outages);
}

}  // namespace
}  // namespace coppice
