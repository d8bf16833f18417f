#pragma once
// Connections between virtual hosts, as ZeroMQ over TCP has them.
//
// Frames of one connection and direction arrive in order. A connecting side reconnects silently
// under the same route, and what was queued meanwhile arrives late; the accepting side sees a new
// route. What is under way when a process dies is lost without a word. A cut holds frames back
// until it heals or TCP gives up. Every frame travels as its real bytes.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/node.h"
#include "common/random.h"
#include "simulator/schedule.h"
#include "simulator/trace.h"

namespace coppice {

/// Position of a host in the world, in order of creation.
using HostIndex = std::size_t;

struct NetworkOptions {
    /// One way, uniform.
    Duration delay_min = std::chrono::microseconds{200};
    Duration delay_max = std::chrono::milliseconds{2};
    /// Share of frames that TCP has to send again, each time after the back-off below, doubling.
    double loss = 0;
    Duration retransmit_after = std::chrono::milliseconds{200};
    /// Share of frames that vanish for good, which TCP never does: a stress of the protocol.
    double frame_loss = 0;
    /// Both ends drop a connection that cannot deliver for this long.
    Duration give_up_after = std::chrono::seconds{20};
    /// Pauses between attempts to connect, doubling.
    Duration reconnect_min = std::chrono::milliseconds{100};
    Duration reconnect_max = std::chrono::seconds{2};
    /// How long a closed connection may still try to deliver what was sent on it.
    Duration linger = std::chrono::seconds{1};
    /// Frames that wait for a connection; further ones are lost.
    std::size_t queue_frames_max = 1000;
};

struct NetworkCounters {
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    std::uint64_t lost = 0;  // for whatever reason
};

class Network {
public:
    using Deliver = std::function<void(HostIndex, Input)>;

    /// `schedule` and `trace` outlive the network. Inputs for a process go to `deliver`.
    Network(Schedule& schedule, Trace& trace, const NetworkOptions& options, std::uint64_t seed,
            Deliver deliver);

    /// A host whose process is down. Addresses are unique in the world.
    HostIndex add_host(const PublicKey& key, const std::vector<std::string>& addresses);

    // What the process of a host asks for.
    void connect(HostIndex from, const Connect& connect);
    void send(HostIndex from, const Send& send);
    void disconnect(HostIndex from, Route route);
    void probe(HostIndex from, const Probe& probe);

    // What happens to processes and cables.
    void process_started(HostIndex host);
    /// Polite: what it sent still arrives. Otherwise everything under way from or to it is lost.
    void process_gone(HostIndex host, bool is_polite);
    /// A stalled process (SIGSTOP) accepts plain TCP connections and nothing more.
    void set_stalled(HostIndex host, bool is_stalled);
    void cut(HostIndex from, HostIndex to);
    void heal(HostIndex from, HostIndex to);
    /// The cable of one host, in both directions.
    void unplug(HostIndex host);
    void plug(HostIndex host);
    [[nodiscard]] bool is_cut(HostIndex from, HostIndex to) const;
    void set_loss(double loss, double frame_loss);

    [[nodiscard]] const NetworkCounters& counters() const { return counters_; }

private:
    enum class Phase : std::uint8_t { connecting, standing, broken };
    struct Packet {
        Frame frame;
        std::uint64_t bytes_hash = 0;
    };
    struct Lane {  // one direction of a connection
        std::deque<Packet> pipe;
        Instant last_arrival{};
        std::uint64_t stuck = 0;  // arrivals that a cut held back
        std::uint64_t blockage = 0;
    };
    struct Connection {
        HostIndex from = 0;
        HostIndex to = 0;
        bool is_resolved = false;
        Route from_route;
        Route to_route;
        PublicKey peer_key{};
        Phase phase = Phase::connecting;
        bool is_closing = false;
        std::uint64_t life = 0;  // what was started in an earlier life is void
        Duration pause{};
        std::deque<Packet> waiting;
        Lane up;  // from the connecting to the accepting side
        Lane down;
    };
    struct Host {
        PublicKey key{};
        std::uint64_t run = 0;
        bool is_up = false;
        bool is_stalled = false;
        bool is_unplugged = false;
    };
    using ConnectionId = std::uint64_t;
    using End = std::pair<HostIndex, Route>;  // a host and its name for a connection
    struct PendingDrop {
        HostIndex peer = 0;
        std::uint64_t number = 0;
    };

    [[nodiscard]] Connection* find(ConnectionId id, std::uint64_t life);
    [[nodiscard]] Duration delay() {
        return random_.between(options_.delay_min, options_.delay_max);
    }
    [[nodiscard]] Duration flight_time();
    void attempt(ConnectionId id);
    void retry(ConnectionId id);
    void stand(ConnectionId id, Connection& connection);
    void dispatch(ConnectionId id, Connection& connection, bool is_up, Packet packet);
    void arrive(ConnectionId id, std::uint64_t life, bool is_up);
    void block(ConnectionId id, Connection& connection, bool is_up);
    void release();
    void release_lane(ConnectionId id, Connection& connection, bool is_up);
    /// Aborts once what was sent in that direction has arrived, or the linger is over.
    void end_after_delivery(ConnectionId id, const Connection& connection, bool is_up);
    void abort(ConnectionId id);
    void tell_drop(const End& end, HostIndex peer);
    void finish_drop(const End& end, std::uint64_t number);

    Schedule& schedule_;
    Trace& trace_;
    NetworkOptions options_;
    Random random_;
    Deliver deliver_;
    std::vector<Host> hosts_;
    std::map<std::string, HostIndex> by_address_;
    std::set<std::pair<HostIndex, HostIndex>> cuts_;
    std::map<ConnectionId, Connection> connections_;
    std::map<End, ConnectionId> routes_;
    std::map<End, PendingDrop> drops_;  // ends that have not noticed yet that they talk to nobody
    std::uint64_t next_connection_ = 1;
    std::uint64_t next_even_route_ = 2;
    std::uint64_t next_drop_ = 1;
    NetworkCounters counters_;
};

}  // namespace coppice
