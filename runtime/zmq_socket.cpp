#include "runtime/zmq_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "common/limits.h"

namespace coppice {

void set_common_options(zmq::socket_t& socket) {
    // Messages per peer. Payloads under way to one child are limited by the node to
    // limits::unheld_bytes_max, the rest are frames of a few KiB: about 1 MiB per peer at most.
    constexpr int send_queue_max = 256;
    // Messages per peer, whoever it is: at most 16 MiB. A flood stays in the sender's TCP window.
    constexpr int receive_queue_max = 16;
    constexpr int handshake_ms = 5'000;
    constexpr int unacknowledged_ms = 10'000;
    constexpr int keepalive_idle_s = 30;
    constexpr int keepalive_gap_s = 10;
    constexpr int keepalive_count = 3;

    socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(limits::frame_bytes_max));
    socket.set(zmq::sockopt::sndhwm, send_queue_max);
    socket.set(zmq::sockopt::rcvhwm, receive_queue_max);
    socket.set(zmq::sockopt::linger, linger_ms);
    socket.set(zmq::sockopt::ipv6, true);
    socket.set(zmq::sockopt::handshake_ivl, handshake_ms);
    socket.set(zmq::sockopt::tcp_maxrt, unacknowledged_ms);
    socket.set(zmq::sockopt::tcp_keepalive, 1);
    socket.set(zmq::sockopt::tcp_keepalive_idle, keepalive_idle_s);
    socket.set(zmq::sockopt::tcp_keepalive_intvl, keepalive_gap_s);
    socket.set(zmq::sockopt::tcp_keepalive_cnt, keepalive_count);
}

void make_thin(int descriptor) {
    constexpr int yes = 1;
    // An error says that it is no TCP socket, or was closed meanwhile.
    static_cast<void>(
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, &yes, sizeof yes));
}

void set_keys(zmq::socket_t& socket, const CurveKeys& keys) {
    socket.set(zmq::sockopt::curve_publickey,
               zmq::const_buffer{keys.public_key.data(), keys.public_key.size()});
    socket.set(zmq::sockopt::curve_secretkey,
               zmq::const_buffer{keys.secret_key.data(), keys.secret_key.size()});
}

bool receive_part(zmq::socket_t& socket, zmq::message_t& part) {
    int size = -1;
    do {
        size = zmq_msg_recv(part.handle(), socket.handle(), ZMQ_DONTWAIT);
    } while (size < 0 && zmq_errno() == EINTR);
    return size >= 0;
}

bool drop_rest(zmq::socket_t& socket, const zmq::message_t& last) {
    if (!last.more()) return false;
    zmq::message_t part;
    while (receive_part(socket, part) && part.more()) continue;
    return true;
}

SendOutcome send_part(zmq::socket_t& socket, std::span<const std::uint8_t> bytes, bool has_more) {
    const int flags = ZMQ_DONTWAIT | (has_more ? ZMQ_SNDMORE : 0);
    while (zmq_send(socket.handle(), bytes.data(), bytes.size(), flags) < 0) {
        if (zmq_errno() == EINTR) continue;
        return zmq_errno() == EAGAIN ? SendOutcome::full : SendOutcome::unreachable;
    }
    return SendOutcome::sent;
}

std::span<const std::uint8_t> bytes_of(const zmq::message_t& message) {
    return {static_cast<const std::uint8_t*>(message.data()), message.size()};
}

}  // namespace coppice
