// The HTTP API before a real manager whose loop is this thread.

#include "api/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "runtime/clock.h"
#include "runtime/join_token.h"
#include "runtime/time_text.h"
#include "tests/support/fake_notary.h"
#include "tests/support/small_api.h"
#include "tests/support/small_fleet.h"

namespace coppice {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::small_fleet;
using ::testing::StartsWith;

class TheApi : public ::testing::Test {
protected:
    HttpResponse ask(const std::string& method, const std::string& path,
                     const std::map<std::string, std::string>& query = {},
                     const std::string& body = {}) {
        return api_.handle({.method = method, .path = path, .query = query, .body = body});
    }
    Json get(const std::string& path, const std::map<std::string, std::string>& query = {}) {
        const HttpResponse response = ask("GET", path, query);
        EXPECT_EQ(response.status, 200) << response.body;
        return Json::parse(response.body);
    }
    /// The sentence of a refusal that has this status.
    std::string refusal(int status, const HttpResponse& response) {
        EXPECT_EQ(response.status, status) << response.body;
        EXPECT_EQ(response.content_type, "application/problem+json");
        const Json problem = Json::parse(response.body);
        EXPECT_EQ(problem["status"], status);
        return problem["detail"];
    }
    std::set<std::string> names(const Json& hosts) {
        std::set<std::string> names;
        for (const Json& host : hosts) names.insert(host["name"].get<std::string>());
        return names;
    }

