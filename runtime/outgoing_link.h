#pragma once
// One connection that this process opened: a DEALER that tries the peer's addresses in turn.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "common/node.h"
#include "runtime/curve_keys.h"
#include "runtime/zmq_monitor.h"
#include "runtime/zmq_socket.h"

namespace coppice {

/// Frames wait here until the peer has proven its key, so that no address that does not answer, or
/// is somebody else, swallows them. The first round tries every address at once; from then on
/// each gets two tries, with libzmq's growing pause between them.
class OutgoingLink {
public:
    OutgoingLink(zmq::context_t& context, const CurveKeys& own, const Connect& connect);

    [[nodiscard]] const PublicKey& key() const { return key_; }
    [[nodiscard]] std::vector<int> fds() const;

    /// full: the oldest waiting frames were dropped, or the peer does not keep up.
    [[nodiscard]] SendOutcome send(std::vector<std::uint8_t> bytes);
    /// False when there is no message. A message of several parts is emptied.
    [[nodiscard]] bool receive(zmq::message_t& body);
    struct News {
        bool is_up = false;        // the peer has proven its key
        bool has_dropped = false;  // or cannot be opened; at most once per `drop_gap`
    };
    /// Follows the connection's state.
    [[nodiscard]] News follow_events(Instant now);

    static constexpr std::size_t waiting_max = 64;
    static constexpr std::size_t waiting_bytes_max = 1024UL * 1024;
    static constexpr Duration drop_gap = std::chrono::milliseconds{200};

private:
    /// Passes over malformed addresses; without a good one the link stays silent.
    void connect_to(std::size_t index);
    void on_up();
    void on_failure();

    PublicKey key_;
    std::vector<std::string> addresses_;
    std::size_t current_ = 0;
    std::size_t failures_ = 0;  // since it was up
    bool is_up_ = false;
    bool is_pausing_ = false;  // a drop was seen; libzmq's next event tells of the pause after it
    Instant next_drop_ = Instant::min();
    std::deque<std::vector<std::uint8_t>> waiting_;
    std::size_t waiting_bytes_ = 0;
    zmq::socket_t socket_;
    ZmqMonitor monitor_;
};

}  // namespace coppice
