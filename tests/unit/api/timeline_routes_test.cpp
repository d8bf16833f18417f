// The history of hosts over HTTP: one of them, and all of them or the tree at one time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/time_text.h"
#include "tests/unit/api/history_of_hosts.h"

namespace coppice {
namespace {

using testing::HistoryOfHosts;
using testing::Json;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(HistoryOfHosts, IsIntervalsAndTheShareOfTimeInWhichItWasLive) {
    const Json history = get("/v1/hosts/n002/history");
    EXPECT_EQ(history["id"], 2);
    ASSERT_EQ(history["intervals"].size(), 3U);
    const Json& lost = history["intervals"][1];
    EXPECT_EQ(lost["from"], time_text(now - 1h));
    EXPECT_EQ(lost["to"], time_text(now - 30min));
    EXPECT_EQ(lost["lasting_ms"], 1'800'000);
    EXPECT_EQ(lost["state"], "lost");
    EXPECT_EQ(lost["cause"], "crashed");
    EXPECT_EQ(lost["parent"], "n001");
    EXPECT_EQ(lost["role"], "leaf");
    EXPECT_EQ(history["intervals"][0]["role"], "unknown");
    EXPECT_EQ(history["intervals"][2]["to"], "") << "it lasts";
    EXPECT_NEAR(history["availability"].get<double>(), 0.75, 0.01);
    EXPECT_TRUE(history["next"].is_null());
}

TEST_F(HistoryOfHosts, BeginsWithTheIntervalThatLastedThen) {
    const Json history = get("/v1/hosts/n002/history", {{"since", "45m"}});
    ASSERT_EQ(history["intervals"].size(), 2U);
    EXPECT_EQ(history["intervals"][0]["from"], time_text(now - 1h));
    EXPECT_NEAR(history["availability"].get<double>(), 2.0 / 3, 0.01) << "of the 45 minutes alone";
}

TEST_F(HistoryOfHosts, IsGivenByPages) {
    const Json first = get("/v1/hosts/n002/history", {{"limit", "2"}});
    EXPECT_EQ(first["intervals"].size(), 2U);
    EXPECT_NEAR(first["availability"].get<double>(), 0.75, 0.01) << "of the whole time";
    const Json second =
        get("/v1/hosts/n002/history", {{"limit", "2"}, {"after", first["next"].dump()}});
    ASSERT_EQ(second["intervals"].size(), 1U);
    EXPECT_EQ(second["intervals"][0]["state"], "live");
    EXPECT_TRUE(second["next"].is_null());
}

TEST_F(HistoryOfHosts, IsWholeHoweverOftenAHostHasChanged) {
    for (int i = 0; i < 1500; ++i)
        begin(3, now - 1h + 1s * i, i % 2 == 0 ? HostState::lost : HostState::live);
    const Json history = get("/v1/hosts/n003/history", {{"limit", "10000"}});
    EXPECT_EQ(history["intervals"].size(), 1501U);
}

TEST_F(HistoryOfHosts, TellsHowAllHostsWereAtOneTime) {
    EXPECT_THAT(names_at({{"at", "50m"}, {"state", "lost"}}), ElementsAre("n002", "n004"));
    EXPECT_THAT(names_at({{"at", "10m"}, {"state", "lost"}}), ElementsAre("n004"));
    EXPECT_THAT(names_at({{"at", "90m"}, {"state", "lost"}}), IsEmpty());
    EXPECT_THAT(names_at({{"at", "50m"}, {"where", "zone=z2"}, {"state", "live"}}),
                ElementsAre("n003"));
    const Json host = get("/v1/hosts", {{"at", "50m"}, {"where", "host in n002"}})[0];
    EXPECT_EQ(host["id"], 2);
    EXPECT_EQ(host["cause"], "crashed");
    EXPECT_EQ(host["since"], time_text(now - 1h));
    EXPECT_EQ(host["parent"], "n001");
    EXPECT_EQ(host["drained"], false);
    EXPECT_EQ(host["generation"], 3);
    EXPECT_EQ(get("/v1/hosts", {{"at", "50m"}, {"where", "host in n004"}})[0]["role"], "branch");
    EXPECT_EQ(get("/v1/hosts", {{"at", "100m"}, {"where", "host in n004"}})[0]["role"], "unknown");
}

TEST_F(HistoryOfHosts, TellsHowOneHostWasAtOneTime) {
    const Json host = get("/v1/hosts/n002", {{"at", "50m"}});
    EXPECT_EQ(host["name"], "n002");
    EXPECT_EQ(host["state"], "lost");
    EXPECT_EQ(host["parent"], "n001");
    EXPECT_THAT(refusal(404, "/v1/hosts/n002", {{"at", "3h"}}), HasSubstr("no record of host"));
    EXPECT_THAT(refusal(404, "/v1/hosts/n009", {{"at", "1h"}}), HasSubstr("no host \"n009\""));
    EXPECT_THAT(refusal(404, "/v1/hosts/n002", {{"at", "91d"}}), HasSubstr("kept for 90 days"));
    EXPECT_THAT(refusal(400, "/v1/hosts/n002", {{"at", "2100-01-01"}}), HasSubstr("in the future"));
}

TEST_F(HistoryOfHosts, TellsHowTheTreeWas) {
    const Json tree = get("/v1/tree", {{"at", "50m"}});
    EXPECT_EQ(tree["cell"], get("/v1/tree")["cell"]);
    EXPECT_EQ(tree["at"].get<std::string>().size(), 24U);
    EXPECT_EQ(tree["generation"], 3);
    EXPECT_EQ(tree["root"], "n001");
    EXPECT_EQ(tree["depth"], 1);
    EXPECT_EQ(tree["max_children"], 1);
    ASSERT_EQ(tree["nodes"].size(), 2U) << "n002 and n004 were lost";
    EXPECT_EQ(tree["nodes"][1], (Json{{"host", "n003"},
                                      {"role", "unknown"},
                                      {"parent", "n001"},
                                      {"children", 0},
                                      {"state", "live"}}));
    EXPECT_EQ(get("/v1/tree", {{"at", "90m"}})["max_children"], 3);
    EXPECT_THAT(refusal(404, "/v1/tree", {{"at", "3h"}}), HasSubstr("the first is of"));
    EXPECT_THAT(refusal(404, "/v1/tree", {{"at", "91d"}}), HasSubstr("kept for 90 days"));
    EXPECT_THAT(refusal(400, "/v1/tree", {{"at", "soon"}}), HasSubstr("at: \"soon\""));
}

TEST_F(HistoryOfHosts, TellsOfNobodyWhenNobodyWasAskedFor) {
    EXPECT_THAT(names_at({{"at", "50m"}, {"where", "host in x[1-9]"}}), IsEmpty());
    EXPECT_THAT(names_at({{"at", "3h"}, {"where", "host in x[1-9]"}}), IsEmpty());
}

TEST_F(HistoryOfHosts, TellsOfAllHostsByPages) {
    EXPECT_THAT(names_at({{"at", "50m"}, {"limit", "3"}}), ElementsAre("n001", "n002", "n003"));
    EXPECT_THAT(names_at({{"at", "50m"}, {"limit", "3"}, {"after", "3"}}), ElementsAre("n004"));
    EXPECT_THAT(names_at({{"at", "50m"}, {"limit", "3"}, {"after", "4"}}), IsEmpty());
}

TEST_F(HistoryOfHosts, SaysWhatIsWrongWithATime) {
    EXPECT_THAT(refusal(400, "/v1/hosts", {{"at", "2100-01-01T00:00:00Z"}}),
                HasSubstr("at: 2100-01-01T00:00:00.000Z is in the future"));
    EXPECT_THAT(refusal(400, "/v1/hosts", {{"at", "yesterday"}}), HasSubstr("\"yesterday\""));
    EXPECT_THAT(refusal(400, "/v1/hosts", {{"at", ""}}), HasSubstr("at: \"\" is not a time"));
    EXPECT_THAT(refusal(404, "/v1/hosts", {{"at", "100d"}}), HasSubstr("kept for 90 days"));
    EXPECT_THAT(refusal(400, "/v1/hosts", {{"at", "1h"}, {"state", "unplaced"}}),
                HasSubstr("no state \"unplaced\""));
    EXPECT_THAT(refusal(400, "/v1/hosts", {{"limit", "3"}}), HasSubstr("go with at"));
    EXPECT_THAT(refusal(400, "/v1/hosts/n002/history", {{"since", "2100-01-01T00:00:00Z"}}),
                HasSubstr("since: "));
    EXPECT_EQ(refusal(404, "/v1/hosts/n009/history", {}), "there is no host \"n009\"");
}

TEST_F(HistoryOfHosts, SaysWhenItBegins) {
    EXPECT_EQ(refusal(404, "/v1/hosts", {{"at", "3h"}}).substr(0, 30),
              "there is no record of any host");
    EXPECT_THAT(refusal(404, "/v1/hosts", {{"at", "3h"}}),
                HasSubstr("the first is of " + time_text(now - 2h)));
    timelines = {};
    EXPECT_THAT(refusal(404, "/v1/hosts", {{"at", "3h"}}), HasSubstr("no record of any host"));
    EXPECT_THAT(get("/v1/hosts/n002/history")["intervals"], IsEmpty());
}

class CountsOfHosts : public HistoryOfHosts {
protected:
    Json counts_at(const std::string& at, const std::string& where = {}) {
        return get("/v1/status", {{"at", at}, {"where", where}})["hosts"];
    }
    static Json expected(int live, int lost) {
        return {{"registered", live + lost},
                {"live", live},
                {"suspect", 0},
                {"lost", lost},
                {"left", 0},
                {"drained", 0}};
    }
};

TEST_F(CountsOfHosts, AreThoseOfTheStore) {
    timelines.keep_counts_since(now - 10h);
    EXPECT_EQ(counts_at("45m"), expected(2, 2));
    EXPECT_EQ(counts_at("15m"), expected(3, 1));
    EXPECT_EQ(get("/v1/status", {{"at", "45m"}})["at"].get<std::string>().size(), 24U);
    EXPECT_THAT(refusal(404, "/v1/status", {{"at", "3h"}}),
                ::testing::StartsWith("there is no record of any host at "));
}

TEST_F(CountsOfHosts, AreCountedOneByOneWhereTheStoreDoesNotKnow) {
    timelines.keep_counts_since(now - 30min);
    EXPECT_EQ(counts_at("45m"), expected(2, 2));
    EXPECT_EQ(counts_at("15m"), expected(3, 1));
    EXPECT_THAT(refusal(404, "/v1/status", {{"at", "3h"}}),
                ::testing::HasSubstr("; the first is of "));
}

TEST_F(CountsOfHosts, AreCountedOneByOneForASelector) {
    timelines.keep_counts_since(now - 10h);
    EXPECT_EQ(counts_at("45m", "host in n00[2-3]"), expected(1, 1));
}

TEST_F(CountsOfHosts, AreRefusedWithTheReason) {
    EXPECT_THAT(refusal(400, "/v1/status", {{"at", "-"}}), ::testing::StartsWith("at: "));
    EXPECT_THAT(refusal(400, "/v1/status", {{"where", "a=b"}}),
                ::testing::StartsWith("where goes with at"));
    EXPECT_THAT(refusal(400, "/v1/status", {{"at", "1h"}, {"where", "&&"}}),
                ::testing::StartsWith("selector"));
    EXPECT_THAT(refusal(404, "/v1/status", {{"at", "2000-01-01"}}),
                ::testing::HasSubstr("too long ago"));
    timelines.keep_counts_since(now - 10h);
    timelines.fail("the disk is gone");
    EXPECT_THAT(refusal(500, "/v1/status", {{"at", "1h"}}), "the disk is gone");
}

}  // namespace
}  // namespace coppice
