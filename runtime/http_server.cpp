#include "runtime/http_server.h"

#include <httplib.h>

#include <atomic>
#include <cctype>
#include <charconv>
#include <chrono>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/http_exchange.h"
#include "runtime/http_pool.h"
#include "runtime/http_problem.h"
#include "runtime/http_reception.h"

namespace coppice {
namespace {

/// Routing is by regular expression in cpp-httplib, which recurses per character.
constexpr std::size_t path_bytes_max = 512;
/// A comment on a quiet stream, which finds out whether the client is still there.
constexpr std::chrono::seconds stream_beat{15};

struct Endpoint {
    std::string host;  // without brackets
    std::uint16_t port = 0;
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
    return Endpoint{.host = host, .port = static_cast<std::uint16_t>(port)};
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

std::string_view digits_of(const std::string& text) {
    return std::string_view{text}.substr(0, text.find_first_not_of("0123456789"));
}

/// A length that is not one would be taken for an empty body.
bool has_bad_length(const httplib::Request& request) {
    const std::string length = request.get_header_value("Content-Length");
    return request.has_header("Content-Length") && (length.empty() || digits_of(length) != length);
}

bool asks_for_stream(const HttpRequest& request) {
    const auto accept = request.headers.find("accept");
    return accept != request.headers.end() &&
           accept->second.find("text/event-stream") != std::string::npos;
}

/// The library's part: it parses one request and writes its answer.
class Responder final : public httplib::Server {
public:
    /// It ends its streams when it has no listening socket.
    void begin(int listener) { svr_sock_ = listener; }
    void end() { svr_sock_ = INVALID_SOCKET; }

    void respond(httplib::Stream& stream) {
        bool is_closed = false;
        process_request(stream, true, is_closed, nullptr);
    }
};

}  // namespace

struct HttpServer::State {
    HttpServerConfig config;
    HttpHandler handler;
    std::string host;
    Responder server;
    std::atomic<bool> is_stopping = false;
    std::atomic<std::size_t> streams = 0;
    std::mutex counting;
    HttpCounters counters;
    std::unique_ptr<HttpReception> reception;
    std::optional<HttpPool> pool;

