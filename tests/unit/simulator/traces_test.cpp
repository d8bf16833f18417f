// Readers of failure traces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulator/fta_trace.h"
#include "simulator/lanl_trace.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string lanl_header = "System,nodes,nodenumz,Prob Started,Prob Fixed,Facilities\n";

Outages lanl(const std::string& rows, const std::vector<std::string>& systems = {}) {
    const Result<Outages> outages = read_lanl(lanl_header + rows, systems);
    EXPECT_TRUE(outages.ok()) << (outages.ok() ? "" : outages.error().message);
    return outages.ok() ? outages.value() : Outages{};
}

TEST(LanlTrace, EveryNodeOfTheSystemIsAHostWhetherItFailsOrNot) {
    const Outages outages = lanl("20,3,1,2/28/2004 23:00,3/1/2004 0:30,\"Power, all\"\n");
    ASSERT_THAT(outages.hosts, SizeIs(3));
    EXPECT_EQ(outages.hosts[0].name, "s20-n000");
    EXPECT_EQ(outages.hosts[1].labels, (Labels{{"system", "20"}}));
    EXPECT_THAT(outages.hosts[0].outages, IsEmpty());
    EXPECT_THAT(outages.hosts[1].outages, ElementsAre(Outage{0s, 25h + 30min}));
    EXPECT_EQ(outages.rows, 1U);
    EXPECT_THAT(outages.rejected, IsEmpty());
}

TEST(LanlTrace, OutagesOfOneNodeThatOverlapAreOne) {
    const Outages outages = lanl(
        "8,1,0,1/1/2004 0:00,1/1/2004 2:00,\n"
        "8,1,0,1/1/2004 1:00,1/1/2004 3:00,\n");
    EXPECT_THAT(outages.hosts[0].outages, ElementsAre(Outage{0s, 3h}));
}

TEST(LanlTrace, OnlyTheSystemsThatAreWanted) {
    const std::string rows =
        "8,1,0,1/1/2004 0:00,1/1/2004 2:00,\n20,1,0,1/2/2004 1:00,1/2/2004 3:00,\n";
    const Outages outages = lanl(rows, {"20"});
    ASSERT_THAT(outages.hosts, SizeIs(1));
    EXPECT_EQ(outages.hosts[0].name, "s20-n000");
    EXPECT_EQ(outages.span, 2h);
    EXPECT_EQ(outages.rows, 1U);
    const Result<Outages> none = read_lanl(lanl_header + rows, {"20", "5"});
    ASSERT_FALSE(none.ok());
    EXPECT_THAT(none.error().message, HasSubstr("no system '5'; it has 20, 8"));
}

TEST(LanlTrace, EveryRowThatCannotBeUsedIsCountedWithItsReason) {
    const Outages outages = lanl(
        "8,2,0,1/1/2004 0:00,1/1/2004 2:00,\n"
        "8,2,2,1/1/2004 0:00,1/1/2004 2:00,\n"
        "8,2,0,,1/1/2004 2:00,\n"
        "8,2,0,1/1/2004 2:00,1/1/2004 1:00,\n"
        "8,2,0,1/1/2004 2:00,1/1/2004 2:00,\n"
        "8,2,0,2/30/2004 2:00,3/1/2004 2:00,\n"
        "8,2,0,1/1/04 25:00,3/1/2004 2:00,\n"
        "8,none,0,1/1/2004 0:00,1/1/2004 2:00,\n"
        "8,2,0,1/1/2004 0:00\n");
    std::vector<std::string> reasons;
    std::uint64_t rows = 0;
    for (const RejectedRows& rejected : outages.rejected) {
        reasons.push_back(std::to_string(rejected.first_line) + ' ' + rejected.reason);
        rows += rejected.rows;
    }
    EXPECT_THAT(
        reasons,
        testing::UnorderedElementsAre(
            "3 'nodenumz' is no node of the system", "4 a time is missing",
            "5 the problem was fixed before it started", "6 the outage has no length",
            "7 a time is not month/day/year hour:minute", "9 'nodes' is no size of a system",
            "10 the row has too few or too many fields"));
    EXPECT_EQ(outages.rows, 9U);
    EXPECT_EQ(rows, 8U);
}