    testing::SmallApi api_{small_fleet(), unix_now(), 100ms};
};

TEST_F(TheApi, ShowsTheFleetAtAGlance) {
    const Json status = get("/v1/status");
    EXPECT_EQ(status["fleet"], "f1");
    EXPECT_EQ(status["hosts"]["registered"], 4);
    EXPECT_EQ(status["hosts"]["lost"], 1);
    EXPECT_EQ(status["cells"][0]["name"], "main");
    EXPECT_EQ(status["cells"][0]["root"], "n001");
}

TEST_F(TheApi, ListsHostsBySelectorAndState) {
    using Names = std::set<std::string>;
    EXPECT_EQ(names(get("/v1/hosts")), (Names{"n001", "n002", "n003", "n004"}));
    EXPECT_EQ(names(get("/v1/hosts", {{"where", "zone=z2"}})), (Names{"n003", "n004"}));
    EXPECT_EQ(names(get("/v1/hosts", {{"state", "lost"}, {"where", ""}})), (Names{"n004"}));
    EXPECT_EQ(get("/v1/hosts/n002")["parent"], "n001");
}

TEST_F(TheApi, SaysWhatIsWrongWithAQuestionAboutHosts) {
    EXPECT_THAT(refusal(400, ask("GET", "/v1/hosts", {{"where", "zone="}})),
                StartsWith("selector, character 6"));
    EXPECT_THAT(refusal(400, ask("GET", "/v1/hosts", {{"state", "dead"}})), HasSubstr("\"dead\""));
    EXPECT_THAT(refusal(400, ask("GET", "/v1/hosts", {{"were", "zone=z1"}})),
                HasSubstr("no parameter \"were\""));
    EXPECT_EQ(refusal(404, ask("GET", "/v1/hosts/n009")), "there is no host \"n009\"");
    const Json why = get("/v1/hosts/n001/why");
    EXPECT_EQ(why["role"], "root");
    EXPECT_THAT(why["reasons"].dump(), HasSubstr("it is the root, which has no parent"));
    EXPECT_EQ(refusal(404, ask("GET", "/v1/hosts/n009/why")), "there is no host \"n009\"");
}

TEST_F(TheApi, TellsUnknownAddressesFromUnknownMethods) {
    EXPECT_THAT(refusal(404, ask("GET", "/v2/hosts")), HasSubstr("/v1/openapi.json"));
    EXPECT_THAT(refusal(404, ask("GET", "/v1/hosts/")), HasSubstr("nothing at /v1/hosts/"));
    EXPECT_THAT(refusal(405, ask("DELETE", "/v1/hosts/n001")), HasSubstr("DELETE does not fit"));
    EXPECT_EQ(ask("HEAD", "/v1/status").status, 200);
}

TEST_F(TheApi, DrainsAHostAndLetsItBack) {
    const HttpResponse drained =
        ask("POST", "/v1/hosts/n002/drain", {}, R"({"reason": "new memory"})");
    ASSERT_EQ(drained.status, 200) << drained.body;
    EXPECT_EQ(Json::parse(drained.body)["drained"], true);
    EXPECT_EQ(Json::parse(drained.body)["drain_reason"], "new memory");
    EXPECT_EQ(names(get("/v1/hosts", {{"state", "drained"}})), std::set<std::string>{"n002"});
    EXPECT_EQ(Json::parse(ask("POST", "/v1/hosts/n002/undrain").body)["drained"], false);
    EXPECT_THAT(refusal(404, ask("POST", "/v1/hosts/n009/drain")), HasSubstr("n009"));
    EXPECT_THAT(refusal(400, ask("POST", "/v1/hosts/n002/drain", {}, R"({"raison": "x"})")),
                HasSubstr("\"raison\""));
    EXPECT_EQ(refusal(400, ask("POST", "/v1/hosts/n002/drain", {}, "{")),
              R"(the body is not a JSON object such as {"reason": "new memory"})");
}

TEST_F(TheApi, ShowsTheTreeAndItsFaults) {
    EXPECT_EQ(get("/v1/tree")["root"], "n001");
    const Json check = get("/v1/tree/check");
    EXPECT_EQ(check["ok"], check["faults"].empty());
}

TEST_F(TheApi, PushesAndShowsTheReceipt) {
    const std::string payload{"a\0b", 3};
    const HttpResponse accepted =
        ask("POST", "/v1/pushes", {{"topic", "etc/motd"}, {"where", "zone=z2"}}, payload);
    ASSERT_EQ(accepted.status, 201) << accepted.body;
    const Json push = Json::parse(accepted.body);
    EXPECT_EQ(push["topic"], "etc/motd");
    EXPECT_EQ(push["version"], 1);
    EXPECT_EQ(push["target"], 2);
    EXPECT_EQ(push["payload_bytes"], 3);
    EXPECT_EQ(push["pending_hosts"], "n[003-004]");
    EXPECT_EQ(get("/v1/pushes/" + push["push"].dump())["version"], 1);
    EXPECT_EQ(get("/v1/pushes").size(), 1U);
    EXPECT_EQ(get("/v1/topics/etc/motd")[0]["push"], push["push"]);
}

TEST_F(TheApi, RefusesPushesThatCannotBe) {
    const std::string large(limits::payload_bytes_max + 1, 'x');
    EXPECT_THAT(refusal(413, ask("POST", "/v1/pushes", {{"topic", "t"}}, large)),
                HasSubstr("at most 65536 bytes"));
    EXPECT_THAT(refusal(400, ask("POST", "/v1/pushes", {}, "x")), HasSubstr("topic is missing"));
    EXPECT_THAT(refusal(400, ask("POST", "/v1/pushes", {{"topic", "../x"}}, "x")), Not(IsEmpty()));
    EXPECT_THAT(refusal(404, ask("GET", "/v1/pushes/77")), HasSubstr("no push 77"));
    EXPECT_THAT(refusal(400, ask("GET", "/v1/pushes/last")), HasSubstr("\"last\""));
    EXPECT_THAT(refusal(404, ask("GET", "/v1/topics/none")), HasSubstr("\"none\""));
}

TEST_F(TheApi, RefusesQuestionsThatCannotBe) {
    const auto query = [this](const std::string& body) {
        return refusal(400, ask("POST", "/v1/query", {}, body));
    };
    EXPECT_THAT(query(R"json({"expr": "median(x)"})json"), StartsWith("question, character 1"));
    EXPECT_THAT(query("{}"), HasSubstr("the question is missing"));
    EXPECT_THAT(query(R"json({"expr": "count()", "deadline_ms": -1})json"),
                HasSubstr("deadline_ms"));
    EXPECT_THAT(query(R"json({"expr": 7})json"), HasSubstr("the question is missing"));
}

TEST_F(TheApi, MakesTokensWhoseTextIsShownOnce) {
    const HttpResponse made = ask("POST", "/v1/tokens", {},
                                  R"({"ttl_ms": 3600000, "uses": 5, "labels": {"zone": "z1"}})");
    ASSERT_EQ(made.status, 201) << made.body;
    const Json token = Json::parse(made.body);
    const Result<JoinToken> parsed = parse_join_token(token["token"].get<std::string>());
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->fleet, "f1");
    EXPECT_EQ(parsed->id, token["id"]);

    const Json list = get("/v1/tokens");
    ASSERT_EQ(list.size(), 1U);
    EXPECT_FALSE(list[0].contains("token"));
    EXPECT_EQ(list[0]["state"], "valid");
    EXPECT_EQ(list[0]["uses_max"], 5);
    const auto time_of = [&](const char* field) {
        return *parse_time(list[0][field].get<std::string>(), 0ms);
    };
    EXPECT_EQ(time_of("expires") - time_of("created"), 1h);
    EXPECT_EQ(list[0]["labels"]["zone"], "z1");
    EXPECT_EQ(ask("DELETE", "/v1/tokens/" + parsed->id).status, 204);
    EXPECT_EQ(get("/v1/tokens")[0]["state"], "revoked");
    refusal(404, ask("DELETE", "/v1/tokens/nothing"));
    EXPECT_THAT(refusal(400, ask("POST", "/v1/tokens", {}, R"({"ttl_ms": "1h"})")),
                HasSubstr("ttl_ms"));
}

