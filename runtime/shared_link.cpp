#include "runtime/shared_link.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/ensure.h"
#include "runtime/clock.h"
#include "runtime/file_descriptor.h"
#include "runtime/server_socket.h"
#include "runtime/zmq_monitor.h"
#include "runtime/zmq_socket.h"
#include "schemas/codec.h"

namespace coppice {
namespace {

// A connection is a number of 24 bits, the last three of its source address. The first of them is
// one of sixteen that belong to the process.
constexpr std::uint32_t process_shift = 20;
constexpr std::uint32_t first_of_process = 1U << 16U;  // 127.0.x.y is left to others
constexpr std::uint32_t numbers_of_process = (1U << process_shift) - first_of_process;

constexpr std::size_t frames_per_share = 4096;
constexpr Duration hint_gap = std::chrono::milliseconds{200};

using ConnectionId = std::uint32_t;

std::string source_of(ConnectionId id) {
    return "127." + std::to_string(id >> 16U) + '.' + std::to_string((id >> 8U) & 0xffU) + '.' +
           std::to_string(id & 0xffU);
}

/// By the address that the descriptor has on our side; zero when it is closed.
ConnectionId connection_of(int fd) {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0 ||
        own.sin_family != AF_INET)
        return 0;
    return ntohl(own.sin_addr.s_addr) & 0xffffffU;
}

/// What libzmq calls a connection; it must not begin with a zero byte.
std::string name_of(ConnectionId id) { return "c" + std::to_string(id); }

ConnectionId id_of(std::string_view name) {
    ConnectionId id = 0;
    for (const char digit : name.substr(1)) id = id * 10 + static_cast<ConnectionId>(digit - '0');
    return id;
}

struct Outgoing {
    SharedLink::Number agent = 0;
    Route route;
    PublicKey peer{};
    std::string target;    // as libzmq's events call it
    std::string endpoint;  // with the source address
    int fd = -1;           // while it is up
    Instant next_hint = Instant::min();
};

struct Member {
    CurveKeys keys;
    std::string endpoint;
    std::map<Route, ConnectionId> outgoing;
};

zmq::context_t make_context() {
    constexpr int peers_max = 100'000;
    constexpr int io_threads = 2;  // they carry the handshakes of both ends
    zmq::context_t context{io_threads};
    context.set(zmq::ctxopt::max_sockets, peers_max);
    return context;
}

}  // namespace

struct SharedLink::State {
    explicit State(std::uint32_t process)
        : first_id{(process << process_shift) + first_of_process} {
        COPPICE_ENSURE(process < processes_max, "a link is one of processes_max");
        constexpr int reconnect_ms = 200;
        constexpr int reconnect_max_ms = 5'000;
        set_common_options(client);
        client.set(zmq::sockopt::ipv6, false);  // sources are addresses of IPv4
        client.set(zmq::sockopt::router_mandatory, true);
        client.set(zmq::sockopt::reconnect_ivl, reconnect_ms);
        client.set(zmq::sockopt::reconnect_ivl_max, reconnect_max_ms);
        watch(zap.fd());
        watch(client.get(zmq::sockopt::fd));
        watch(monitor.fd());
        watch(server.fd());
        watch(server.events_fd());
    }

    void watch(int fd) {
        epoll_event event{};
        event.events = EPOLLIN;
        COPPICE_ENSURE(::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0,
                       "epoll takes sockets");
    }
    [[nodiscard]] ConnectionId new_id();
    void close(ConnectionId id);
    void receive_from_server(const Sink& sink);
    void receive_from_client(const Sink& sink);
    void follow_client(const Sink& sink);
    void on_connected(int fd);
    void on_dropped(int fd, const Sink& sink);
    void on_retried(const std::string& target, const Sink& sink);
    static void hint(Outgoing& link, const Sink& sink);
    void take(Number agent, Route route, const PublicKey& key, const zmq::message_t& body,
              const Sink& sink);
    void count(SendOutcome outcome) {
        ++(outcome == SendOutcome::sent ? counters.sent : counters.dropped);
    }

    zmq::context_t context{make_context()};
    ZapHandler zap{context};
    ServerSocket server{context};
    zmq::socket_t client{context, zmq::socket_type::router};
    ZmqMonitor monitor{context, client, "client",
                       ZMQ_EVENT_CONNECTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED};
    FileDescriptor epoll{::epoll_create1(EPOLL_CLOEXEC)};