TEST(LanlTrace, SystemsThatAreTooLargeTogetherAreAnError) {
    const std::string row = ",1000000,0,1/1/2004 0:00,1/1/2004 2:00,\n";
    const Result<Outages> outages = read_lanl(lanl_header + "1" + row + "2" + row, {});
    ASSERT_FALSE(outages.ok());
    EXPECT_THAT(outages.error().message, HasSubstr("have 2000000 nodes, more than 1000000"));
}

TEST(LanlTrace, ASystemWhoseNodesWouldHaveTooLongNamesIsRejected) {
    const std::string row = ",2,1,1/1/2004 0:00,1/1/2004 2:00,\n";
    const Outages outages = lanl("8" + row + std::string(250, '9') + row);
    EXPECT_THAT(outages.hosts, SizeIs(2));
    ASSERT_THAT(outages.rejected, SizeIs(1));
    EXPECT_THAT(outages.rejected[0].reason, HasSubstr("makes no name of a host"));
}

TEST(LanlTrace, AMissingColumnIsNamed) {
    const Result<Outages> outages = read_lanl("System,nodes\n", {});
    ASSERT_FALSE(outages.ok());
    EXPECT_THAT(outages.error().message, HasSubstr("'nodenumz', 'Prob Started', 'Prob Fixed'"));
}

const std::string fta_header =
    "event_id\tnode_name\tevent_type\tevent_start_time\tevent_stop_time\n";

TEST(FtaTrace, HostsAreNamedByPlaceAndAbsentBeforeTheirFirstRow) {
    const Result<Outages> outages = read_fta(fta_header +
                                                 "0\tG1/s1/c1/n1\t1\t1000\t1100\n"
                                                 "1\tG1/s1/c1/n1\t0\t1100\t1150\n"
                                                 "2\tG1/s1/c2/n1\t0\t1050\t1060\n"
                                                 "3\tG1/s1/c2/n1\t0\t1060\t1070\n"
                                                 "4\tG1/s1/c2/n1\t0\t1080\t1090\n"
                                                 "5\tG1/s2/c1/n1\t0\t10\t20\n",
                                             {"s1"});
    ASSERT_TRUE(outages.ok());
    ASSERT_THAT(outages->hosts, SizeIs(2));
    EXPECT_EQ(outages->hosts[0].name, "s1-c1-n1");
    EXPECT_EQ(outages->hosts[0].labels, (Labels{{"cluster", "c1"}, {"site", "s1"}}));
    EXPECT_THAT(outages->hosts[0].outages, ElementsAre(Outage{100s, 150s}));
    EXPECT_EQ(outages->hosts[1].absent_until, 70s);
    EXPECT_THAT(outages->hosts[1].outages, ElementsAre(Outage{80s, 90s}));
    EXPECT_EQ(outages->rows, 5U);
}

TEST(FtaTrace, EveryRowThatCannotBeUsedIsCountedWithItsReason) {
    const Result<Outages> outages = read_fta(fta_header +
                                                 "0\tG1/s1/c1/n1\t0\t1000\t1100\n"
                                                 "1\tG1/s1/c1/n1\t2\t1000\t1100\n"
                                                 "2\tG1/s1/c1/n1\t0\tNULL\t1100\n"
                                                 "3\tG1/s1/c1/n1\t0\t1100\t1000\n"
                                                 "4\tG1/s1/c1/n1\t0\t1100\t1100\n"
                                                 "5\tG1/s1/c1/n1\t0\tten\t1100\n"
                                                 "6\ts1/n1\t0\t1000\t1100\n"
                                                 "7\tG1/s1/c1/n 1\t0\t1000\t1100\n"
                                                 "8\tG1/s1/c1/n1\n",
                                             {});
    ASSERT_TRUE(outages.ok());
    EXPECT_EQ(outages->rows, 9U);
    EXPECT_THAT(outages->rejected, SizeIs(8));
    for (const RejectedRows& rejected : outages->rejected) EXPECT_EQ(rejected.rows, 1U);
}

TEST(FtaTrace, AnUnknownSiteIsAnErrorThatNamesTheKnownOnes) {
    const Result<Outages> outages = read_fta(fta_header + "0\tG1/s1/c1/n1\t0\t1\t2\n", {"s9"});
    ASSERT_FALSE(outages.ok());
    EXPECT_THAT(outages.error().message, HasSubstr("no site 's9'; it has s1"));
}

}  // namespace
}  // namespace coppice
