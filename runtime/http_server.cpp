#include "runtime/http_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <charconv>
#include <chrono>
#include <string_view>
#include <thread>
#include <utility>

#include "runtime/http_pool.h"

namespace coppice {
namespace {

/// Routing is by regular expression in cpp-httplib, which recurses per character.
constexpr std::size_t path_bytes_max = 512;
/// A comment on a quiet stream, which finds out whether the client is still there.
constexpr std::chrono::seconds stream_beat{15};
/// Connections that wait in the kernel; the library's own five are fewer than a burst.
constexpr int backlog = 1024;

struct Endpoint {
    std::string host;  // without brackets
    int port = 0;
};

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" ||
           (host.starts_with("127.") &&
            host.find_first_not_of("0123456789.") == std::string_view::npos);
}

Result<Endpoint> parse_endpoint(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    int port = -1;
    if (colon != std::string::npos) {
        const char* last = address.data() + address.size();
        const auto [end, failure] = std::from_chars(address.data() + colon + 1, last, port);
        if (failure != std::errc{} || end != last) port = -1;
    }
    if (port < 0 || port > 65535)
        return Error{"the API's address \"" + address +
                     "\" is not host:port, such as 127.0.0.1:7401"};
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (!is_loopback(host))
        return Error{"the API listens on a loopback address only, not on \"" + address +
                     "\": it has no TLS and no credentials yet; use 127.0.0.1:PORT and reach it "
                     "through ssh -L"};
    return Endpoint{.host = host, .port = port};
}

std::string lower(std::string text) {
    for (char& letter : text)
        letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return text;
}

HttpRequest to_request(const httplib::Request& given) {
    HttpRequest request{.method = given.method, .path = given.path};
    for (const auto& [name, value] : given.params) request.query.emplace(name, value);
    for (const auto& [name, value] : given.headers) request.headers.emplace(lower(name), value);
    return request;
}

/// A page of another origin, or of a name that was rebound to this machine, must not command a
/// fleet through somebody's browser.
bool is_of_this_machine(const httplib::Request& request) {
    const std::string host = request.get_header_value("Host");
    std::string_view name = host;
    if (name.starts_with('[')) {
        name = name.substr(1, name.find(']') - 1);
    } else {
        name = name.substr(0, name.find(':'));
    }
    if (!host.empty() && !is_loopback(name)) return false;
    return !request.has_header("Origin") || request.get_header_value("Origin") == "http://" + host;
}

void fill(httplib::Response& out, const HttpResponse& response) {
    out.status = response.status;
    out.set_content(response.body, response.content_type);
}

/// Bytes of the UTF-8 character at the start of the text (RFC 3629); zero when there is none.
std::size_t character_size(std::string_view text) {
    const auto byte = [text](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t size = first < 0xc2   ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
    for (std::size_t at = 1; at < size; ++at)
        if (byte(at) < 0x80 || byte(at) > 0xbf) return 0;
    const bool is_overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool is_no_character =
        (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
    return is_overlong || is_no_character ? 0 : size;
}

/// What is not UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text) {
    std::string quoted = "\"";
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        const char letter = text.front();
        if (letter == '"' || letter == '\\') quoted += '\\';
        if (size == 0) {
            quoted += "\xef\xbf\xbd";
        } else if (static_cast<unsigned char>(letter) < ' ') {
            quoted += ' ';
        } else {
            quoted += text.substr(0, size);
        }
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return quoted + "\"";
}

std::string_view title_of(int status) {
    switch (status) {
        case 400:
            return "Bad request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not found";
        case 405:
            return "Method not allowed";
        case 409:
            return "Conflict";
        case 413:
            return "Too large";
        case 414:
            return "Address too long";
        case 415:
            return "Unsupported media type";
        case 503:
            return "Unavailable";
        default:
            return status < 500 ? "Bad request" : "Internal error";
    }
}

std::string detail_of(int status, std::size_t body_bytes_max) {
    switch (status) {
        case 404:
            return "there is no such address; /v1/openapi.json lists what there is";
        case 413:
            return "a body holds at most " + std::to_string(body_bytes_max) + " bytes";
        case 414:
            return "the address of the request is too long";
        case 400:
            return "the request is not well-formed HTTP";
        default:
            return "the request could not be served";
    }
}

}  // namespace

HttpResponse http_problem(int status, const std::string& detail) {
    return {.status = status,
            .content_type = "application/problem+json",
            .body = "{\"type\":\"about:blank\",\"title\":" + json_string(title_of(status)) +
                    ",\"status\":" + std::to_string(status) + ",\"detail\":" + json_string(detail) +
                    "}"};
}

struct HttpServer::State {
    HttpServerConfig config;
    HttpHandler handler;
    std::string host;
    int port = 0;
    httplib::Server server;
    int listening = -1;  // of the server
    std::atomic<bool> is_stopping = false;
    std::atomic<std::size_t> streams = 0;
    std::thread thread;

