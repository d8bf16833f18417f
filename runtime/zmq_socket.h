#pragma once
// What all of our ZeroMQ sockets have in common. Seen by the link's own files only: constructors
// throw zmq::error_t, which ZmqLink translates.

#include <cstdint>
#include <span>
#include <zmq.hpp>

#include "runtime/curve_keys.h"

namespace coppice {

enum class SendOutcome : std::uint8_t { sent, full, unreachable };

/// Time that closing a socket waits for what was sent on it.
inline constexpr int linger_ms = 200;

/// The limits of queues and of time, and detection of dead TCP connections.
void set_common_options(zmq::socket_t& socket);
/// Our side's keys, for what the socket listens at or connects to from now on.
void set_keys(zmq::socket_t& socket, const CurveKeys& keys);

/// Has TCP send what was lost again after the same short pause for six times, instead of doubling
/// it each time (thin streams, Linux' tcp(7)): a link carries a frame or two a second, and when a
/// few packets in a row are lost their parent must not take the host for silent. Of a listening
/// descriptor its connections inherit it. A descriptor that is no TCP socket is left alone.
void make_thin(int descriptor);

/// Takes one part without waiting; false when there is none.
[[nodiscard]] bool receive_part(zmq::socket_t& socket, zmq::message_t& part);
/// Drops the parts of the current message after `last`; true when there were any.
bool drop_rest(zmq::socket_t& socket, const zmq::message_t& last);
[[nodiscard]] SendOutcome send_part(zmq::socket_t& socket, std::span<const std::uint8_t> bytes,
                                    bool has_more);

[[nodiscard]] std::span<const std::uint8_t> bytes_of(const zmq::message_t& message);

}  // namespace coppice
