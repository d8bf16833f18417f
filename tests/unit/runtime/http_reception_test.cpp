// Clients that are slow, silent, gone or too many, against the HTTP server.

#include "runtime/http_reception.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "http_connection.h"
#include "runtime/http_server.h"

namespace coppice {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

const std::string get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const std::string get_stream =
    "GET /stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";

/// Echoes the body; /stream never ends; /large is more than any buffer holds.
HttpResponse serve(const HttpRequest& request) {
    HttpResponse response{.content_type = "text/plain", .body = "[" + request.body + "]"};
    if (request.path == "/large") response.body.assign(32UL * 1024 * 1024, 'x');
    if (request.path == "/stream")
        response.events = [is_first = true]() mutable -> std::optional<std::string> {
            if (std::exchange(is_first, false)) return "data: 1\n\n";
            std::this_thread::yield();
            return "";
        };
    return response;
}

std::uint64_t refused(const HttpServer& server, const std::string& why) {
    return server.counters().refused.at(why);
}

bool comes_true(const std::function<bool()>& condition) {
    constexpr std::chrono::seconds bound{10};
    const auto end = std::chrono::steady_clock::now() + bound;
    while (!condition() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    return condition();
}

std::vector<std::unique_ptr<Connection>> connect(const HttpServer& server, std::size_t count,
                                                 const std::string& text) {
    std::vector<std::unique_ptr<Connection>> connections;
    for (std::size_t number = 0; number < count; ++number) {
        connections.push_back(std::make_unique<Connection>(server.port()));
        if (!text.empty()) connections.back()->send(text);
    }
    return connections;
}

TEST(HttpReceptions, SilentAndSlowClientsTakeNoThread) {
    const auto server = start(serve, {.threads = 1, .streams_max = 0});
    const auto silent = connect(*server, 100, "");
    const auto slow = connect(*server, 100, "GET / HTTP/1.1\r\nHost: loc");
    const auto body =
        connect(*server, 100, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nab");
    EXPECT_THAT(ask(*server, get), StartsWith("HTTP/1.1 200"));
}

TEST(HttpReceptions, ARequestMayComeInPieces) {
    const auto server = start(serve);
    Connection client{server->port()};
    for (const char* piece : {"PO", "ST / HTTP/1.1\r", "\nHost: localhost\r\nContent-Le",
                              "ngth: 4\r\n\r\n", "a", "bc", "d"})
        client.send(piece);
    EXPECT_THAT(client.read_all(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("[abcd]")));
    Connection chunks{server->port()};
    for (const char* piece : {"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked",
                              "\r\n\r\n3\r\nabc\r\n", "0\r", "\n\r\n"})
        chunks.send(piece);
    EXPECT_THAT(chunks.read_all(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("[abc]")));
}

TEST(HttpReceptions, ARequestThatIsNotThereInTimeIsAnswered408) {
    const auto server = start(serve, {.patience = std::chrono::milliseconds{50}});
    EXPECT_THAT(ask(*server, "GET / HTTP/1.1\r\nHost: loc"),
                AllOf(StartsWith("HTTP/1.1 408"), HasSubstr("within 50ms")));
    EXPECT_EQ(refused(*server, "timeout"), 1U);
}

TEST(HttpReceptions, WhoClosesWithoutAskingIsForgotten) {
    const auto server = start(serve, {.threads = 1, .streams_max = 0});
    connect(*server, 1000, "");
    connect(*server, 1000, "GET / HT");
    connect(*server, 100, get);
    EXPECT_THAT(ask(*server, get), StartsWith("HTTP/1.1 "));
    EXPECT_TRUE(comes_true([&] { return ask(*server, get).starts_with("HTTP/1.1 200"); }));
}

TEST(HttpReceptions, OneConnectionTooManySendsTheOldestAway) {
    const auto server = start(serve);
    Connection oldest{server->port()};
    const auto rest = connect(*server, HttpReception::connections_max, "");
    EXPECT_THAT(oldest.read_all(),
                AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: "), HasSubstr("oldest")));
    EXPECT_THAT(ask(*server, get), StartsWith("HTTP/1.1 200"));
    EXPECT_GE(refused(*server, "too_many_connections"), 1U);
}

TEST(HttpReceptions, AHeadThatIsTooLargeIsAnswered431) {
    const auto server = start(serve);
    const std::string endless(HttpReception::head_bytes_max + 1, 'x');
    EXPECT_THAT(ask(*server, "GET / HTTP/1.1\r\nA: " + endless),
                AllOf(StartsWith("HTTP/1.1 431"), HasSubstr("application/problem+json")));
    EXPECT_EQ(refused(*server, "too_large"), 1U);
}

TEST(HttpReceptions, ABodyThatIsTooLargeIsRefusedBeforeItComes) {
    const auto server = start(serve, {.body_bytes_max = 100});
    Connection client{server->port()};
    client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
    EXPECT_THAT(client.read_until("\"detail\""), StartsWith("HTTP/1.1 413"));
    client.send(std::string(1'000'000, 'x'));  // the connection is not reset under the answer
    EXPECT_THAT(client.read_all(), HasSubstr("at most 100 bytes"));
    EXPECT_EQ(refused(*server, "too_large"), 1U);
}

TEST(HttpReceptions, LengthsThatAreNoneAreRefused) {
    const auto server = start(serve);
    for (const char* length : {"abc", "-1", "12x", "99999999999999999999999"})
        EXPECT_THAT(ask(*server, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                                     std::string{length} + "\r\n\r\nabc"),
                    StartsWith("HTTP/1.1 4"))
            << length;
}

TEST(HttpReceptions, RequestsThatNobodyCanServeYetAreAnswered503) {
    const auto server = start(serve, {.threads = 1, .waiting_max = 1, .streams_max = 1});
    Connection stream{server->port()};
    stream.send(get_stream);
    stream.read_until("data: 1");  // the only thread is busy
    Connection waits{server->port()};
    waits.send(get);
    EXPECT_TRUE(comes_true([&] {
        Connection third{server->port()};
        third.send(get);
        return refused(*server, "too_many_requests") > 0;
    }));
}

TEST(HttpReceptions, StreamsAboveTheLimitAreToldWhenToComeAgain) {
    const auto server = start(serve, {.threads = 3, .streams_max = 2});
    auto streams = connect(*server, 2, get_stream);
    for (const auto& stream : streams) stream->read_until("data: 1");
    for (int number = 0; number < 200; ++number)
        EXPECT_THAT(ask(*server, get_stream),
                    AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 2"),
                          HasSubstr("application/problem+json"), HasSubstr("2 streams are open")));
    EXPECT_THAT(ask(*server, get), StartsWith("HTTP/1.1 200"));
    EXPECT_EQ(refused(*server, "too_many_streams"), 200U);
    EXPECT_EQ(server->counters().streams, 2U);
}

TEST(HttpReceptions, AStreamWhoseClientHasGoneGivesItsPlaceBackAtOnce) {
    const auto server = start(serve, {.threads = 2, .streams_max = 1});
    for (int round = 0; round < 5; ++round) {
        Connection stream{server->port()};
        stream.send(get_stream);
        EXPECT_THAT(stream.read_until("data: 1"), HasSubstr("data: 1"));
        stream.close();
        EXPECT_TRUE(comes_true([&] { return server->counters().streams == 0; }));
    }
}

TEST(HttpReceptions, AClientThatDoesNotTakeItsAnswerIsGivenUp) {
    const auto server =
        start(serve, {.threads = 1, .streams_max = 0, .patience = std::chrono::milliseconds{100}});
    Connection lazy{server->port()};
    lazy.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(comes_true([&] { return refused(*server, "slow_reader") == 1; }));
    EXPECT_THAT(ask(*server, get), StartsWith("HTTP/1.1 200"));
}

TEST(HttpReceptions, ServersEndWhileClientsAreInEveryState) {
    for (int round = 0; round < 10; ++round) {
        auto server = start(serve, {.threads = 4, .streams_max = 2});
        const auto silent = connect(*server, 10, "");
        const auto asking = connect(*server, 10, get);
        const auto streams = connect(*server, 4, get_stream);
        server.reset();
    }
}

}  // namespace
}  // namespace coppice
