// Plans of the tree over HTTP: what is shown, what is refused and with which status.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/api.h"
#include "api/json.h"
#include "runtime/clock.h"
#include "tests/support/small_api.h"
#include "tests/support/small_fleet.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class TreePlansOverHttp : public ::testing::Test {
protected:
    static Loaded with_history() {
        Loaded loaded = testing::small_fleet();
        loaded.records.emplace_back(
            TreeChangeRecord{.generation = 3,
                             .time = UnixMillis{1'714'564'800'000},
                             .reasons = {"death of n004 (crashed)"},
                             .moves = {{HostId{2}, HostId{9}, HostId{1}, MovedBy::host, 0}},
                             .moves_more = 7,
                             .placed = 1,
                             .kept_after = 2});
        return loaded;
    }
    HttpResponse get(const std::string& path,
                     const std::map<std::string, std::string>& query = {}) {
        return api_.handle({.method = "GET", .path = path, .query = query});
    }
    HttpResponse post(const std::string& path, const std::string& body) {
        return api_.handle({.method = "POST", .path = path, .body = body});
    }
    std::string refusal(int status, const HttpResponse& response) {
        EXPECT_EQ(response.status, status) << response.body;
        EXPECT_EQ(response.content_type, "application/problem+json");
        return Json::parse(response.body)["detail"];
    }

    testing::SmallApi api_{with_history(), unix_now(), 100ms};
};

TEST_F(TreePlansOverHttp, AreRefusedWhileNobodyKnowsHowTheHostsAre) {
    const auto part = HasSubstr("no root is heard");
    EXPECT_THAT(refusal(409, get("/v1/tree/plan")), part);
    EXPECT_THAT(refusal(409, post("/v1/tree/apply", "")), part);
    EXPECT_THAT(refusal(409, post("/v1/tree/apply", R"({"digest": "x", "moves_max": "3"})")), part);
    EXPECT_THAT(refusal(409, post("/v1/tree/rollback", R"({"generation": 2})")), part);
    EXPECT_THAT(refusal(409, post("/v1/tree/rollback", R"({"generation": 2, "dry_run": true})")),
                part);
}

TEST_F(TreePlansOverHttp, HaveABoundThatMakesSense) {
    for (const char* bound : {"0%", "101%", "-1", "many", "0"}) {
        const auto part = HasSubstr(std::string{"\""} + bound + "\"");
        const std::string body = R"({"generation": 2, "moves_max": ")" + std::string{bound} + "\"}";
        EXPECT_THAT(refusal(400, get("/v1/tree/plan", {{"moves_max", bound}})), part);
        EXPECT_THAT(refusal(400, post("/v1/tree/rollback", body)), part);
    }
    EXPECT_THAT(refusal(413, get("/v1/tree/plan", {{"moves_max", "10001"}})),
                HasSubstr("at most 10000 hosts"));
}

TEST_F(TreePlansOverHttp, SayWhatIsWrongWithARequest) {
    EXPECT_THAT(refusal(400, post("/v1/tree/apply", R"({"digest": 7})")),
                HasSubstr("digest is not a text"));
    EXPECT_THAT(refusal(400, post("/v1/tree/apply", R"({"moves_max": 7})")),
                HasSubstr("moves_max is not a text"));
    EXPECT_THAT(refusal(400, post("/v1/tree/apply", R"({"generation": 7})")),
                HasSubstr("\"generation\""));
    for (const char* body :
         {"{}", R"({"generation": -1})", R"({"generation": "2"})", R"({"generation": 1.5})"})
        EXPECT_THAT(refusal(400, post("/v1/tree/rollback", body)), HasSubstr("whole number"));
    EXPECT_THAT(refusal(400, post("/v1/tree/rollback", R"({"generation": 2, "dry_run": 1})")),
                HasSubstr("dry_run"));
    EXPECT_THAT(refusal(405, get("/v1/tree/apply")), HasSubstr("does not fit"));
}

TEST_F(TreePlansOverHttp, ShowTheHistoryOfTheTree) {
    const HttpResponse answer = get("/v1/tree/history");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const Json list = Json::parse(answer.body);
    ASSERT_EQ(list.size(), 1U);
    const Json& change = list.front();
    EXPECT_EQ(change["from"], 2);
    EXPECT_EQ(change["to"], 3);
    EXPECT_EQ(change["time"], "2024-05-01T12:00:00.000Z");
    EXPECT_EQ(change["cause"], "death of n004 (crashed); 1 host joined or came back");
    EXPECT_EQ(change["moves_more"], 7);
    EXPECT_EQ(change["placed"], 1);
    EXPECT_EQ(change["moves"],
              Json::parse(R"json([{"host": "n002", "old_parent": "#9", "new_parent": "n001",
                                 "by": "host", "why": "death of n004 (crashed)"}])json"));
    EXPECT_TRUE(Json::parse(get("/v1/tree/history", {{"since", "1h"}}).body).empty());
    EXPECT_TRUE(Json::parse(get("/v1/tree/history", {{"count", "0"}}).body).empty());
    EXPECT_THAT(refusal(400, get("/v1/tree/history", {{"since", "soon"}})), HasSubstr("soon"));
    EXPECT_THAT(refusal(400, get("/v1/tree/history", {{"count", "few"}})), HasSubstr("few"));
}

TEST_F(TreePlansOverHttp, AreDescribedForTools) {
    const Json paths = Json::parse(get("/v1/openapi.json").body)["paths"];
    EXPECT_TRUE(paths["/v1/tree/plan"].contains("get"));
    EXPECT_TRUE(paths["/v1/tree/apply"].contains("post"));
    EXPECT_TRUE(paths["/v1/tree/history"].contains("get"));
    EXPECT_TRUE(paths["/v1/tree/rollback"].contains("post"));
}

}  // namespace
}  // namespace coppice