TEST_F(TheApi, ShowsThatATokenExpiredAlthoughNothingHappened) {
    EXPECT_EQ(ask("POST", "/v1/tokens", {}, R"({"ttl_ms": 1})").status, 201);
    const UnixMillis bound = unix_now() + 10s;
    while (get("/v1/tokens")[0]["state"] != "expired" && unix_now() < bound)
        std::this_thread::yield();
    EXPECT_EQ(get("/v1/tokens")[0]["state"], "expired");
}

TEST_F(TheApi, ListsEventsOldestFirst) {
    ask("POST", "/v1/pushes", {{"topic", "a"}}, "x");
    ask("POST", "/v1/pushes", {{"topic", "b"}}, "x");
    const Json events = get("/v1/events");
    ASSERT_GE(events.size(), 2U);
    for (std::size_t at = 1; at < events.size(); ++at)
        EXPECT_LT(events[at - 1]["id"], events[at]["id"]);
    EXPECT_EQ(get("/v1/events", {{"limit", "1"}})[0], events.back());
    EXPECT_EQ(get("/v1/events", {{"limit", "1"}, {"after", "0"}})[0], events[0]);
    EXPECT_EQ(get("/v1/events", {{"after", events[0]["id"].dump()}}).size(), events.size() - 1);
    EXPECT_THAT(get("/v1/events", {{"since", "2100-01-01T00:00:00Z"}}), IsEmpty());
    refusal(400, ask("GET", "/v1/events", {{"since", "yesterday"}}));
    refusal(400, ask("GET", "/v1/events", {{"after", "x"}}));
}

/// The pieces of a stream until one holds `mark`; at most 100.
std::string read_until(const EventSource& events, const std::string& mark) {
    std::string text;
    for (int at = 0; at < 100 && text.find(mark) == std::string::npos; ++at) {
        const std::optional<std::string> piece = events();
        if (!piece) break;
        text += *piece;
    }
    return text;
}

TEST_F(TheApi, StreamsWhatHappensFromNowOn) {
    const HttpRequest request{
        .method = "GET", .path = "/v1/events", .headers = {{"accept", "text/event-stream"}}};
    ask("POST", "/v1/pushes", {{"topic", "before"}}, "x");
    const HttpResponse response = api_.handle(request);
    ASSERT_TRUE(response.events);
    EXPECT_EQ(*response.events(), ": following\n\n");
    ask("POST", "/v1/pushes", {{"topic", "after"}}, "x");
    const std::string id = get("/v1/events").back()["id"].dump();
    const std::string text = read_until(response.events, "\n\n");
    EXPECT_THAT(text, AllOf(HasSubstr("id: " + id + "\n"), HasSubstr("\ndata: {"),
                            HasSubstr("after"), Not(HasSubstr("before"))));
}

TEST_F(TheApi, ResumesAStreamAfterTheLastEventThatWasSeen) {
    ask("POST", "/v1/pushes", {{"topic", "a"}}, "x");
    ask("POST", "/v1/pushes", {{"topic", "b"}}, "x");
    const Json events = get("/v1/events");
    const std::string seen = events[events.size() - 2]["id"].dump();
    const HttpResponse response =
        api_.handle({.method = "GET",
                     .path = "/v1/events",
                     .headers = {{"accept", "text/event-stream"}, {"last-event-id", seen}}});
    const std::string text = read_until(response.events, "data:");
    EXPECT_THAT(text, AllOf(HasSubstr("id: " + events.back()["id"].dump() + "\n"),
                            Not(HasSubstr("id: " + seen + "\n"))));
}

TEST_F(TheApi, EndsStreamsWhenItCloses) {
    const HttpResponse response = api_.handle(
        {.method = "GET", .path = "/v1/events", .headers = {{"accept", "text/event-stream"}}});
    EXPECT_TRUE(response.events().has_value());
    api_.close();
    EXPECT_FALSE(response.events().has_value());
}

