// The HTTP server over real loopback sockets.

#include "runtime/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include "http_connection.h"

namespace coppice {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

HttpResponse echo(const HttpRequest& request) {
    std::string text = request.method + " " + request.path;
    for (const auto& [name, value] : request.query) text += " " + name + "=" + value;
    return {.content_type = "text/plain", .body = text + " [" + request.body + "]"};
}

std::string post(const std::string& body, const std::string& more = "") {
    return "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n" + more + "\r\n" + body;
}

TEST(HttpProblems, AreJsonWhateverTheyQuote) {
    const auto quoted = [](const std::string& text) {
        const std::string body = http_problem(404, text).body;
        return body.substr(body.find("\"detail\":"));
    };
    EXPECT_EQ(quoted("a\"b\\c\nd"), R"("detail":"a\"b\\c d"})");
    EXPECT_EQ(quoted("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x8c\xb3"),
              "\"detail\":\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x8c\xb3\"}");
    // No characters: a lone byte, a cut one, overlong ones, a surrogate, one behind the last.
    for (const char* text : {"\xff", "\xc3", "\x80", "\xc0", "\xf5"})
        EXPECT_EQ(quoted(text), "\"detail\":\"\xef\xbf\xbd\"}");
    for (const char* text : {"\xe0\x80\x80", "\xed\xa0\x80"})
        EXPECT_EQ(quoted(text), "\"detail\":\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"}");
    for (const char* text : {"\xf0\x80\x80\x80", "\xf4\x90\x80\x80"})
        EXPECT_THAT(quoted(text), StartsWith("\"detail\":\"\xef\xbf\xbd\xef\xbf\xbd"));
}

