#include "runtime/zmq_monitor.h"

#include <cstring>

#include "runtime/zmq_socket.h"

namespace coppice {

ZmqMonitor::ZmqMonitor(zmq::context_t& context, zmq::socket_t& socket, const std::string& name,
                       int events)
    : watched_{socket}, events_{context, zmq::socket_type::pair} {
    // libzmq's I/O thread waits when this is full: more than the descriptors of a process.
    constexpr int waiting_max = 100'000;
    events_.set(zmq::sockopt::rcvhwm, waiting_max);
    events_.set(zmq::sockopt::linger, 0);
    const std::string address = "inproc://monitor-" + name;
    if (zmq_socket_monitor(socket.handle(), address.c_str(), events) != 0) throw zmq::error_t{};
    events_.connect(address);
}

ZmqMonitor::~ZmqMonitor() { zmq_socket_monitor(watched_.handle(), nullptr, 0); }

std::optional<SocketEvent> ZmqMonitor::next() {
    zmq::message_t part;
    if (!receive_part(events_, part)) return std::nullopt;
    std::uint16_t kind = 0;
    std::uint32_t value = 0;
    if (part.size() == sizeof kind + sizeof value) {
        std::memcpy(&kind, part.data(), sizeof kind);
        std::memcpy(&value, static_cast<const char*>(part.data()) + sizeof kind, sizeof value);
    }
    SocketEvent event{.kind = kind, .value = static_cast<int>(value), .address = {}};
    if (part.more() && receive_part(events_, part)) event.address = part.to_string();
    return event;
}

int ZmqMonitor::fd() const { return events_.get(zmq::sockopt::fd); }

}  // namespace coppice
