#pragma once
// Answers libzmq's question who may connect (rfc.zeromq.org/spec/27): everyone with a key. What a
// key may do is decided by tickets, in pure code; here it becomes the User-Id of every message.

#include <optional>
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

/// The key that sent a message of a socket in our ZAP domain.
[[nodiscard]] std::optional<PublicKey> sender_key(const zmq::message_t& message);

}  // namespace coppice
