// The local API without sockets: requests, and what its streams are sent.
#include "local/hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "common/limits.h"
#include "common/random.h"
#include "local/json.h"
#include "runtime/base64.h"
#include "tests/support/temporary_directory.h"

namespace coppice::local {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

class HubTest : public testing::Test {
protected:
    Reply ask(const std::string& method, const std::string& path, const std::string& body = {}) {
        return hub.answer({.method = method, .path = path, .body = body}, now);
    }
    Json get(const std::string& path) { return Json::parse(ask("GET", path).response.body); }
    void open(std::uint64_t stream, const Reply& reply) {
        ASSERT_TRUE(reply.begin) << reply.response.body;
        reply.begin(stream);
    }
    void listen(std::uint64_t stream, const std::string& after = {}) {
        HttpRequest request{.method = "GET", .path = "/v1/events"};
        if (!after.empty()) request.headers["last-event-id"] = after;
        open(stream, hub.answer(request, now));
    }
    std::string take_sent(std::uint64_t stream) { return std::exchange(sent[stream], {}); }

    static RoleShown role_of(Role role, std::optional<BootTime> expires, std::uint64_t generation) {
        AgentView view;
        view.host = HostId{7};
        view.role = role;
        view.is_attached = true;
        view.parent = HostId{3};
        view.stamp = {2, generation};
        view.path = {HostId{1}, HostId{3}, HostId{7}};
        return {.name = "n7", .view = view, .expires = expires};
    }
    void value(const std::string& topic, const std::string& payload, std::uint64_t version) {
        std::ofstream{folder.path() / topic} << payload;
        hub.on_topic(topic, {.version = version});
    }
    [[nodiscard]] bool take(const std::string& topic, std::uint64_t version,
                            bool is_withdrawal = false) {
        const auto content = std::make_shared<const PushContent>(
            PushContent{.topic = topic,
                        .version = version,
                        .payload = is_withdrawal ? Bytes{} : Bytes{'h', 'i'},
                        .is_withdrawal = is_withdrawal});
        return hub.take(
            {.push = PushId{version}, .topic = topic, .version = version, .content = content}, now);
    }

