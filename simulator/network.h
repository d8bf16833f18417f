#pragma once
// Connections between virtual hosts, as ZeroMQ over TCP has them.
//
// Frames of one connection and direction arrive in order. A connecting side reconnects silently
// under the same route, and what was queued meanwhile arrives late; the accepting side sees a new
// route. What is under way when a process dies is lost without a word. A cut holds frames back
// until it heals or TCP gives up. Every frame travels as its real bytes.
//
// How long a frame takes depends on its connection, direction and number alone, so that a stretch
// in which only heartbeats pass can be computed without sending them.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/node.h"
#include "common/random.h"
#include "simulator/latency.h"
#include "simulator/schedule.h"
#include "simulator/trace.h"

namespace coppice {

/// Position of a host in the world, in order of creation.
using HostIndex = std::size_t;

struct NetworkOptions {
    /// Between hosts of one rack, of one site (or of an unknown one), and of two sites.
    Latency same_rack{std::chrono::microseconds{50}, std::chrono::microseconds{150},
                      std::chrono::microseconds{600}, std::chrono::milliseconds{2}};
    Latency same_site{std::chrono::microseconds{200}, std::chrono::microseconds{500},
                      std::chrono::milliseconds{2}, std::chrono::milliseconds{5}};
    Latency far{std::chrono::milliseconds{4}, std::chrono::milliseconds{12},
                std::chrono::milliseconds{30}, std::chrono::milliseconds{60}};
    /// Bytes a second that a host can send, and as many that it can receive; further frames wait
    /// their turn. Zero: without limit.
    std::uint64_t bytes_per_second = 0;
    /// Share of frames that TCP has to send again: six times after the pause below, as for thin
    /// streams (TCP_THIN_LINEAR_TIMEOUTS of Linux), then doubling.
    double loss = 0;
    Duration retransmit_after = std::chrono::milliseconds{200};
    // What TCP never does, as a stress of the protocol: shares of frames that
    double frame_loss = 0;  // vanish for good,
    double duplicate = 0;   // arrive twice,
    double reorder = 0;     // arrive up to `reorder_by` late, behind later ones
    Duration reorder_by = std::chrono::milliseconds{50};
    /// Both ends drop a connection that cannot deliver for this long.
    Duration give_up_after = std::chrono::seconds{20};
    /// Pauses between attempts to connect, doubling.
    Duration reconnect_min = std::chrono::milliseconds{100};
    Duration reconnect_max = std::chrono::seconds{2};
    /// How long a closed connection may still try to deliver what was sent on it.
    Duration linger = std::chrono::seconds{1};
    /// Frames that wait for a connection; further ones are lost.
    std::size_t queue_frames_max = 1000;
    /// Whether frames are encoded and decoded again. Without it a run needs less time and proves
    /// less.
    bool is_coding = true;
};

struct NetworkCounters {
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;  // without coding: none
    std::uint64_t lost = 0;   // for whatever reason
};

/// Where a host stands; zero is unknown.
struct Place {
    std::uint32_t rack = 0;
    std::uint32_t site = 0;
};

class Network final : private Schedule::Handler {
public:
    using Deliver = std::function<void(HostIndex, Input&&)>;

    /// `schedule` and `trace` outlive the network. Inputs for a process go to `deliver`.
    Network(Schedule& schedule, Trace& trace, const NetworkOptions& options, std::uint64_t seed,
            Deliver deliver);

    /// A host whose process is down. Addresses are unique in the world.
    HostIndex add_host(const PublicKey& key, const std::vector<std::string>& addresses,
                       Place place = {});

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
    /// Every frame from or to the host takes this much longer; zero ends that.
    void clog(HostIndex host, Duration delay);
    void set_loss(double loss, double frame_loss);
    /// From now on frames for which this is true vanish; empty ends that.
    void lose(std::function<bool(const Frame&)> which) { is_lost_ = std::move(which); }
    /// As NetworkOptions::loss, of what goes from or to one host; zero ends that.
    void set_host_loss(HostIndex host, double loss);

    [[nodiscard]] const NetworkOptions& options() const { return options_; }
    [[nodiscard]] const NetworkCounters& counters() const { return counters_; }

    // For passing over quiet stretches; see quiet.h.
    struct Pair {
        HostIndex to = 0;  // who accepted
        Route to_route;
        std::uint32_t connection = 0;
        std::uint64_t frames_up = 0;  // sent to `to`
        std::uint64_t frames_down = 0;
    };
    /// True when every frame arrives, at a time that depends on nothing but its number.
    [[nodiscard]] bool is_predictable() const;
    [[nodiscard]] Duration longest_flight() const;
    /// Frames of standing connections and of former ones.
    [[nodiscard]] std::size_t under_way() const { return packets_.size() - free_packets_.size(); }
    /// The standing connection that a host calls by an own route; nothing when it does not stand,
    /// is being closed, or holds frames back.
    [[nodiscard]] std::optional<Pair> standing(HostIndex from, Route route) const;
    /// How long a frame of this number is under way.
    [[nodiscard]] Duration flight_time(std::uint32_t connection, bool is_up,
                                       std::uint64_t frame) const;
    /// Takes every frame that is under way off its way.
    void forget_packets();
    /// Counts frames that were never sent.
    void pass_frames(std::uint32_t connection, std::uint64_t up, std::uint64_t down);
    /// Puts a frame on its way that was counted already and arrives at this time.
    void put_under_way(std::uint32_t connection, bool is_up, Frame frame, Instant arrival);

private:
    enum class Phase : std::uint8_t { free, connecting, standing, broken };
    using Slot = std::uint32_t;  // of a connection, or of a packet
    static constexpr Slot none = ~Slot{0};

