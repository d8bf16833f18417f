#pragma once
// The listening side of a link: a ROUTER whose connections have even routes.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "common/ids.h"
#include "runtime/curve_keys.h"
#include "runtime/zmq_monitor.h"
#include "runtime/zmq_socket.h"

namespace coppice {

/// One message of a connection. Without a key it came in a form that no agent sends.
struct Incoming {
    Route route;
    std::optional<PublicKey> key;
    zmq::message_t body;
};

class ServerSocket {
public:
    ServerSocket(zmq::context_t& context, const CurveKeys& keys, const std::string& listen);

    /// Where it listens, with the port that the system chose.
    [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
    [[nodiscard]] std::vector<int> fds() const;

    [[nodiscard]] std::optional<Incoming> receive();
    [[nodiscard]] SendOutcome send(Route route, std::span<const std::uint8_t> bytes);

    struct Events {
        std::vector<Route> dropped;  // as far as known by the descriptor of their last message
        std::size_t failed_accepts = 0;
    };
    [[nodiscard]] Events take_events();

private:
    zmq::socket_t socket_;
    ZmqMonitor monitor_;
    std::string endpoint_;
    std::vector<std::optional<Route>> route_of_fd_;  // as long as descriptors are many
};

}  // namespace coppice
