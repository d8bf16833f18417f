#pragma once
// Answers libzmq's question who may connect (rfc.zeromq.org/spec/27): everyone with a key. What a
// key may do is decided by tickets, in pure code; here it becomes the User-Id of every message.

#include <cstdint>
#include <optional>
#include <string>
#include <zmq.hpp>

#include "common/ids.h"

namespace coppice {

class ZapHandler {
public:
    /// Must be made before the context's first bind with CURVE.
    explicit ZapHandler(zmq::context_t& context);

    /// Answers what is asked; call it when fd() is readable and after each use of the socket.
    void answer_all();
    [[nodiscard]] int fd() const;

private:
    zmq::socket_t socket_;
};

/// One of the addresses at which a socket listens; each may have keys of its own.
using Door = std::uint32_t;

/// The ZAP domain of a door.
[[nodiscard]] std::string domain_of(Door door);

/// Who sent a message, and at which door.
struct Sender {
    PublicKey key{};
    Door door = 0;
};
/// Nothing when the message came by a socket outside of our ZAP domains.
[[nodiscard]] std::optional<Sender> sender_of(const zmq::message_t& message);

}  // namespace coppice