    void set_up();
    void serve(const HttpRequest& request, httplib::Response& out);
    void serve_body(const httplib::Request& given, httplib::Response& out,
                    const httplib::ContentReader& read);
    void stream(EventSource events, httplib::Response& out);
};

void HttpServer::State::serve(const HttpRequest& request, httplib::Response& out) {
    HttpResponse response = handler(request);
    if (response.events) {
        stream(std::move(response.events), out);
    } else {
        fill(out, response);
    }
}

void HttpServer::State::serve_body(const httplib::Request& given, httplib::Response& out,
                                   const httplib::ContentReader& read) {
    if (given.is_multipart_form_data())
        return fill(out, http_problem(415, "send the body itself, not as a form"));
    HttpRequest request = to_request(given);
    bool is_too_large = false;
    if (given.has_header("Content-Length") || given.has_header("Transfer-Encoding")) {
        const bool is_read = read([&](const char* data, std::size_t size) {
            is_too_large = is_too_large || request.body.size() + size > config.body_bytes_max;
            if (!is_too_large) request.body.append(data, size);
            return !is_too_large;
        });
        if (is_too_large)
            return fill(out, http_problem(413, detail_of(413, config.body_bytes_max)));
        if (!is_read) return;  // the error handler explains the status that is set
    }
    serve(request, out);
}

void HttpServer::State::stream(EventSource events, httplib::Response& out) {
    if (streams.fetch_add(1) >= config.streams_max) {
        --streams;
        return fill(out, http_problem(503, std::to_string(config.streams_max) +
                                               " streams are open already; close one"));
    }
    // Copies of the provider share the slot; the last one gives it back.
    const std::shared_ptr<State> slot{this, [](State* state) { --state->streams; }};
    const auto beat_at = std::make_shared<std::chrono::steady_clock::time_point>(
        std::chrono::steady_clock::now() + stream_beat);
    out.set_chunked_content_provider(
        "text/event-stream",
        [slot, beat_at, events = std::move(events)](std::size_t, httplib::DataSink& sink) {
            const std::optional<std::string> piece = slot->is_stopping ? std::nullopt : events();
            if (!piece) {
                sink.done();
                return true;
            }
            const auto now = std::chrono::steady_clock::now();
            if (piece->empty() && now < *beat_at) return true;
            *beat_at = now + stream_beat;
            const std::string text = piece->empty() ? ": \n\n" : *piece;
            return sink.write(text.data(), text.size());
        });
}

void HttpServer::State::set_up() {
    server.new_task_queue = [this] { return new HttpPool{config.threads, config.threads}; };
    server.set_keep_alive_max_count(1);
    server.set_payload_max_length(config.body_bytes_max);
    server.set_tcp_nodelay(true);
    server.set_default_headers(
        {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}});
    // Not the library's SO_REUSEPORT, which lets two managers share one port.
    server.set_socket_options([this](socket_t socket) {
        const int yes = 1;
        ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        listening = socket;
    });
    server.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& out) {
        using Outcome = httplib::Server::HandlerResponse;
        if (request.path.size() > path_bytes_max) {
            fill(out, http_problem(414, detail_of(414, 0)));
            return Outcome::Handled;
        }
        if (is_of_this_machine(request)) return Outcome::Unhandled;
        fill(out, http_problem(403,
                               "the API answers programs on this machine only, not web pages "
                               "of other origins"));
        return Outcome::Handled;
    });
    const auto serve_plain = [this](const httplib::Request& given, httplib::Response& out) {
        serve(to_request(given), out);
    };
    const auto serve_with_body = [this](const httplib::Request& given, httplib::Response& out,
                                        const httplib::ContentReader& read) {
        serve_body(given, out, read);
    };
    const std::string everything = "[^]*";
    server.Get(everything, serve_plain);
    server.Delete(everything, serve_plain);
    server.Post(everything, serve_with_body);
    server.Put(everything, serve_with_body);
    server.Patch(everything, serve_with_body);
    server.set_error_handler([this](const httplib::Request&, httplib::Response& out) {
        if (out.body.empty())
            fill(out, http_problem(out.status, detail_of(out.status, config.body_bytes_max)));
    });
    server.set_exception_handler([](const httplib::Request&, httplib::Response& out,
                                    const std::exception_ptr&) {
        fill(out, http_problem(500, "the manager met an error of its own; its log may say more"));
    });
}

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpServerConfig& config,
                                                      HttpHandler handler) {
    const Result<Endpoint> endpoint = parse_endpoint(config.address);
    if (!endpoint) return endpoint.error();
    auto state = std::make_unique<State>();
    state->config = config;
    state->handler = std::move(handler);
    state->host = endpoint->host;
    state->set_up();
    if (endpoint->port == 0) {
        state->port = state->server.bind_to_any_port(endpoint->host);
    } else {
        state->port =
            state->server.bind_to_port(endpoint->host, endpoint->port) ? endpoint->port : -1;
    }
    if (state->port <= 0)
        return Error{"cannot listen on " + config.address +
                     ": another program may listen there; choose another port with --api"};
    ::listen(state->listening, backlog);
    State& serving = *state;
    state->thread = std::thread{[&serving] { serving.server.listen_after_bind(); }};
    while (!state->server.is_running()) std::this_thread::yield();
    return std::unique_ptr<HttpServer>{new HttpServer{std::move(state)}};
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_{std::move(state)} {}

HttpServer::~HttpServer() {
    state_->is_stopping = true;
    state_->server.stop();
    state_->thread.join();
}

std::uint16_t HttpServer::port() const { return static_cast<std::uint16_t>(state_->port); }

std::string HttpServer::url() const {
    const bool is_ipv6 = state_->host.find(':') != std::string::npos;
    return "http://" + (is_ipv6 ? "[" + state_->host + "]" : state_->host) + ":" +
           std::to_string(state_->port);
}

}  // namespace coppice
