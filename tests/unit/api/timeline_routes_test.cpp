// The history of hosts over HTTP: one of them, and all of them at one time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/api.h"
#include "runtime/clock.h"
#include "runtime/time_text.h"
#include "tests/support/fake_notary.h"
#include "tests/support/memory_timelines.h"
#include "tests/support/small_fleet.h"

namespace coppice {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// n002 was live for an hour, lost for half of one, and is live again since half an hour; the
/// others live since two hours, but for n004, which is lost since an hour.
class HistoryOfHosts : public ::testing::Test {
protected:
    HistoryOfHosts() {
        static_cast<void>(manager.step(Started{.unix_time = now}, Instant{} + 1s));
        for (const std::uint32_t host : {1U, 2U, 3U, 4U}) begin(host, now - 2h, HostState::live);
        begin(2, now - 1h, HostState::lost, Cause::crashed);
        begin(2, now - 30min, HostState::live, Cause::joined);
        begin(4, now - 1h, HostState::lost, Cause::silent);
    }

    void begin(std::uint32_t host, UnixMillis from, HostState state, Cause cause = Cause::none) {
        const std::vector<Write> write{Begin{{HostId{host},
                                              from,
                                              {.state = state,
                                               .cause = cause,
                                               .since = from,
                                               .parent = HostId{host == 1 ? 0U : 1U},
                                               .generation = 3,
                                               .role = role_of(host, from)}}}};
        timelines.take(write);
    }
    /// An older release ran until 90 minutes ago.
    [[nodiscard]] std::optional<Role> role_of(std::uint32_t host, UnixMillis from) const {
        if (from < now - 90min) return std::nullopt;
        return host == 4 ? Role::branch : Role::leaf;
    }
    HttpResponse ask(const std::string& path, const std::map<std::string, std::string>& query) {
        return api.handle({.method = "GET", .path = path, .query = query});
    }
    Json get(const std::string& path, const std::map<std::string, std::string>& query = {}) {
        const HttpResponse response = ask(path, query);
        EXPECT_EQ(response.status, 200) << response.body;
        return Json::parse(response.body);
    }
    std::vector<std::string> names_at(std::map<std::string, std::string> query) {
        std::vector<std::string> names;
        for (const Json& host : get("/v1/hosts", query)) names.push_back(host["name"]);
        return names;
    }
    std::string refusal(int status, const std::string& path,
                        const std::map<std::string, std::string>& query) {
        const HttpResponse response = ask(path, query);
        EXPECT_EQ(response.status, status) << response.body;
        return Json::parse(response.body)["detail"];
    }

    const UnixMillis now = unix_now();
    testing::FakeNotary notary;
    testing::MemoryTimelines timelines;
    Manager manager{
        {.addresses = {"tcp://127.0.0.1:7400"}, .fanout = 4}, testing::small_fleet(), notary};
    ManagerAccess access{{.manager = manager,
                          .post =
                              [](const std::function<void()>& task) {
                                  task();
                                  return true;
                              },
                          .submit = [](const Input&) {},
                          .patience = 100ms}};
    Api api{access, timelines, {}};
};

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

}  // namespace
}  // namespace coppice