    std::unordered_map<Number, Member> members;
    std::unordered_map<ConnectionId, Outgoing> outgoing;
    std::unordered_multimap<std::string, ConnectionId> by_target;
    std::vector<ConnectionId> by_fd;
    std::unordered_map<std::uint64_t, Number> accepted;  // agents by the value of a route
    const ConnectionId first_id;
    ConnectionId last_id = 0;  // counted from the first
    SharedLinkCounters counters;
    bool is_touched = true;
};

ConnectionId SharedLink::State::new_id() {
    do {
        last_id = (last_id + 1) % numbers_of_process;
    } while (outgoing.contains(first_id + last_id));
    return first_id + last_id;
}

void SharedLink::State::close(ConnectionId id) {
    const auto found = outgoing.find(id);
    zmq_disconnect(client.handle(), found->second.endpoint.c_str());
    const auto [first, last] = by_target.equal_range(found->second.target);
    for (auto one = first; one != last; ++one)
        if (one->second == id) {
            by_target.erase(one);
            break;
        }
    outgoing.erase(found);
}

void SharedLink::State::take(Number agent, Route route, const PublicKey& key,
                             const zmq::message_t& body, const Sink& sink) {
    Result<Frame> frame = decode_frame(bytes_of(body));
    ++(frame.ok() ? counters.received : counters.bad_frames);
    if (frame.ok()) sink(agent, Received{.route = route, .key = key, .frame = std::move(*frame)});
}

void SharedLink::State::receive_from_server(const Sink& sink) {
    const ServerSocket::Events events = server.take_events();
    std::size_t left = frames_per_share;
    while (left > 0) {
        const std::optional<Incoming> incoming = server.receive();
        if (!incoming) break;
        --left;
        if (!incoming->sender || !members.contains(incoming->sender->door)) continue;
        accepted[incoming->route.value] = incoming->sender->door;
        take(incoming->sender->door, incoming->route, incoming->sender->key, incoming->body, sink);
    }
    is_touched = is_touched || left == 0;
    for (const Route route : events.dropped) {
        const auto agent = accepted.find(route.value);
        if (agent == accepted.end()) continue;
        if (members.contains(agent->second)) sink(agent->second, LinkDropped{.route = route});
        accepted.erase(agent);
    }
}

void SharedLink::State::receive_from_client(const Sink& sink) {
    std::size_t left = frames_per_share;
    zmq::message_t name;
    zmq::message_t body;
    while (left > 0 && receive_part(client, name)) {
        --left;
        if (!name.more() || !receive_part(client, body) || drop_rest(client, body)) continue;
        const auto link = outgoing.find(id_of(name.to_string_view()));
        if (link == outgoing.end()) continue;  // it was closed in the meantime
        take(link->second.agent, link->second.route, link->second.peer, body, sink);
    }
    is_touched = is_touched || left == 0;
}

void SharedLink::State::follow_client(const Sink& sink) {
    while (const std::optional<SocketEvent> event = monitor.next()) {
        if (event->kind == ZMQ_EVENT_CONNECTED) on_connected(event->value);
        if (event->kind == ZMQ_EVENT_DISCONNECTED) on_dropped(event->value, sink);
        if (event->kind == ZMQ_EVENT_CONNECT_RETRIED) on_retried(event->address, sink);
    }
}

void SharedLink::State::on_connected(int fd) {
    make_thin(fd);
    const auto index = static_cast<std::size_t>(fd);
    if (index >= by_fd.size()) by_fd.resize(index + 1);
    by_fd[index] = connection_of(fd);
    if (const auto link = outgoing.find(by_fd[index]); link != outgoing.end()) link->second.fd = fd;
}

void SharedLink::State::on_dropped(int fd, const Sink& sink) {
    const auto index = static_cast<std::size_t>(fd);
    if (index >= by_fd.size()) return;
    const auto link = outgoing.find(std::exchange(by_fd[index], 0));
    if (link == outgoing.end()) return;
    link->second.fd = -1;
    hint(link->second, sink);
}