    struct Lane {                  // one direction of a connection
        std::uint64_t frames = 0;  // sent
        Instant last_arrival{};
        std::vector<Slot> stuck;  // packets that a cut holds back
        std::uint64_t blockage = 0;
    };
    struct Packet {
        Frame frame;
        Slot connection = none;
        std::uint32_t life = 0;
        bool is_up = false;
    };
    struct Waiting {
        Frame frame;
        std::uint64_t bytes = 0;
    };
    struct Connection {
        std::uint32_t from = 0;
        std::uint32_t to = 0;
        Route from_route;
        Route to_route;
        PublicKey from_key{};
        PublicKey peer_key{};
        const Latency* latency = nullptr;
        std::uint64_t seed = 0;   // of its flight times
        std::uint32_t life = 0;   // what was started in an earlier life is void
        Slot place_at_to = none;  // in the target's list
        Phase phase = Phase::free;
        bool is_resolved = false;
        bool is_closing = false;
        bool is_from_open = false;  // its process still has the route
        Duration pause{};
        std::vector<Waiting> waiting;
        Lane up;  // from the connecting to the accepting side
        Lane down;
    };
    struct OwnRoute {
        Route route;
        Slot connection = none;
    };
    struct Host {
        PublicKey key{};
        std::uint64_t run = 0;
        Place place;
        bool is_up = false;
        bool is_stalled = false;
        bool is_unplugged = false;
        Duration clog{};
        double loss = 0;
        Instant sends_until{};  // its line is busy, with a limit on bytes
        Instant receives_until{};
        std::vector<OwnRoute> own;   // that its process opened
        std::vector<Slot> incoming;  // towards its address, resolved
    };
    using End = std::pair<HostIndex, Route>;  // a host and its name for a connection
    struct PendingDrop {
        HostIndex peer = 0;
        std::uint64_t number = 0;
    };

    void happen(std::uint64_t packet) override { arrive(static_cast<Slot>(packet)); }

    // Who knows a connection by which name.
    [[nodiscard]] Slot find(HostIndex host, Route route) const;
    [[nodiscard]] bool is_alive(Slot id, std::uint32_t life) const {
        return connections_[id].life == life && connections_[id].phase != Phase::free;
    }
    [[nodiscard]] Slot new_connection();
    void resolve(Slot id, const std::vector<std::string>& addresses);
    void free_connection(Slot id);
    void forget_route(HostIndex host, Route route);
    [[nodiscard]] std::vector<Slot> touching(HostIndex host) const;

    [[nodiscard]] const Latency& latency(HostIndex from, HostIndex to) const;
    [[nodiscard]] Duration clog_between(HostIndex from, HostIndex to) const;
    [[nodiscard]] Duration delay_now(HostIndex from, HostIndex to);
    [[nodiscard]] Duration way_now(HostIndex from, HostIndex to);
    [[nodiscard]] Duration retransmissions(HostIndex from, HostIndex to);
    [[nodiscard]] Instant wait_for_lines(HostIndex from, HostIndex to, std::uint64_t bytes,
                                         Duration flight);

    void attempt(Slot id);
    void retry(Slot id);
    void stand(Slot id);
    void dispatch(Slot id, bool is_up, Frame&& frame, std::uint64_t bytes);
    void launch(Slot id, bool is_up, Frame&& frame, Instant arrival);
    void arrive(Slot packet);
    void deliver(Slot packet);
    [[nodiscard]] Slot new_packet();
    void free_packet(Slot packet);
    void block(Slot id, bool is_up);
    void release(HostIndex host);
    void release_lane(Slot id, bool is_up);
    void unblock(Slot id, std::uint32_t life, bool is_up);
    /// Aborts once what was sent in that direction has arrived, or the linger is over.
    void end_after_delivery(Slot id, bool is_up);
    void abort(Slot id);
    void drop_packets(Lane& lane);
    void tell_drop(const End& end, HostIndex peer);
    void finish_drop(const End& end, std::uint64_t number);

    [[nodiscard]] Lane& lane(Slot id, bool is_up) {
        return is_up ? connections_[id].up : connections_[id].down;
    }
    [[nodiscard]] HostIndex source(Slot id, bool is_up) const {
        return is_up ? connections_[id].from : connections_[id].to;
    }
    [[nodiscard]] HostIndex target(Slot id, bool is_up) const {
        return is_up ? connections_[id].to : connections_[id].from;
    }

    Schedule& schedule_;
    Trace& trace_;
    NetworkOptions options_;
    std::uint64_t seed_;
    Random random_;
    Deliver deliver_;
    std::function<bool(const Frame&)> is_lost_;
    std::vector<Host> hosts_;
    std::map<std::string, HostIndex> by_address_;
    std::set<std::pair<HostIndex, HostIndex>> cuts_;
    std::vector<Connection> connections_;
    std::vector<Slot> free_connections_;
    std::vector<Packet> packets_;
    std::vector<Slot> free_packets_;
    std::map<End, PendingDrop> drops_;  // ends that have not noticed yet that they talk to nobody
    std::uint64_t connections_made_ = 0;
    std::uint64_t accepted_ = 0;
    std::uint64_t next_drop_ = 1;
    std::uint64_t clogged_ = 0;    // hosts
    std::uint64_t lossy_ = 0;      // hosts
    std::uint64_t unplugged_ = 0;  // hosts
    NetworkCounters counters_;
};

}  // namespace coppice