TEST_F(TheApi, PlansTheDetectionOfAHostThatHasAPlace) {
    const std::string plan = "/v1/plan/detection";
    const Json found = get(plan, {{"host", "n002"}, {"message_ms", "0.5"}});
    EXPECT_EQ(found["depth"], 1);
    EXPECT_EQ(found["parent"], "n001");
    EXPECT_EQ(found["message_ms"], 0.5);
    EXPECT_EQ(found["bound_ms"]["killed"], 8) << "2.5 ms and a way up of 5.5 ms";
    EXPECT_EQ(found["bound_ms"]["silent"], 4006);
    EXPECT_EQ(found["formula"]["killed"], "message + probes + way_up");
    EXPECT_FALSE(found.contains("plan"));
    const Json root = get(plan, {{"host", "n001"}, {"detect_ms", "3000"}});
    EXPECT_TRUE(root["bound_ms"]["parent_too"].is_null());
    EXPECT_EQ(root["plan"]["interval_ms"], 737) << "3 s without a message of 50 ms, by four";
    EXPECT_TRUE(root["plan"]["false_deaths_per_host_year"].is_null());
    EXPECT_THAT(refusal(404, ask("GET", plan, {{"host", "n9"}})), HasSubstr("\"n9\""));
    EXPECT_THAT(refusal(409, ask("GET", plan, {{"host", "n004"}})), HasSubstr("is lost"));
    EXPECT_THAT(refusal(400, ask("GET", plan)), HasSubstr("?host=NAME"));
    EXPECT_THAT(refusal(400, ask("GET", plan, {{"host", "n002"}, {"loss", "0.1"}})),
                HasSubstr("go together"));
    for (const char* number : {"0", "-1", "nan", "inf", "1e99", "5s", "1,5"})
        EXPECT_THAT(refusal(400, ask("GET", plan, {{"host", "n002"}, {"detect_ms", number}})),
                    AllOf(HasSubstr("detect_ms"), HasSubstr(number)));
}

TEST_F(TheApi, DescribesItself) {
    const Json document = get("/v1/openapi.json");
    EXPECT_EQ(document["openapi"], "3.1.0");
    for (const ApiRoute& route : api_.routes()) {
        if (route.pattern == "/v1/openapi.json") continue;
        std::string path = route.pattern;
        if (const auto dots = path.find("..."); dots != std::string::npos) path.erase(dots, 3);
        EXPECT_TRUE(document["paths"].contains(path)) << path;
    }
    EXPECT_EQ(document["paths"]["/v1/topics/{topic}"]["get"]["parameters"][0]["name"], "topic");
}

TEST_F(TheApi, ShowsMetricsAndHealth) {
    EXPECT_THAT(ask("GET", "/metrics").body, HasSubstr("# TYPE coppice_"));
    EXPECT_EQ(ask("GET", "/healthz").status, 200);
    EXPECT_EQ(ask("GET", "/readyz").status, 200);
}

TEST(ABusyManager, IsAnswered503) {
    const testing::FakeNotary notary;
    const Manager manager{
        {.addresses = {"tcp://127.0.0.1:7400"}, .fanout = 4}, small_fleet(), notary};
    std::vector<std::function<void()>> waiting;
    ManagerAccess access{{.manager = manager,
                          .post =
                              [&](std::function<void()> task) {
                                  waiting.push_back(std::move(task));
                                  return true;
                              },
                          .submit = [](const Input&) {},
                          .patience = 50ms}};
    testing::MemoryTimelines timelines;
    testing::MemorySeries series;
    const Api api{access, {timelines, series}, {}};
    const auto status = [&api](const std::string& method, const std::string& path) {
        return api.handle({.method = method, .path = path}).status;
    };
    EXPECT_EQ(status("GET", "/readyz"), 503);
    EXPECT_EQ(status("GET", "/v1/hosts"), 503);
    EXPECT_EQ(status("POST", "/v1/hosts/n001/undrain"), 503);
    EXPECT_EQ(status("GET", "/healthz"), 200);
    for (const auto& task : waiting) task();  // too late, and harmless
    access.on_reply({.request = RequestId{1}, .answer = Accepted{}});
}

TEST(Paths, FitTheirPatterns) {
    using Variables = std::map<std::string, std::string>;
    EXPECT_EQ(match_path("/v1/hosts/{name}", "/v1/hosts/n1"), (Variables{{"name", "n1"}}));
    EXPECT_EQ(match_path("/v1/topics/{topic...}", "/v1/topics/a/b"), (Variables{{"topic", "a/b"}}));
    EXPECT_EQ(match_path("/v1/hosts", "/v1/hosts"), Variables{});
    EXPECT_FALSE(match_path("/v1/hosts", "/v1/hosts/n1"));
    EXPECT_FALSE(match_path("/v1/hosts/{name}", "/v1/hosts"));
    EXPECT_FALSE(match_path("/v1/hosts/{name}", "/v1/hosts/a/drain"));
    EXPECT_FALSE(match_path("/v1/topics/{topic...}", "/v1/topics"));
}

}  // namespace
}  // namespace coppice
