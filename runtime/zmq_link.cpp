#include "runtime/zmq_link.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "common/ensure.h"
#include "common/limits.h"
#include "runtime/clock.h"
#include "runtime/file_descriptor.h"
#include "runtime/notice_throttle.h"
#include "runtime/outgoing_link.h"
#include "runtime/server_socket.h"
#include "runtime/zap_handler.h"
#include "schemas/codec.h"

namespace coppice {
namespace {

/// What one socket may hand over before the others have their turn.
constexpr std::size_t frames_per_share = 128;
constexpr std::size_t bytes_per_share = 2 * limits::frame_bytes_max;

zmq::context_t make_context() {
    constexpr int sockets_max = 4096;
    zmq::context_t context{1};
    context.set(zmq::ctxopt::max_sockets, sockets_max);
    return context;
}

bool is_own(Route route) { return route.value % 2 == 1; }

/// What a descriptor belongs to: an own connection is named by its route, which is odd.
constexpr Route zap_source{0};
constexpr Route server_events{2};  // before the frames: a descriptor may be used again soon
constexpr Route server_source{4};

}  // namespace

struct ZmqLink::State {
    State(const LinkOptions& options, NoticeSink given)
        : keys{options.keys},
          context{make_context()},
          zap{context},
          server{context},
          endpoint{server.listen(0, options.keys, options.listen)},
          notice{std::move(given)},
          throttle{notice} {
        COPPICE_ENSURE(epoll.is_open(), "the process may open files; raise its limit (ulimit -n)");
        watch(zap.fd(), zap_source);
        watch(server.fd(), server_source);
        watch(server.events_fd(), server_events);
    }

    void watch(int fd, Route source) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = source.value;
        ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event);
    }
    void unwatch(int fd) { ::epoll_ctl(epoll.get(), EPOLL_CTL_DEL, fd, nullptr); }

    void tell(std::string what, std::string text) {
        throttle.tell(
            {.severity = Severity::warning, .what = std::move(what), .text = std::move(text)},
            steady_now());
    }

    void count(SendOutcome outcome) {
        if (outcome == SendOutcome::sent) ++counters.sent;
        if (outcome == SendOutcome::full) ++counters.dropped_full;
        if (outcome == SendOutcome::unreachable) ++counters.dropped_unreachable;
    }

    void take(Route route, const PublicKey* key, const zmq::message_t& body) {
        Result<Frame> frame =
            key != nullptr ? decode_frame(bytes_of(body)) : Error{"it has no key or several parts"};
        --frames_left;
        bytes_left -= std::min(bytes_left, body.size());
        if (!frame.ok()) {
            ++counters.bad_frames;
            tell("link.bad_frame", "a frame was dropped: " + frame.error().message);
            return;
        }
        ++counters.received;
        (*sink)(Received{.route = route, .key = *key, .frame = std::move(*frame)});
    }

    void begin_share() {
        frames_left = frames_per_share;
        bytes_left = bytes_per_share;
    }
    [[nodiscard]] bool has_share() const { return frames_left > 0 && bytes_left > 0; }
    void look_for_news();
    void receive_from_server();
    void receive_from(Route route, OutgoingLink& link);

    CurveKeys keys;
    zmq::context_t context;
    ZapHandler zap;
    ServerSocket server;
    std::string endpoint;
    std::map<Route, OutgoingLink> outgoing;
    // Sources that may have something: see needs_receive().
    std::set<Route> touched{zap_source, server_events, server_source};
    NoticeSink notice;
    NoticeThrottle throttle;
    LinkCounters counters;
    FileDescriptor epoll{::epoll_create1(EPOLL_CLOEXEC)};

    // Of the receive() under way.
    const InputSink* sink = nullptr;
    std::size_t frames_left = 0;
    std::size_t bytes_left = 0;
};

/// Asking each socket costs more than one look at all of them.
void ZmqLink::State::look_for_news() {
    std::array<epoll_event, 64> events{};
    const int count = ::epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), 0);
    for (int index = 0; index < count; ++index)
        touched.insert(Route{events[static_cast<std::size_t>(index)].data.u64});
}

