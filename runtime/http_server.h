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
    EventSource events;  // when set: a stream of server-sent events instead of `body`
};

/// Called from several threads at once.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

/// An RFC 9457 problem document.
[[nodiscard]] HttpResponse http_problem(int status, const std::string& detail);

struct HttpServerConfig {
    /// "host:port" of a loopback interface; port 0 takes any free one. Others are refused: there
    /// are no TLS and no credentials yet.
    std::string address = "127.0.0.1:7401";
    /// Larger bodies are answered 413.
    std::size_t body_bytes_max = limits::payload_bytes_max + 4096;
    /// Requests served at one time. Further connections wait, first `threads` of them here, then
    /// in the kernel's backlog.
    std::size_t threads = 32;
    /// Streams at one time, fewer than `threads`; one more is answered 503.
    std::size_t streams_max = 16;
};

/// Serves from its construction on until its end. One request per connection. Requests that a
/// web page of another origin makes are answered 403.
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

private:
    struct State;
    explicit HttpServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace coppice
