// Reports of availability over HTTP.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/api/history_of_hosts.h"

namespace coppice {
namespace {

using testing::HistoryOfHosts;
using testing::Json;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ReportOfHosts : public HistoryOfHosts {
protected:
    Json report(std::map<std::string, std::string> query) {
        return get("/v1/reports/availability", query);
    }
    std::string no(int status, const std::map<std::string, std::string>& query) {
        return refusal(status, "/v1/reports/availability", query);
    }
};

std::vector<std::string> names(const Json& list, const char* field) {
    std::vector<std::string> names;
    for (const Json& one : list) names.push_back(one[field]);
    return names;
}

/// In the last 90 minutes n002 was lost for 30 and n004 is lost since 60.
TEST_F(ReportOfHosts, TellsOfAllHostsAndOfTheWorst) {
    const Json found = report({{"since", "90m"}});
    const Json& all = found["all"];
    EXPECT_EQ(all["hosts"], 4);
    EXPECT_EQ(all["failures"], 2);
    EXPECT_EQ(all["repairs"], 1);
    EXPECT_EQ(all["down_at_end"], 1);
    EXPECT_EQ(all["partly_known"], 0);
    EXPECT_NEAR(all["availability"].get<double>(), 1 - 90.0 / 360, 0.001);
    EXPECT_EQ(all["mttr_ms"], (Json{{"mean", 1'800'000}, {"median", 1'800'000}}));
    EXPECT_NEAR(all["mtbf_ms"].get<double>(), 135 * 60'000.0, 5000);
    EXPECT_THAT(names(found["hosts"], "host"), ElementsAre("n004", "n002", "n001", "n003"));
    const Json& worst = found["hosts"][0];
    EXPECT_NEAR(worst["availability"].get<double>(), 1.0 / 3, 0.001);
    EXPECT_EQ(worst["down_at_end"], true);
    EXPECT_TRUE(found["hosts"][2]["nines"].is_null());
    EXPECT_THAT(found["groups"], IsEmpty());
    EXPECT_THAT(names(report({{"since", "90m"}, {"worst", "1"}})["hosts"], "host"),
                ElementsAre("n004"));
}

TEST_F(ReportOfHosts, EndsWhenItIsTold) {
    const Json found = report({{"since", "80m"}, {"until", "70m"}});
    EXPECT_DOUBLE_EQ(found["all"]["availability"].get<double>(), 1);
    EXPECT_EQ(found["all"]["up_ms"], 4 * 600'000);
}

TEST_F(ReportOfHosts, SaysOfWhomItKnowsOnlyAPart) {
    const Json found = report({{"since", "4h"}, {"where", "host in n001"}});
    EXPECT_EQ(found["all"]["hosts"], 1);
    EXPECT_EQ(found["all"]["partly_known"], 1);
    EXPECT_EQ(found["hosts"][0]["partly_known"], true);
    EXPECT_NEAR(found["all"]["unknown_ms"].get<double>(), 7'200'000, 5000);
    EXPECT_DOUBLE_EQ(found["all"]["availability"].get<double>(), 1);
}

TEST_F(ReportOfHosts, GroupsByALabel) {
    const Json found = report({{"since", "90m"}, {"by", "zone"}});
    EXPECT_EQ(found["by"], "zone");
    std::uint64_t hosts = 0;
    for (const Json& group : found["groups"]) hosts += group["hosts"].get<std::uint64_t>();
    EXPECT_EQ(hosts, 4U);
    EXPECT_THAT(names(found["groups"], "name"), ElementsAre("z1", "z2"));
    const Json none = report({{"since", "90m"}, {"by", "rackk"}})["groups"];
    ASSERT_EQ(none.size(), 1U);
    EXPECT_EQ(none[0]["name"], "(no rackk)");
    EXPECT_TRUE(none[0]["value"].is_null());
    EXPECT_EQ(none[0]["hosts"], 4);
}

TEST_F(ReportOfHosts, ReadsAllRowsOfAHostThatChangesOften) {
    for (int i = 0; i < 1500; ++i)
        begin(3, now - 1h + 1s * i, i % 2 == 0 ? HostState::lost : HostState::live);
    const Json found = report({{"since", "90m"}, {"where", "host in n003"}});
    EXPECT_EQ(found["all"]["failures"], 750);
    EXPECT_EQ(found["all"]["down_ms"], 750'000);
    EXPECT_EQ(found["all"]["flaps"], 749);
}

TEST_F(ReportOfHosts, SaysWhatIsWrongWithAQuestion) {
    EXPECT_THAT(no(400, {}), HasSubstr("since: \"\" is not a time"));
    EXPECT_THAT(no(400, {{"since", "2100-01-01"}}), HasSubstr("in the future"));
    EXPECT_THAT(no(400, {{"since", "1h"}, {"until", "2100-01-01"}}), HasSubstr("until: "));
    EXPECT_THAT(no(400, {{"since", "1h"}, {"until", "2h"}}), HasSubstr("is not before until"));
    EXPECT_THAT(no(400, {{"since", "1h"}, {"where", "zone="}}), HasSubstr("selector"));
    EXPECT_THAT(no(400, {{"since", "1h"}, {"worst", "few"}}), HasSubstr("whole number"));
    EXPECT_THAT(no(404, {{"since", "91d"}}), HasSubstr("kept for 90 days"));
    EXPECT_EQ(report({{"since", "90d"}})["all"]["hosts"], 4);
}

TEST_F(ReportOfHosts, IsEmptyWhenNoHostIsMeant) {
    const Json found = report({{"since", "1h"}, {"where", "host in x1"}, {"by", "zone"}});
    EXPECT_EQ(found["all"]["hosts"], 0);
    EXPECT_TRUE(found["all"]["availability"].is_null());
    EXPECT_THAT(found["groups"], IsEmpty());
}

TEST_F(ReportOfHosts, SaysWhenTheStoreCannotBeRead) {
    timelines.fail("the disk is gone");
    EXPECT_EQ(no(500, {{"since", "1h"}}), "the disk is gone");
    EXPECT_EQ(refusal(500, "/v1/tree", {{"at", "1h"}}), "the disk is gone");
    EXPECT_EQ(refusal(500, "/v1/hosts/n002", {{"at", "1h"}}), "the disk is gone");
}

TEST_F(ReportOfHosts, EndsWithTheManager) {
    access.close();
    EXPECT_THAT(no(503, {{"since", "1h"}}), HasSubstr("too busy"));
}

}  // namespace
}  // namespace coppice