void ZmqLink::State::receive_from_server() {
    begin_share();
    while (has_share()) {
        const std::optional<Incoming> incoming = server.receive();
        if (!incoming) break;
        take(incoming->route, incoming->sender ? &incoming->sender->key : nullptr, incoming->body);
    }
    if (!has_share()) touched.insert(server_source);
}

void ZmqLink::State::receive_from(Route route, OutgoingLink& link) {
    const OutgoingLink::News news = link.follow_events(steady_now());
    if (news.is_up)
        notice({.severity = Severity::debug,
                .what = "link.connected",
                .text = "connection " + std::to_string(route.value) + " stands"});
    begin_share();
    zmq::message_t body;
    while (has_share() && link.receive(body)) take(route, &link.key(), body);
    if (!has_share()) touched.insert(route);
    if (news.has_dropped) (*sink)(LinkDropped{.route = route});
}

ZmqLink::ZmqLink(std::unique_ptr<State> state) : state_{std::move(state)} {}
ZmqLink::~ZmqLink() = default;

Result<std::unique_ptr<ZmqLink>> ZmqLink::open(const LinkOptions& options, NoticeSink notice) {
    try {
        auto state = std::make_unique<State>(options, std::move(notice));
        return std::unique_ptr<ZmqLink>{new ZmqLink{std::move(state)}};
    } catch (const zmq::error_t& error) {
        return Error{"cannot listen on " + options.listen + ": " + error.what() +
                     "; choose another address, or stop who uses it"};
    }
}

const std::string& ZmqLink::endpoint() const { return state_->endpoint; }

void ZmqLink::connect(const Connect& connect) {
    COPPICE_ENSURE(is_own(connect.route), "a node draws odd routes");
    state_->touched.insert(connect.route);
    try {
        const auto [link, is_new] =
            state_->outgoing.try_emplace(connect.route, state_->context, state_->keys, connect);
        COPPICE_ENSURE(is_new, "a node draws each route once");
        for (const int fd : link->second.fds()) state_->watch(fd, connect.route);
    } catch (const zmq::error_t& error) {
        state_->tell("link.connect_failed", std::string{"cannot open a connection: "} +
                                                error.what() + "; the node will try elsewhere");
    }
}

void ZmqLink::send(Route route, const Frame& frame) {
    Bytes bytes = encode(frame);
    if (bytes.size() > limits::frame_bytes_max) {
        ++state_->counters.dropped_too_large;
        state_->tell("link.frame_too_large", "a frame of " + std::to_string(bytes.size()) +
                                                 " bytes was not sent: no peer takes it");
        return;
    }
    state_->touched.insert(is_own(route) ? route : server_source);
    if (!is_own(route)) return state_->count(state_->server.send(route, bytes));
    const auto link = state_->outgoing.find(route);
    state_->count(link == state_->outgoing.end() ? SendOutcome::unreachable
                                                 : link->second.send(std::move(bytes)));
}

void ZmqLink::disconnect(Route route) {
    const auto link = state_->outgoing.find(route);
    if (link == state_->outgoing.end()) return;
    for (const int fd : link->second.fds()) state_->unwatch(fd);
    state_->outgoing.erase(link);
}

int ZmqLink::fd() const { return state_->epoll.get(); }

bool ZmqLink::receive(const InputSink& sink) {
    state_->sink = &sink;
    state_->look_for_news();
    ServerSocket::Events events;
    for (const Route source : std::exchange(state_->touched, {})) {
        if (source == zap_source) {
            state_->zap.answer_all();
        } else if (source == server_events) {
            events = state_->server.take_events();
        } else if (source == server_source) {
            state_->receive_from_server();
        } else if (const auto link = state_->outgoing.find(source);
                   link != state_->outgoing.end()) {
            state_->receive_from(link->first, link->second);
        }
    }
    state_->counters.failed_accepts += events.failed_accepts;
    state_->counters.refused_connections += events.failed_handshakes;
    state_->counters.disconnects += events.disconnects;
    if (events.failed_accepts > 0)
        state_->tell(
            "link.accept_failed",
            "a connection could not be accepted; raise the limit of open files (ulimit -n)");
    for (const Route route : events.dropped) sink(LinkDropped{.route = route});
    return needs_receive();
}

bool ZmqLink::needs_receive() const { return !state_->touched.empty(); }

const LinkCounters& ZmqLink::counters() const { return state_->counters; }

}  // namespace coppice
