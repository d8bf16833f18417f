#pragma once
// Counts what a fleet costs while it runs: frames and bytes by role and by level, who is up, who
// moved.
//
// Loads are sampled in windows of one heartbeat interval. Stretches that the engine leaps over are
// left out of loads and rates, as if the clock had stood still.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "simulator/fleet.h"
#include "simulator/witness.h"

namespace coppice {

/// Who sends: the manager, or a host by its role.
enum class Sender : std::uint8_t { manager, root, branch, leaf };
inline constexpr std::size_t senders = 4;
inline constexpr std::array<const char*, senders> sender_names{"manager", "root", "branch", "leaf"};

/// What the hosts of one role, or of one level, have sent since begin_loads().
struct Load {
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    double host_seconds = 0;        // time that such hosts were up and in the tree
    std::uint64_t frames_most = 0;  // of one host in one window
    std::uint64_t bytes_most = 0;   // of one host in one window
};

struct Sent {
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
};

/// One stretch of time.
struct LoadPoint {
    std::array<std::uint64_t, senders> frames{};
    std::uint64_t bytes = 0;
    std::uint64_t moves = 0;
    std::uint64_t up = 0;    // fewest processes of hosts
    std::uint64_t live = 0;  // fewest hosts that the manager calls live
    Duration lived{};        // time in it that was not leapt over
};

struct MeterReadings {
    Duration window{};       // in which the most of one host is counted
    Duration point_width{};  // of each point
    std::vector<LoadPoint> points;
    std::array<Load, senders> by_role;
    std::vector<Load> by_level;  // the manager, the root, its children, and so on
    Duration measured{};         // time since begin_loads() that was not leapt over
    Duration leapt{};            // since the meter was made
    /// Windows by the number of messages that the root's children sent to it in them.
    std::map<std::uint64_t, std::uint64_t> root_inbound;
    std::uint64_t interior_inbound_most = 0;  // in one window, of one host's children
    std::uint64_t moves = 0;                  // changes of a placed host's parent
    /// Each time that the manager called an interior host lost, or it left: how many moves followed
    /// from that. Those are the moves of its children, from 10 intervals before until 60 after, and
    /// the moves of others (such as its successor) within 2 that no other death explains.
    std::vector<std::uint64_t> moves_per_death;
};

/// Outlives the world's last event; the readings are there after the world is gone.
class Meter final : public FleetWitness {
public:
    explicit Meter(Fleet& fleet);

    /// Loads count from now on, anew; call it when the fleet has come up. Points and moves count
    /// always.
    void begin_loads();
    [[nodiscard]] MeterReadings readings() const;
    /// Since the meter was made, up to now, but for the bytes of the newest frame.
    [[nodiscard]] const std::array<Sent, senders>& sent() const { return sent_; }
    /// Hosts that run, that hang in the tree, and that the manager calls live.
    [[nodiscard]] std::uint64_t up() const { return up_; }
    [[nodiscard]] std::uint64_t attached() const { return attached_; }
    [[nodiscard]] std::uint64_t live() const { return live_; }

    void on_process(HostIndex host, bool is_up) override;
    void on_commit(HostIndex host, std::span<const Write> writes) override;
    void on_send(HostIndex host, const Send& send) override;
    void on_leap(Instant from, Instant to) override;
    void on_glance(HostIndex host, const AgentGlance& before, const AgentGlance& after) override;

private:
    struct Host {
        HostId parent;
        Role role = Role::leaf;
        bool is_attached = false;
        bool is_up = false;
        bool is_touched = false;  // in this window
        std::uint16_t level = 0;
        std::uint32_t frames = 0;  // in this window, as the rest
        std::uint32_t inbound = 0;
        std::uint64_t bytes = 0;
    };
    struct Assigned {  // as the manager has it
        HostState state = HostState::joining;
        bool is_placed = false;
        HostId parent;
        Role role = Role::leaf;
        std::optional<std::size_t> death;     // its latest
        std::vector<Instant> unblamed_moves;  // of its children
    };
    struct Death {
        Instant time{};
        std::uint64_t moves = 0;
    };

    [[nodiscard]] Sender sender(HostIndex host) const;
    void advance();
    void close_window(Duration lived);
    void close_host(HostIndex index);
    void find_levels();
    void find_level(HostIndex host, std::vector<HostIndex>& chain);
    void charge_bytes();
    void count_inbound(HostIndex from, const Send& send);
    [[nodiscard]] Host& touched(HostIndex host);
    [[nodiscard]] HostIndex index_of(HostId id) const;
    void detach(HostIndex host);
    void put_gauges();
    void take(const HostRecord& record);
    void count_move(HostId old_parent);
    void count_death(Assigned& dead);
    void blame_newest(Instant move, MeterReadings& readings) const;

    Fleet& fleet_;
    Instant start_;
    Instant window_end_;
    MeterReadings readings_;
    bool is_loading_ = false;
    bool is_shape_new_ = false;
    std::vector<Host> hosts_;  // by HostIndex
    std::vector<HostIndex> touched_;
    std::vector<HostIndex> by_id_;    // 0: nobody known, or the manager
    std::vector<Assigned> assigned_;  // by HostId
    std::array<std::uint64_t, senders> attached_by_role_{};
    std::vector<std::uint64_t> attached_by_level_;
    std::vector<Death> deaths_;
    std::array<Sent, senders> sent_{};
    std::optional<HostIndex> last_sender_;
    std::uint64_t bytes_seen_ = 0;
    Duration leapt_{};  // since the last window was closed
    std::uint64_t up_ = 0;
    std::uint64_t attached_ = 0;
    std::uint64_t live_ = 0;
    HostIndex root_ = 0;
};

}  // namespace coppice
