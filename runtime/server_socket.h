#pragma once
// The listening side of a link: a ROUTER whose connections have even routes. It may listen at
// several doors, each with keys of its own.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "common/ids.h"
#include "runtime/curve_keys.h"
#include "runtime/zap_handler.h"
#include "runtime/zmq_monitor.h"
#include "runtime/zmq_socket.h"

namespace coppice {

/// One message of a connection. Without a sender it came in a form that no agent sends.
struct Incoming {
    Route route;
    std::optional<Sender> sender;
    zmq::message_t body;
};

class ServerSocket {
public:
    explicit ServerSocket(zmq::context_t& context);

    /// Returns where it listens, with the port that the system chose.
    [[nodiscard]] std::string listen(Door door, const CurveKeys& keys, const std::string& address);
    /// Closes a door by what listen() returned, with the connections that came by it.
    void close(const std::string& endpoint);

    /// Readable when receive(), and when take_events() may have something.
    [[nodiscard]] int fd() const;
    [[nodiscard]] int events_fd() const;

    [[nodiscard]] std::optional<Incoming> receive();
    [[nodiscard]] SendOutcome send(Route route, std::span<const std::uint8_t> bytes);

    struct Events {
        std::vector<Route> dropped;  // as far as known by the descriptor of their last message
        std::size_t failed_accepts = 0;
        std::size_t failed_handshakes = 0;
        std::size_t disconnects = 0;
    };
    [[nodiscard]] Events take_events();

private:
    zmq::socket_t socket_;
    ZmqMonitor monitor_;
    std::vector<std::optional<Route>> route_of_fd_;  // as long as descriptors are many
};

}  // namespace coppice
