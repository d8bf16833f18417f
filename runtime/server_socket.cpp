#include "runtime/server_socket.h"

#include <array>
#include <utility>

namespace coppice {
namespace {

// libzmq names a connection by a zero byte and a number that it never gives twice. A peer that
// brings a name of its own is none of ours.
constexpr std::size_t name_size = 5;

constexpr int failed_handshake = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                 ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

std::optional<Route> route_of(std::span<const std::uint8_t> name) {
    if (name.size() != name_size || name[0] != 0) return std::nullopt;
    std::uint64_t number = 0;
    for (const std::uint8_t byte : name) number = (number << 8U) | byte;
    return Route{number << 1U};
}

std::array<std::uint8_t, name_size> name_of(Route route) {
    std::array<std::uint8_t, name_size> name{};
    std::uint64_t number = route.value >> 1U;
    for (std::size_t index = name_size; index-- > 1; number >>= 8U)
        name[index] = static_cast<std::uint8_t>(number & 0xffU);
    return name;
}

}  // namespace

ServerSocket::ServerSocket(zmq::context_t& context)
    : socket_{context, zmq::socket_type::router},
      monitor_{context, socket_, "server",
               ZMQ_EVENT_LISTENING | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_ACCEPT_FAILED |
                   failed_handshake} {
    constexpr int backlog = 1024;  // a burst of joins
    set_common_options(socket_);
    socket_.set(zmq::sockopt::curve_server, true);
    socket_.set(zmq::sockopt::router_mandatory, true);
    socket_.set(zmq::sockopt::backlog, backlog);
}

std::string ServerSocket::listen(Door door, const CurveKeys& keys, const std::string& address) {
    set_keys(socket_, keys);
    socket_.set(zmq::sockopt::zap_domain, domain_of(door));
    socket_.bind(address);
    return socket_.get(zmq::sockopt::last_endpoint);
}

void ServerSocket::close(const std::string& endpoint) {
    zmq_unbind(socket_.handle(), endpoint.c_str());
}

int ServerSocket::fd() const { return socket_.get(zmq::sockopt::fd); }
int ServerSocket::events_fd() const { return monitor_.fd(); }

std::optional<Incoming> ServerSocket::receive() {
    zmq::message_t name;
    if (!receive_part(socket_, name)) return std::nullopt;
    Incoming incoming;
    if (!name.more() || !receive_part(socket_, incoming.body)) return incoming;
    const std::optional<Route> route = route_of(bytes_of(name));
    if (drop_rest(socket_, incoming.body) || !route) return incoming;
    incoming.route = *route;
    incoming.sender = sender_of(incoming.body);

    const int fd = zmq_msg_get(incoming.body.handle(), ZMQ_SRCFD);
    if (fd < 0) return incoming;
    const auto index = static_cast<std::size_t>(fd);
    if (index >= route_of_fd_.size()) route_of_fd_.resize(index + 1);
    route_of_fd_[index] = *route;
    return incoming;
}

SendOutcome ServerSocket::send(Route route, std::span<const std::uint8_t> bytes) {
    const SendOutcome outcome = send_part(socket_, name_of(route), true);
    return outcome == SendOutcome::sent ? send_part(socket_, bytes, false) : outcome;
}

ServerSocket::Events ServerSocket::take_events() {
    Events events;
    while (const std::optional<SocketEvent> event = monitor_.next()) {
        if (event->kind == ZMQ_EVENT_LISTENING) make_thin(event->value);
        if (event->kind == ZMQ_EVENT_ACCEPT_FAILED) ++events.failed_accepts;
        if ((event->kind & failed_handshake) != 0) ++events.failed_handshakes;
        if (event->kind == ZMQ_EVENT_DISCONNECTED) ++events.disconnects;
        const auto index = static_cast<std::size_t>(event->value);
        if (event->kind != ZMQ_EVENT_DISCONNECTED || index >= route_of_fd_.size()) continue;
        if (const auto route = std::exchange(route_of_fd_[index], std::nullopt))
            events.dropped.push_back(*route);
    }
    return events;
}

}  // namespace coppice
