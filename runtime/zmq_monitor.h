#pragma once
// What a ZeroMQ socket tells about its connections.

#include <cstdint>
#include <optional>
#include <string>
#include <zmq.hpp>

namespace coppice {

struct SocketEvent {
    int kind = 0;   // one ZMQ_EVENT_*
    int value = 0;  // a descriptor for ZMQ_EVENT_LISTENING, _CONNECTED, _DISCONNECTED
    std::string address;
};

class ZmqMonitor {
public:
    /// `name` is unique in the context. `socket` outlives the monitor.
    ZmqMonitor(zmq::context_t& context, zmq::socket_t& socket, const std::string& name, int events);
    ~ZmqMonitor();
    ZmqMonitor(const ZmqMonitor&) = delete;
    ZmqMonitor& operator=(const ZmqMonitor&) = delete;

    [[nodiscard]] std::optional<SocketEvent> next();
    [[nodiscard]] int fd() const;

private:
    zmq::socket_t& watched_;
    zmq::socket_t events_;
};

}  // namespace coppice