    void set_up();
    void count(const std::string& refusal);
    void fill(httplib::Response& out, const HttpResponse& response);
    [[nodiscard]] HttpReception::Handlers reception_handlers();
    void exchange(HttpArrival arrival);
    void serve(const HttpRequest& request, httplib::Response& out);
    void serve_body(const httplib::Request& given, httplib::Response& out,
                    const httplib::ContentReader& read);
    void stream(EventSource events, httplib::Response& out);
    void refuse_stream(httplib::Response& out);
};

void HttpServer::State::count(const std::string& refusal) {
    const std::lock_guard lock{counting};
    ++counters.refused[refusal];
}

void HttpServer::State::fill(httplib::Response& out, const HttpResponse& response) {
    if (!response.refusal.empty()) count(response.refusal);
    if (response.status == 503) out.set_header("Retry-After", std::to_string(retry_after_s));
    out.status = response.status;
    out.set_content(response.body, response.content_type);
}

HttpReception::Handlers HttpServer::State::reception_handlers() {
    return {.take = [this](HttpArrival& arrival) { return pool->offer(arrival); },
            .answer =
                [this](HttpTurnedAway why) {
                    const HttpResponse response = http_turned_away(why, config.patience);
                    count(response.refusal);
                    return http_answer_text(response);
                },
            .failed_accept =
                [this] {
                    const std::lock_guard lock{counting};
                    ++counters.failed_accepts;
                }};
}

/// On a thread of the pool.
void HttpServer::State::exchange(HttpArrival arrival) {
    HttpExchange one{arrival, config.patience};
    server.respond(one);
    if (one.is_too_slow()) count("slow_reader");
    if (arrival.is_cut) reception->dismiss(std::move(arrival.socket));
}

void HttpServer::State::serve(const HttpRequest& request, httplib::Response& out) {
    // Before the handler: a flood of streams costs the manager nothing.
    if (asks_for_stream(request) && streams >= config.streams_max) return refuse_stream(out);
    {
        const std::lock_guard lock{counting};
        ++counters.requests;
    }
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
    if (has_bad_length(given))
        return fill(out, http_problem(400, "the Content-Length is not a whole number"));
    HttpRequest request = to_request(given);
    bool is_too_large = false;
    if (given.has_header("Content-Length") || given.has_header("Transfer-Encoding")) {
        const bool is_read = read([&](const char* data, std::size_t size) {
            is_too_large = is_too_large || request.body.size() + size > config.body_bytes_max;
            if (!is_too_large) request.body.append(data, size);
            return !is_too_large;
        });
        if (is_too_large)
            return fill(out, http_problem(413, http_detail(413, config.body_bytes_max)));
        if (!is_read) return;  // the error handler explains the status that is set
    }
    serve(request, out);
}

void HttpServer::State::refuse_stream(httplib::Response& out) {
    fill(out, http_problem(503,
                           std::to_string(config.streams_max) +
                               " streams are open already; close one, or ask for the list of "
                               "events now and then",
                           "too_many_streams"));
}

void HttpServer::State::stream(EventSource events, httplib::Response& out) {
    if (streams.fetch_add(1) >= config.streams_max) {
        --streams;
        return refuse_stream(out);
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
            if (!sink.is_writable()) return false;
            const auto now = std::chrono::steady_clock::now();
            if (piece->empty() && now < *beat_at) return true;
            *beat_at = now + stream_beat;
            const std::string text = piece->empty() ? ": \n\n" : *piece;
            return sink.write(text.data(), text.size());
        });
}

void HttpServer::State::set_up() {
    server.set_payload_max_length(config.body_bytes_max);
    server.set_default_headers(
        {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}});
    server.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& out) {
        using Outcome = httplib::Server::HandlerResponse;
        if (request.path.size() > path_bytes_max) {
            fill(out, http_problem(414, http_detail(414, 0)));
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
            fill(out, http_problem(out.status, http_detail(out.status, config.body_bytes_max)));
    });
    server.set_exception_handler([this](const httplib::Request&, httplib::Response& out,
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
    for (const std::string& refusal : http_refusals()) state->counters.refused[refusal] = 0;
    state->set_up();
    auto reception = HttpReception::open({.host = endpoint->host,
                                          .port = endpoint->port,
                                          .body_bytes_max = config.body_bytes_max,
                                          .patience = config.patience},
                                         state->reception_handlers());
    if (!reception.ok())
        return Error{"cannot listen on " + config.address + ": " + reception.error().message +
                     "; choose another port with --api, or stop who listens there"};
    State& serving = *state;
    state->reception = std::move(*reception);
    state->server.begin(state->reception->listener());
    state->pool.emplace(config.threads, config.waiting_max,
                        [&serving](HttpArrival arrival) { serving.exchange(std::move(arrival)); });
    state->reception->start();
    return std::unique_ptr<HttpServer>{new HttpServer{std::move(state)}};
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_{std::move(state)} {}

HttpServer::~HttpServer() {
    state_->is_stopping = true;
    state_->reception->stop();
    state_->server.end();
    state_->pool.reset();
}

std::uint16_t HttpServer::port() const { return state_->reception->port(); }

HttpCounters HttpServer::counters() const {
    const std::lock_guard lock{state_->counting};
    HttpCounters counters = state_->counters;
    counters.streams = state_->streams;
    return counters;
}

std::string HttpServer::url() const {
    const bool is_ipv6 = state_->host.find(':') != std::string::npos;
    return "http://" + (is_ipv6 ? "[" + state_->host + "]" : state_->host) + ":" +
           std::to_string(port());
}

}  // namespace coppice