TEST(HttpServers, HandOverTheDecodedRequest) {
    const auto server = start(echo);
    EXPECT_THAT(ask(*server, "GET /v1/a%20b?where=zone%3Dz1 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("GET /v1/a b where=zone=z1 []")));
}

TEST(HttpServers, TakeAnyBytesAsBodyWhateverItsDeclaredType) {
    const auto server = start(echo);
    const std::string body(20'000, '&');
    const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
    EXPECT_THAT(ask(*server, post(body, form)), HasSubstr("POST /x [" + body + "]"));
    EXPECT_THAT(ask(*server, "POST /x HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                HasSubstr("POST /x []"));
}

TEST(HttpServers, RefuseLargerBodiesWithAProblemDocument) {
    HttpServerConfig config;
    config.body_bytes_max = 100;
    const auto server = start(echo, config);
    EXPECT_THAT(ask(*server, post(std::string(100, 'x'))), StartsWith("HTTP/1.1 200"));
    const std::string refused = ask(*server, post(std::string(101, 'x')));
    EXPECT_THAT(refused, AllOf(StartsWith("HTTP/1.1 413"), HasSubstr("application/problem+json"),
                               HasSubstr("at most 100 bytes")));
    const std::string chunks =
        ask(*server,
            "POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
            "\r\nc8\r\n" +
                std::string(200, 'x') + "\r\n0\r\n\r\n");
    EXPECT_THAT(chunks, StartsWith("HTTP/1.1 413"));
}

TEST(HttpServers, AnswerAnExceptionOfTheHandlerWith500) {
    const auto server =
        start([](const HttpRequest&) -> HttpResponse { throw std::runtime_error{"secret"}; });
    EXPECT_THAT(ask(*server, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                AllOf(StartsWith("HTTP/1.1 500"), HasSubstr("\"status\":500"),
                      testing::Not(HasSubstr("secret"))));
}

TEST(HttpServers, RefuseWebPagesOfOtherOrigins) {
    const auto server = start(echo);
    EXPECT_THAT(ask(*server, "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
                StartsWith("HTTP/1.1 403"));
    EXPECT_THAT(ask(*server, post("", "Origin: http://evil.example\r\n")),
                StartsWith("HTTP/1.1 403"));
    EXPECT_THAT(ask(*server, post("", "Origin: http://localhost\r\n")), StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(ask(*server, "GET / HTTP/1.1\r\nHost: [::1]:7401\r\n\r\n"),
                StartsWith("HTTP/1.1 200"));
}

TEST(HttpServers, RefusePathsThatAreTooLong) {
    const auto server = start(echo);
    EXPECT_THAT(
        ask(*server, "GET /" + std::string(2000, 'x') + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        StartsWith("HTTP/1.1 414"));
}

/// New threads get small stacks, as in our daemons, while this lives.
class SmallStacks {
public:
    SmallStacks() {
        ::pthread_getattr_default_np(&before_);
        pthread_attr_t small = before_;
        ::pthread_attr_setstacksize(&small, 2 * 1024 * 1024);
        ::pthread_setattr_default_np(&small);
    }
    ~SmallStacks() { ::pthread_setattr_default_np(&before_); }
    SmallStacks(const SmallStacks&) = delete;
    SmallStacks& operator=(const SmallStacks&) = delete;

private:
    pthread_attr_t before_{};
};

TEST(HttpServers, SurviveTheLongestHeadersWhereStacksAreSmall) {
    const SmallStacks small;
    const auto server = start(echo);
    std::string pairs = "bytes=0-1";
    while (pairs.size() < 7900) pairs += ",1-2";
    for (const std::string& range : {"bytes=" + std::string(7900, '1') + "-2", pairs})
        EXPECT_THAT(
            ask(*server, "GET / HTTP/1.1\r\nHost: localhost\r\nRange: " + range + "\r\n\r\n"),
            StartsWith("HTTP/1.1 "));
}

TEST(HttpServers, ListenOnLoopbackOnly) {
    for (const char* address : {"0.0.0.0:0", "192.0.2.1:7401", "*:7401", "127.evil.example:1"}) {
        const auto server = HttpServer::start({.address = address}, echo);
        ASSERT_FALSE(server.ok()) << address;
        EXPECT_THAT(server.error().message, HasSubstr("loopback")) << address;
    }
    for (const char* address : {"7401", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000"})
        EXPECT_THAT(HttpServer::start({.address = address}, echo).error().message,
                    HasSubstr("host:port"));
}

TEST(HttpServers, SayWhenThePortIsTaken) {
    const auto server = start(echo);
    const std::string address = "127.0.0.1:" + std::to_string(server->port());
    EXPECT_THAT(HttpServer::start({.address = address}, echo).error().message,
                HasSubstr("cannot listen on " + address));
    EXPECT_EQ(server->url(), "http://" + address);
}

/// A stream that says "data: n" once and then stays open.
HttpResponse one_event(const HttpRequest&) {
    HttpResponse response;
    response.events = [is_first = true]() mutable -> std::optional<std::string> {
        if (std::exchange(is_first, false)) return "data: 1\n\n";
        return "";
    };
    return response;
}

const std::string get_stream = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST(HttpServers, StreamEventsAsTheyComeAndEndThemToStop) {
    auto server = start(one_event);
    Connection client{server->port()};
    client.send(get_stream);
    EXPECT_THAT(client.read_until("data: 1"), HasSubstr("text/event-stream"));
    server.reset();  // ends although the stream has no end of its own
    client.read_all();
}

TEST(HttpServers, KeepThreadsForRequestsBesideStreams) {
    HttpServerConfig config;
    config.threads = 2;
    config.streams_max = 1;
    const auto server = start(one_event, config);
    {
        Connection first{server->port()};
        first.send(get_stream);
        EXPECT_THAT(first.read_until("data: 1"), HasSubstr("data: 1"));
        EXPECT_THAT(ask(*server, get_stream), StartsWith("HTTP/1.1 503"));
    }
}

TEST(HttpServers, ServeMoreConnectionsThanThreads) {
    HttpServerConfig config;
    config.threads = 2;
    config.streams_max = 1;
    const auto server = start(echo, config);
    std::vector<std::unique_ptr<Connection>> connections;
    for (int at = 0; at < 20; ++at) {
        connections.push_back(std::make_unique<Connection>(server->port()));
        connections.back()->send(get_stream);
    }
    for (const auto& connection : connections)
        EXPECT_THAT(connection->read_all(), StartsWith("HTTP/1.1 200"));
}

TEST(HttpServers, HoldABurstOfConnectionsWhileAllThreadsAreBusy) {
    HttpServerConfig config;
    config.threads = 1;
    config.streams_max = 0;
    std::atomic<bool> is_free = false;
    const auto server = start(
        [&](const HttpRequest&) {
            is_free.wait(false);
            return HttpResponse{};
        },
        config);
    std::vector<std::unique_ptr<Connection>> connections;
    for (int at = 0; at < 50 && !HasFailure(); ++at) {
        connections.push_back(std::make_unique<Connection>(server->port()));
        connections.back()->send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    }
    is_free = true;
    is_free.notify_all();
    for (const auto& connection : connections)
        EXPECT_THAT(connection->read_all(), StartsWith("HTTP/1.1 200"));
}

}  // namespace
}  // namespace coppice
