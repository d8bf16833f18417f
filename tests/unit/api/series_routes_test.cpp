// Series over HTTP: made, listed, read by pages, removed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "runtime/clock.h"
#include "runtime/time_text.h"
#include "tests/support/small_api.h"
#include "tests/support/small_fleet.h"

namespace coppice {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

class SeriesRoutes : public ::testing::Test {
protected:
    static Loaded fleet() {
        Loaded loaded = testing::small_fleet();
        loaded.records.emplace_back(SeriesRecord{"load", "avg(load1), count() by zone", 10s, 1h});
        return loaded;
    }
    HttpResponse ask(const std::string& method, const std::string& path,
                     const std::map<std::string, std::string>& query = {},
                     const std::string& body = {}) {
        return api.handle({.method = method, .path = path, .query = query, .body = body});
    }
    Json get(const std::string& path, const std::map<std::string, std::string>& query = {}) {
        const HttpResponse response = ask("GET", path, query);
        EXPECT_EQ(response.status, 200) << response.body;
        return Json::parse(response.body);
    }
    std::string refusal(int status, const HttpResponse& response) {
        EXPECT_EQ(response.status, status) << response.body;
        return Json::parse(response.body)["detail"];
    }
    /// So many windows, ten seconds apart, the last of them now.
    void keep(int count) {
        std::vector<Write> writes;
        for (int window = 1; window <= count; ++window)
            writes.emplace_back(
                Keep{"load",
                     {.at = now - (count - window) * 10s,
                      .took = 7ms,
                      .window = {{3, 17}, static_cast<std::uint64_t>(window)},
                      .asked = 3,
                      .missing = {HostId{2}},
                      .rows = {{{"z1"}, 1, {1.5, 1.0}}, {{"z2"}, 1, {std::nullopt, 1.0}}}},
                     {}});
        api.series().take(writes);
    }

    const UnixMillis now = unix_now();
    testing::SmallApi api{fleet(), now, 100ms};
};

TEST_F(SeriesRoutes, ShowWhatWindowsGaveAndWhomTheyCover) {
    keep(1);
    const Json series = get("/v1/series/load");
    EXPECT_EQ(series["question"], "avg(load1), count() by zone");
    EXPECT_EQ(series["every_ms"], 10'000);
    EXPECT_EQ(series["columns"][0], (Json{{"of", "avg(load1)"}, {"measurement", "load1"}}));
    EXPECT_EQ(series["by"], Json{"zone"});
    EXPECT_TRUE(series["next"].is_null());
    const Json& window = series["windows"][0];
    EXPECT_EQ(window["at"], time_text(now));
    EXPECT_EQ(window["took_ms"], 7);
    EXPECT_EQ(window["window"], "3.17.1");
    EXPECT_EQ(window["coverage"],
              (Json{{"target", 3}, {"included", 2}, {"missing", "n002"}, {"missing_count", 1}}));
    EXPECT_EQ(window["groups"][0],
              (Json{{"key", {{"zone", "z1"}}}, {"hosts", 1}, {"values", {1.5, 1.0}}}));
    EXPECT_EQ(window["groups"][1]["values"], Json::parse("[null, 1.0]"));
}

TEST_F(SeriesRoutes, AreReadByPages) {
    keep(150);
    std::vector<std::string> windows;
    std::string after;
    int pages = 0;
    do {
        const Json page = get("/v1/series/load", {{"limit", "70"}, {"after", after}});
        for (const Json& window : page["windows"]) windows.push_back(window["window"]);
        after = page["next"].is_null() ? "" : page["next"].dump();
        ++pages;
    } while (!after.empty());
    EXPECT_EQ(pages, 3);
    ASSERT_EQ(windows.size(), 150U);
    EXPECT_EQ(windows.front(), "3.17.1");
    EXPECT_EQ(windows.back(), "3.17.150");
    const std::string lately = time_text(now - 95s);
    EXPECT_EQ(get("/v1/series/load", {{"since", lately}})["windows"].size(), 10U);
}

TEST_F(SeriesRoutes, AreMadeListedAndRemoved) {
    const HttpResponse made =
        ask("POST", "/v1/series", {}, R"x({"name": "mem", "question": "sum(mem_used)"})x");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(Json::parse(made.body)["every_ms"], 15'000);
    EXPECT_EQ(Json::parse(made.body)["keep_ms"], 7 * 24 * 3'600'000);
    EXPECT_EQ(get("/v1/series").size(), 2U);
    EXPECT_EQ(ask("DELETE", "/v1/series/mem").status, 204);
    EXPECT_EQ(get("/v1/series").size(), 1U);
    EXPECT_THAT(refusal(404, ask("DELETE", "/v1/series/mem")), HasSubstr("no series \"mem\""));
    EXPECT_THAT(refusal(404, ask("GET", "/v1/series/mem")), HasSubstr("no series \"mem\""));
}

TEST_F(SeriesRoutes, SayWhatIsWrong) {
    const auto mistake = [&](const std::string& body) {
        return refusal(400, ask("POST", "/v1/series", {}, body));
    };
    EXPECT_THAT(mistake(R"x({"name": "x"})x"), HasSubstr("a name and a question"));
    EXPECT_THAT(mistake(R"x({"name": "x", "question": "avg(load1"})x"),
                HasSubstr("question, character 10"));
    EXPECT_THAT(mistake(R"x({"name": "x", "question": "count()", "every_ms": -1})x"),
                HasSubstr("every_ms is a whole number of milliseconds"));
    EXPECT_THAT(mistake(R"x({"name": "x", "question": "count()", "every_ms": 10})x"),
                HasSubstr("every 1 s to 86400 s"));
    EXPECT_THAT(mistake(R"x({"name": "x", "question": "count()", "evry_ms": 10})x"),
                HasSubstr("\"evry_ms\""));
    EXPECT_THAT(refusal(400, ask("GET", "/v1/series/load", {{"since", "soon"}})),
                HasSubstr("since"));
    EXPECT_THAT(refusal(400, ask("GET", "/v1/series/load", {{"after", "x"}})),
                HasSubstr("not a whole number"));
}

}  // namespace
}  // namespace coppice
