#pragma once
// A small HTTP/1.1 server for tools on this machine; cpp-httplib is seen by http_server.cpp alone.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/limits.h"
#include "common/result.h"
#include "common/time.h"

namespace coppice {

struct HttpRequest {
    std::string method;
    std::string path;                            // decoded, without the query
    std::map<std::string, std::string> query;    // decoded; the first of each name
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
};

/// The next piece of a stream: empty when there is nothing new, none at its end. Called again and
/// again from one thread; may wait up to 250 ms, so that the server can stop.
using EventSource = std::function<std::optional<std::string>()>;

struct HttpResponse {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    EventSource events;   // when set: a stream of server-sent events instead of `body`
    std::string refusal;  // under which a "no" is counted, one of http_refusals(); empty: served
};

/// Called from several threads at once.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

/// An RFC 9457 problem document. Counted under `refusal`, or under the usual name of its status.
[[nodiscard]] HttpResponse http_problem(int status, const std::string& detail,
                                        const std::string& refusal = {});

/// What every answer 503 says: when to come again.
inline constexpr int retry_after_s = 2;

/// Totals since the start, but for `streams`.
struct HttpCounters {
    std::uint64_t requests = 0;                    // that were handed to the handler
    std::uint64_t failed_accepts = 0;              // too many files were open
    std::uint64_t streams = 0;                     // that are open now
    std::map<std::string, std::uint64_t> refused;  // by reason; all of http_refusals()
};

struct HttpServerConfig {
    /// "host:port" of a loopback interface; port 0 takes any free one. Others are refused: there
    /// are no TLS and no credentials yet.
    std::string address = "127.0.0.1:7401";
    /// Larger bodies are answered 413.
    std::size_t body_bytes_max = limits::payload_bytes_max + 4096;
    /// Requests served at one time.
    std::size_t threads = 32;
    /// Requests that wait for a thread; one more is answered 503.
    std::size_t waiting_max = 128;
    /// Streams at one time, fewer than `threads`; one more is answered 503.
    std::size_t streams_max = 16;
    /// From a connection until its request is there, head and body: later it is answered 408. Then
    /// for the client to take each MiB of its answer: later it is closed.
    Duration patience = std::chrono::seconds{5};
};

/// Serves from its construction on until its end. One request per connection. Requests that a
/// web page of another origin makes are answered 403. Clients that send slowly, or nothing, keep
/// nobody waiting: a request is served when all of it is there.
class HttpServer {
public:
    [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(const HttpServerConfig& config,
                                                                   HttpHandler handler);
    /// Waits for the requests under way, at most as long as their handlers take.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::string url() const;  // "http://127.0.0.1:7401"
    /// From any thread.
    [[nodiscard]] HttpCounters counters() const;

private:
    struct State;
    explicit HttpServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace coppice
