#pragma once
// The connections of many agents of one process over two sockets: about three descriptors an
// agent, where a ZmqLink for each takes ten. For rigs that run thousands of agents on one machine.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/node.h"
#include "runtime/curve_keys.h"

namespace coppice {

/// Totals since the start.
struct SharedLinkCounters {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t dropped = 0;     // full queues and connections that are gone
    std::uint64_t bad_frames = 0;  // received and not understood
};

/// Belongs to one thread. Frames, keys, routes and hints are those of ZmqLink; agents of one link
/// meet only over TCP. Unlike there, a peer is tried at its first address only, and frames for one
/// that does not answer wait in libzmq's queue.
///
/// Each connection has a loopback address of its own as its source, by which its events are told
/// apart: peers must be on this machine.
class SharedLink {
public:
    /// Of an agent; the caller's numbers.
    using Number = std::uint32_t;
    using Sink = std::function<void(Number agent, const Input&)>;

    /// `process` tells apart the processes of one machine: below processes_max.
    explicit SharedLink(std::uint32_t process);
    ~SharedLink();
    SharedLink(const SharedLink&) = delete;
    SharedLink& operator=(const SharedLink&) = delete;

    /// Listens for an agent on a free loopback port, or at `address` when it is given. Returns the
    /// address.
    [[nodiscard]] Result<std::string> add(Number agent, const CurveKeys& keys,
                                          const std::string& address = "");
    /// Closes all that an agent has, as its death would; it may be added again.
    void remove(Number agent);

    void connect(Number agent, const Connect& connect);
    void send(Number agent, Route route, const Frame& frame);
    void disconnect(Number agent, Route route);

    /// As of ZmqLink: readable when receive() may have something; receive() again before waiting
    /// as long as needs_receive().
    [[nodiscard]] int fd() const;
    void receive(const Sink& sink);
    [[nodiscard]] bool needs_receive() const;

    [[nodiscard]] const SharedLinkCounters& counters() const;

    static constexpr std::uint32_t processes_max = 15;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace coppice