/// The event does not say which of the connections to one target it is about: all that are down.
void SharedLink::State::on_retried(const std::string& target, const Sink& sink) {
    std::vector<ConnectionId> down;
    const auto [first, last] = by_target.equal_range(target);
    for (auto one = first; one != last; ++one)
        if (outgoing.at(one->second).fd < 0) down.push_back(one->second);
    for (const ConnectionId id : down)
        if (const auto link = outgoing.find(id); link != outgoing.end()) hint(link->second, sink);
}

void SharedLink::State::hint(Outgoing& link, const Sink& sink) {
    const Instant now = steady_now();
    if (now < link.next_hint) return;
    link.next_hint = now + hint_gap;
    sink(link.agent, LinkDropped{.route = link.route});
}

SharedLink::SharedLink(std::uint32_t process) : state_{std::make_unique<State>(process)} {}
SharedLink::~SharedLink() = default;

Result<std::string> SharedLink::add(Number agent, const CurveKeys& keys,
                                    const std::string& address) {
    state_->is_touched = true;
    Member member{.keys = keys, .endpoint = {}, .outgoing = {}};
    try {
        member.endpoint =
            state_->server.listen(agent, keys, address.empty() ? "tcp://127.0.0.1:0" : address);
    } catch (const zmq::error_t& error) {
        return Error{std::string{"cannot listen on a loopback port: "} + error.what()};
    }
    const std::string port = member.endpoint.substr(member.endpoint.find_last_of(':'));
    const bool is_new = state_->members.emplace(agent, std::move(member)).second;
    COPPICE_ENSURE(is_new, "an agent is added once");
    return "tcp://127.0.0.1" + port;
}

void SharedLink::remove(Number agent) {
    state_->is_touched = true;
    const auto member = state_->members.find(agent);
    COPPICE_ENSURE(member != state_->members.end(), "an agent that is removed was added");
    state_->server.close(member->second.endpoint);
    for (const auto& [route, id] : member->second.outgoing) state_->close(id);
    state_->members.erase(member);
}

void SharedLink::connect(Number agent, const Connect& connect) {
    state_->is_touched = true;
    Member& member = state_->members.at(agent);
    if (connect.peer.addresses.empty()) return;
    const ConnectionId id = state_->new_id();
    Outgoing link{.agent = agent,
                  .route = connect.route,
                  .peer = connect.peer.key,
                  .target = connect.peer.addresses.front(),
                  .endpoint = {}};
    constexpr std::string_view scheme = "tcp://";
    link.endpoint = std::string{scheme} + source_of(id) + ":0;" + link.target.substr(scheme.size());
    set_keys(state_->client, member.keys);
    state_->client.set(zmq::sockopt::curve_serverkey,
                       zmq::const_buffer{link.peer.data(), link.peer.size()});
    state_->client.set(zmq::sockopt::connect_routing_id, name_of(id));
    if (zmq_connect(state_->client.handle(), link.endpoint.c_str()) != 0) return;
    state_->by_target.emplace(link.target, id);
    state_->outgoing.emplace(id, std::move(link));
    member.outgoing[connect.route] = id;
}

void SharedLink::send(Number agent, Route route, const Frame& frame) {
    state_->is_touched = true;
    const Bytes bytes = encode(frame);
    if (route.value % 2 == 0) return state_->count(state_->server.send(route, bytes));
    const Member& member = state_->members.at(agent);
    const auto link = member.outgoing.find(route);
    if (link == member.outgoing.end()) return state_->count(SendOutcome::unreachable);
    const std::string name = name_of(link->second);
    const auto* text = reinterpret_cast<const std::uint8_t*>(name.data());
    const SendOutcome outcome = send_part(state_->client, {text, name.size()}, true);
    state_->count(outcome == SendOutcome::sent ? send_part(state_->client, bytes, false) : outcome);
}

void SharedLink::disconnect(Number agent, Route route) {
    state_->is_touched = true;
    Member& member = state_->members.at(agent);
    const auto link = member.outgoing.find(route);
    if (link == member.outgoing.end()) return;
    state_->close(link->second);
    member.outgoing.erase(link);
}

int SharedLink::fd() const { return state_->epoll.get(); }

void SharedLink::receive(const Sink& sink) {
    state_->is_touched = false;
    state_->zap.answer_all();
    state_->follow_client(sink);
    state_->receive_from_client(sink);
    state_->receive_from_server(sink);
}

bool SharedLink::needs_receive() const { return state_->is_touched; }

const SharedLinkCounters& SharedLink::counters() const { return state_->counters; }

}  // namespace coppice
