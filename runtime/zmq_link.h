#pragma once
// All connections of one process over ZeroMQ with CURVE: one listening socket, any number of
// connections of its own, and the identity of whoever sends.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/node.h"
#include "runtime/curve_keys.h"

namespace coppice {

struct LinkOptions {
    CurveKeys keys;
    std::string listen = "tcp://*:0";  // port zero: any free one
};

/// Totals since the start.
struct LinkCounters {
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t dropped_unreachable = 0;  // to a connection that is gone
    std::uint64_t dropped_full = 0;         // the peer does not keep up
    std::uint64_t dropped_too_large = 0;    // above limits::frame_bytes_max
    std::uint64_t bad_frames = 0;           // received and not understood
    std::uint64_t refused_connections = 0;  // that could not prove a key in time
    std::uint64_t failed_accepts = 0;       // too many files were open
    std::uint64_t disconnects = 0;  // peers that left, were lost, or sent more than a frame holds
};

/// Belongs to one thread. Routes of accepted connections are even and never used again; routes of
/// connect() are odd and the caller's. Every peer with a key may connect: Received::key is proven,
/// what it may do is the node's business.
class ZmqLink {
public:
    using NoticeSink = std::function<void(const Notice&)>;
    using InputSink = std::function<void(const Input&)>;

    /// An error says what cannot be listened on. `notice` is called on the owner's thread.
    [[nodiscard]] static Result<std::unique_ptr<ZmqLink>> open(const LinkOptions& options,
                                                               NoticeSink notice);
    ~ZmqLink();
    ZmqLink(const ZmqLink&) = delete;
    ZmqLink& operator=(const ZmqLink&) = delete;

    /// Where it listens, with the port that the system chose: "tcp://[::]:40123".
    [[nodiscard]] const std::string& endpoint() const;

    void connect(const Connect& connect);
    void send(Route route, const Frame& frame);
    void disconnect(Route route);

    /// Readable when receive() may have something.
    [[nodiscard]] int fd() const;
    /// Gives Received and LinkDropped to `sink`, which must not call the link, until nothing is
    /// left or a share (frames, bytes) is used up. True when it must be called again before the
    /// owner may wait for fd().
    bool receive(const InputSink& sink);
    /// True after receive() said so and after each send: libzmq tells of news once only, and a
    /// send may have taken the sign.
    [[nodiscard]] bool needs_receive() const;

    [[nodiscard]] const LinkCounters& counters() const;

private:
    struct State;
    explicit ZmqLink(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace coppice