    TemporaryDirectory folder;
    Instant now{seconds{100}};
    std::map<std::uint64_t, std::string> sent;
    std::vector<std::string> done;
    std::size_t streams = 0;
    OwnOfHost own{.measurements = OwnMeasurements{{"load1"}}};
    std::vector<Reduced> reduced;
    Hub hub{
        {.topics = folder.path(), .offers = {}, .run = "9"},
        own,
        {.send = [this](std::uint64_t stream, std::string_view piece) { sent[stream] += piece; },
         .open = [this] { return streams; }},
        {.keep = [this](const Apply& apply) { done.push_back("keep " + apply.topic); },
         .refuse = [this](PushId,
                          const std::string& reason) { done.push_back("refuse " + reason); },
         .reduced = [this](Reduced one) { reduced.push_back(std::move(one)); }}};
};

TEST_F(HubTest, ShowsTheRoleWithItsFenceAndItsExpiry) {
    hub.on_role(role_of(Role::branch, boot_now() + seconds{20}, 5), boot_now());
    const Json role = get("/v1/role");
    EXPECT_EQ(role["name"], "n7");
    EXPECT_EQ(role["role"], "branch");
    EXPECT_EQ(role["parent"], 3);
    EXPECT_EQ(role["path"], Json::parse("[1,3,7]"));
    EXPECT_EQ(role["fence"], Json::parse(R"({"term":2,"generation":5})"));
    EXPECT_TRUE(role["is_valid"]);
    EXPECT_GT(role["expires_in_ms"], 0);
    hub.on_role(role_of(Role::leaf, std::nullopt, 6), boot_now());
    EXPECT_TRUE(get("/v1/role")["expires_in_ms"].is_null());
    EXPECT_TRUE(get("/v1/role")["is_valid"]);
}

TEST_F(HubTest, ARoleThatHasExpiredIsToldWithoutAnyInput) {
    const BootTime end = boot_now() + seconds{20};
    hub.on_role(role_of(Role::root, end, 5), boot_now());
    listen(1);
    take_sent(1);
    const Instant due = hub.next_deadline(now, end - seconds{3});
    EXPECT_EQ(due, now + seconds{3});
    hub.work(now, end - seconds{1});
    EXPECT_EQ(take_sent(1), "");
    hub.work(now, end);
    EXPECT_THAT(take_sent(1),
                testing::AllOf(HasSubstr("event: role"), HasSubstr("\"is_valid\":false")));
    EXPECT_EQ(hub.next_deadline(now, end), never);
}

TEST_F(HubTest, AnExpiryThatIsPutOffIsNoEventOfTheRing) {
    hub.on_role(role_of(Role::root, boot_now() + seconds{20}, 5), boot_now());
    listen(1);
    take_sent(1);
    hub.on_role(role_of(Role::root, boot_now() + seconds{21}, 5), boot_now());
    const std::string lease = take_sent(1);
    EXPECT_TRUE(lease.starts_with("event: lease\n")) << lease;
    hub.on_role(role_of(Role::root, boot_now() + seconds{21}, 6), boot_now());
    EXPECT_THAT(take_sent(1), HasSubstr("event: role"));
}

TEST_F(HubTest, AStreamBeginsWithAllThatIsOrGoesOnWhereItWas) {
    value("motd", "hello", 3);
    listen(1);
    const std::string begin = take_sent(1);
    EXPECT_THAT(begin, HasSubstr("id: 9-1\nevent: reset\n"));
    EXPECT_THAT(begin, HasSubstr(R"("topics":[{"topic":"motd","version":3}])"));
    hub.on_stream_end(1, now);
    value("motd", "hello", 4);
    EXPECT_EQ(take_sent(1), "");
    listen(2, "9-1");
    EXPECT_EQ(take_sent(2), "id: 9-2\nevent: topic\ndata: {\"topic\":\"motd\",\"version\":4}\n\n");
    listen(3, "8-1");
    EXPECT_THAT(take_sent(3), HasSubstr("event: reset"));
}

TEST_F(HubTest, ShowsTopicsWithTheirValues) {
    value("motd", "hello\n", 3);
    EXPECT_EQ(get("/v1/topics").dump(), R"({"topics":[{"topic":"motd","version":3}]})");
    EXPECT_EQ(get("/v1/topics/motd").dump(),
              R"({"topic":"motd","version":3,"payload":"aGVsbG8K"})");
    EXPECT_EQ(ask("GET", "/v1/topics/none").response.status, 404);
    EXPECT_EQ(ask("GET", "/v1/topics/../../etc/passwd").response.status, 404);
}

TEST_F(HubTest, ASubscriberIsOfferedValuesAndAnswers) {
    value("app/a", "old", 1);
    EXPECT_FALSE(take("app/a", 2)) << "nobody is subscribed";
    open(1, ask("POST", "/v1/subscriptions", R"({"topics":["app/*"]})"));
    EXPECT_EQ(take_sent(1), "event: current\ndata: {\"topic\":\"app/a\",\"version\":1}\n\n");
    EXPECT_TRUE(take("app/a", 2));
    EXPECT_THAT(take_sent(1),
                HasSubstr(R"({"topic":"app/a","version":2,"payload":"aGk=","limit_ms":30000})"));
    EXPECT_EQ(ask("POST", "/v1/topics/app/a/applied", R"({"version":1})").response.status, 409);
    EXPECT_EQ(ask("POST", "/v1/topics/app/a/applied", R"({"version":2})").response.status, 200);
    EXPECT_TRUE(take("app/a", 3));
    EXPECT_EQ(ask("POST", "/v1/topics/app/a/refused", R"({"version":3})").response.status, 400);
    EXPECT_EQ(
        ask("POST", "/v1/topics/app/a/refused", R"({"version":3,"reason":"no"})").response.status,
        200);
    EXPECT_THAT(done, ElementsAre("keep app/a", "refuse no"));
    hub.on_stream_end(1, now);
    EXPECT_FALSE(take("app/a", 4));
}

TEST_F(HubTest, AWithdrawalIsOfferedAndToldWithoutAPayload) {
    open(1, ask("POST", "/v1/subscriptions", R"({"topics":["app/*"]})"));
    listen(2);
    static_cast<void>(take_sent(2));
    EXPECT_TRUE(take("app/a", 2, true));
    EXPECT_EQ(take_sent(1),
              "event: offer\ndata: "
              R"({"topic":"app/a","version":2,"withdrawn":true,"limit_ms":30000})"
              "\n\n");
    EXPECT_EQ(ask("POST", "/v1/topics/app/a/applied", R"({"version":2})").response.status, 200);
    EXPECT_THAT(done, ElementsAre("keep app/a"));
    hub.on_topic("app/a", {.version = 2, .is_withdrawn = true});
    const std::string shown = R"({"topic":"app/a","version":2,"withdrawn":true})";
    EXPECT_THAT(take_sent(2), HasSubstr("event: topic\ndata: " + shown + "\n"));
    EXPECT_EQ(get("/v1/topics").dump(), R"({"topics":[)" + shown + "]}");
    EXPECT_EQ(ask("GET", "/v1/topics/app/a").response.status, 404);
    open(3, ask("POST", "/v1/subscriptions", R"({"topics":["app/a"]})"));
    EXPECT_EQ(take_sent(3), "event: current\ndata: " + shown + "\n\n");
    value("app/a", "again", 3);
    EXPECT_EQ(get("/v1/topics").dump(), R"({"topics":[{"topic":"app/a","version":3}]})");
}

TEST_F(HubTest, MeasurementsAreTakenAndListed) {
    EXPECT_EQ(ask("PUT", "/v1/measurements/queue", R"({"value":4.5,"for_s":10})").response.status,
              200);
    EXPECT_EQ(get("/v1/measurements").dump(),
              R"({"measurements":[{"name":"queue","value":4.5,"expires_in_ms":10000}]})");
    for (const char* body : {"", "4", "{}", R"({"value":"x"})", R"({"value":1,"for_s":0})",
                             R"({"value":1,"for_s":1e300})", R"({"value":1,"for_s":"1m"})", "{"})
        EXPECT_EQ(ask("PUT", "/v1/measurements/queue", body).response.status, 400) << body;
    EXPECT_EQ(ask("PUT", "/v1/measurements/load1", R"({"value":1})").response.status, 400);
}

TEST_F(HubTest, MessagesAreForTheAgentToSend) {
    const auto said = [this](const std::string& to) {
        const Reply reply =
            ask("POST", "/v1/messages", R"({"channel":"c","to":)" + to + R"(,"body":"hi"})");
        EXPECT_TRUE(reply.said) << reply.response.body;
        EXPECT_EQ(reply.said->message, (LocalMessage{.channel = "c", .body = {'h', 'i'}}));
        return *reply.said;
    };
    EXPECT_EQ(said(R"("parent")").to, LocalSaid::To::parent);
    EXPECT_EQ(said(R"("children")").to, LocalSaid::To::children);
    EXPECT_EQ(said("9").to, LocalSaid::To::host);
    EXPECT_EQ(said("9").host, HostId{9});
    for (const char* body :
         {"", "{}", R"({"channel":"c","to":"everybody","body":"x"})",
          R"({"channel":"c","to":-1,"body":"x"})", R"({"channel":"c","to":4294967296,"body":"x"})",
          R"({"channel":"c","to":"parent","body":1})", R"({"channel":1,"to":"parent","body":"x"})",
          R"({"channel":"c","to":"parent"})"})
        EXPECT_EQ(ask("POST", "/v1/messages", body).response.status, 400) << body;
}

TEST_F(HubTest, OfMessagesItSaysToWhomTheyWentOrWhyToNobody) {
    const HttpResponse told = response_to(MessageSent{{HostId{3}, HostId{9}}});
    EXPECT_EQ(told.status, 200);
    EXPECT_EQ(told.body, R"({"to":[3,9]})");
    const HttpResponse refused =
        response_to(Problem{Problem::Kind::conflict, "this host has no children now"});
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("this host has no children now"));
}

TEST_F(HubTest, MessagesAreHeardByThoseWhoListenOnTheChannel) {
    const auto listen_on = [this](const std::string& channels, const std::string& after = {}) {
        return hub.answer({.method = "GET",
                           .path = "/v1/events",
                           .query = {{"channels", channels}},
                           .headers = {{"last-event-id", after}}},
                          now);
    };
    open(1, listen_on("a,c"));
    listen(2);
    take_sent(1);
    take_sent(2);
    hub.on_heard({.from = HostId{3}, .is_from_parent = true, .message = {"c", {'h', 'i'}}});
    hub.on_heard({.from = HostId{3}, .is_from_parent = true, .message = {"b", {'h', 'i'}}});
    const std::string shown =
        "id: 9-1\nevent: message\ndata: "
        R"({"channel":"c","from":3,"is_from_parent":true,"body":"hi"})"
        "\n\n";
    EXPECT_EQ(take_sent(1), shown);
    EXPECT_EQ(take_sent(2), "");
    open(3, listen_on("c", "9-0"));
    EXPECT_EQ(take_sent(3), shown) << "it was away for a moment";
    open(4, listen_on("c", "9-1"));
    EXPECT_EQ(take_sent(4), "") << "nothing comes twice";
    EXPECT_EQ(listen_on("a b").response.status, 400);
}

TEST_F(HubTest, ABodyThatIsNoTextIsShownAsWhatIsTextInIt) {
    open(1, hub.answer({.method = "GET", .path = "/v1/events", .query = {{"channels", "c"}}}, now));
    take_sent(1);
    hub.on_heard({.from = HostId{9}, .message = {"c", {'h', 0xff, 'i'}}});
    EXPECT_THAT(take_sent(1), HasSubstr("\"body\":\"h\xEF\xBF\xBDi\""));
}

TEST_F(HubTest, SaysWhatIsNoAddressAndWhatIsNoMethod) {
    EXPECT_EQ(ask("GET", "/").response.status, 404);
    EXPECT_EQ(ask("GET", "/v1/roles").response.status, 404);
    EXPECT_EQ(ask("POST", "/v1/role").response.status, 405);
    EXPECT_EQ(ask("GET", "/v1/subscriptions").response.status, 405);
    EXPECT_EQ(ask("POST", "/v1/topics/applied", R"({"version":1})").response.status, 404);
}

TEST_F(HubTest, StreamsAreBoundedInNumber) {
    streams = Hub::streams_max;
    EXPECT_EQ(ask("GET", "/v1/events").response.status, 503);
    EXPECT_EQ(ask("POST", "/v1/subscriptions", R"({"topics":["a"]})").response.status, 503);
    for (const char* body : {R"({"topics":[]})", R"({"topics":"a"})", R"({"topics":[1]})", "[]"})
        EXPECT_EQ(ask("POST", "/v1/subscriptions", body).response.status, 400) << body;
}

TEST_F(HubTest, WhateverIsSentIsAnswered) {
    Random random{11};
    const std::vector<std::string> words{
        "/v1/", "topics/",       "role",    "applied",   "measurements/", "{\"version\":",
        "-1",   "1e999",         "[[[[",    "null",      "\"\\ud800\"",   "}",
        "\xff", "subscriptions", "refused", "\"value\":"};
    for (int round = 0; round < 20'000; ++round) {
        std::string path = "/v1/";
        std::string body;
        while (random.below(3) != 0) path += words[random.below(words.size())];
        while (random.below(4) != 0) body += words[random.below(words.size())];
        const char* method = round % 3 == 0 ? "GET" : round % 3 == 1 ? "POST" : "PUT";
        const Reply reply = ask(method, path, body);
        EXPECT_LT(reply.response.status, 600);
        EXPECT_NE(reply.response.status, 500);
    }
}

TEST(LocalJson, EncodesBase64AsRfc4648Shows) {
    const auto encoded = [](std::string_view text) {
        return base64(Bytes{text.begin(), text.end()});
    };
    EXPECT_EQ(encoded(""), "");
    EXPECT_EQ(encoded("f"), "Zg==");
    EXPECT_EQ(encoded("fo"), "Zm8=");
    EXPECT_EQ(encoded("foo"), "Zm9v");
    EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

// --- reduce() -----------------------------------------------------------------------------------

TEST_F(HubTest, ContributionsAreTakenAsTheyAre) {
    const std::string bytes{"a\0\xff", 3};
    EXPECT_EQ(ask("PUT", "/v1/contributions/words", bytes).response.status, 200);
    EXPECT_EQ(*own.contributions.all(now).at("words"), (Bytes{'a', 0, 0xff}));
    const Json list = get("/v1/contributions");
    EXPECT_EQ(list, Json::parse(R"({"contributions":[{"name":"words","bytes":3,)"
                                R"("expires_in_ms":60000}]})"));
    const auto put_for = [&](const std::string& lifetime) {
        return hub
            .answer({.method = "PUT",
                     .path = "/v1/contributions/words",
                     .query = {{"for_s", lifetime}}},
                    now)
            .response.status;
    };
    EXPECT_EQ(put_for("1.5"), 200);
    EXPECT_EQ(own.contributions.list(now).front().expires, now + std::chrono::milliseconds{1500});
    for (const char* wrong : {"0", "-1", "x", "", "1s", "100000", "nan"})
        EXPECT_EQ(put_for(wrong), 400) << wrong;
    EXPECT_EQ(ask("PUT", "/v1/contributions/Words").response.status, 400);
    EXPECT_EQ(ask("PUT", "/v1/contributions/words", std::string(16385, 'x')).response.status, 413);
}

TEST_F(HubTest, ADaemonReducesParts) {
    open(1, ask("POST", "/v1/reducers", R"({"names":["words"]})"));
    const auto parts =
        std::make_shared<const std::vector<Bytes>>(std::vector<Bytes>{{'h', 'i'}, {0xff}});
    hub.reduce({.reduction = {5}, .name = "words", .parts = parts, .time_limit = seconds{1}}, now);
    EXPECT_EQ(take_sent(1),
              "event: reduce\ndata: "
              R"({"id":"9-5","name":"words","parts":["aGk=","/w=="],"limit_ms":1000})"
              "\n\n");
    EXPECT_EQ(ask("POST", "/v1/reductions/8-5/reduced", "x").response.status, 409)
        << "of another run";
    EXPECT_EQ(ask("POST", "/v1/reductions/9-5/reduced", "both").response.status, 200);
    ASSERT_EQ(reduced.size(), 1U);
    EXPECT_EQ(reduced[0].reduction.value, 5U);
    EXPECT_EQ(reduced[0].bytes, (Bytes{'b', 'o', 't', 'h'}));
    EXPECT_EQ(ask("POST", "/v1/reductions/9-5/reduced", "both").response.status, 409) << "twice";
    hub.reduce({.reduction = {6}, .name = "words", .parts = parts, .time_limit = seconds{1}}, now);
    EXPECT_EQ(ask("POST", "/v1/reductions/9-6/failed", "no").response.status, 400);
    EXPECT_EQ(ask("POST", "/v1/reductions/9-6/failed", R"({"reason":"no"})").response.status, 200);
    EXPECT_EQ(reduced.at(1).reason, "no");
    hub.reduce({.reduction = {7}, .name = "words", .parts = parts, .time_limit = seconds{1}}, now);
    EXPECT_EQ(ask("POST", "/v1/reductions/9-7/reduced", std::string(16385, 'x')).response.status,
              413);
    EXPECT_EQ(reduced.at(2).bytes.size(), 16385U) << "which the agent counts as a failure";
    EXPECT_EQ(ask("POST", "/v1/reductions/9-7", "x").response.status, 404);
}

TEST_F(HubTest, AReducerThatHangsOrEndsIsNotWaitedFor) {
    open(1, ask("POST", "/v1/reducers", R"({"names":["words"]})"));
    const auto parts = std::make_shared<const std::vector<Bytes>>(2);
    hub.reduce({.reduction = {5}, .name = "words", .parts = parts, .time_limit = seconds{1}}, now);
    EXPECT_EQ(hub.next_deadline(now, boot_now()), now + seconds{1});
    hub.work(now + seconds{1}, boot_now());
    ASSERT_EQ(reduced.size(), 1U);
    EXPECT_EQ(reduced[0].reason, "it did not answer within 1000 ms");
    hub.on_stream_end(1, now);
    hub.reduce({.reduction = {6}, .name = "words", .parts = parts, .time_limit = seconds{1}}, now);
    EXPECT_EQ(reduced.at(1).outcome, Reduced::Outcome::no_reducer);
}

TEST_F(HubTest, AReducerThatCannotBeTakenIsRefusedWithASentence) {
    EXPECT_EQ(ask("POST", "/v1/reducers", "x").response.status, 400);
    EXPECT_EQ(ask("POST", "/v1/reducers", R"({"names":[]})").response.status, 400);
    EXPECT_THAT(ask("POST", "/v1/reducers", R"({"names":["a b"]})").response.body,
                HasSubstr("is not a name of"));
    streams = Hub::streams_max;
    EXPECT_EQ(ask("POST", "/v1/reducers", R"({"names":["a"]})").response.status, 503);
}

}  // namespace
}  // namespace coppice::local
