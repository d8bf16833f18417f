#pragma once
// Compares what the manager says of hosts with what really happens to them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/timing.h"
#include "simulator/fleet.h"
#include "simulator/witness.h"

namespace coppice {

/// How long the loss of a host may stay unknown to the manager, wherever the host is.
struct OutageBound {
    Duration known{};     // its parent may die before it could tell
    Duration newcomer{};  // it may be looking for its first parent; nobody ever called it live
};
/// 17 s and 41 s at an interval of 1 s.
[[nodiscard]] OutageBound outage_bound(const Timing& timing);

// Two things begin the bound anew. When a root dies nobody can tell of the hosts that were lost
// shortly before, until there is another one. And nobody can tell of any host while no host of the
// fleet runs. (A manager that hears no root declares nobody lost: it might be the one that is cut
// off.)

struct OutageFindings {
    std::uint64_t outages = 0;
    std::uint64_t outages_over_bound = 0;   // that somebody could notice for longer than the bound
    std::uint64_t outages_in_the_dark = 0;  // that lasted longer, and nobody could
    /// Of those over the bound: from there to the end the manager did not call the host live, and
    /// after the bound of newcomers it called it lost, or had never heard of it.
    std::uint64_t detected = 0;
    std::uint64_t missed = 0;
    /// A running host was called lost or said to have left, and not because of an outage that began
    /// no longer than the bound ago.
    std::uint64_t false_lost = 0;
    /// The same, because of such an outage: true when it was noticed, late when it was written.
    std::uint64_t late_lost = 0;
    std::uint64_t interior_deaths = 0;  // outages of hosts that had children to serve
    /// Stretches in which a running host was not attached below a running parent, or not live in
    /// the manager's eyes, for longer than the bound and 2 s.
    std::uint64_t unreachable_over_bound = 0;
    /// Ascending; from an outage, or the later start of its bound, to the host being called lost.
    std::vector<Duration> detections;
    Duration detection_longest{};       // from the outage itself
    std::vector<std::string> examples;  // of what is wrong, the first 20, as sentences with times
};

/// Register it with the fleet, and tell it of every outage before it happens. Outlives the world's
/// last event.
class OutageWatch final : public FleetWitness {
public:
    /// Outages are judged by bound.known.
    OutageWatch(const Fleet& fleet, const OutageBound& bound);

    void on_power_off(HostIndex host);
    void on_power_on(HostIndex host);
    /// Hosts that run but cannot be reached.
    [[nodiscard]] std::uint32_t unreachable() const { return unreachable_; }
    [[nodiscard]] std::uint32_t up() const { return up_; }
    /// As if the run ended now.
    [[nodiscard]] OutageFindings findings() const;

    void on_process(HostIndex host, bool is_up) override;
    void on_commit(HostIndex host, std::span<const Write> writes) override;
    void on_glance(HostIndex host, const AgentGlance& before, const AgentGlance& after) override;

private:
    struct Host {
        bool is_up = false;
        // As the host has it.
        bool is_attached = false;
        HostId parent;
        std::optional<Instant> unreachable_since;  // only while it is up
        // As the manager has it.
        std::optional<HostState> state;  // none: it never heard of it
        Role role = Role::leaf;
        // The newest outage; none yet: not `was_out`.
        bool was_out = false;
        bool is_overdue = false;  // it was still called live when the bound was over, or again
        Instant out_since{};
        std::optional<Instant> lost_at;  // by the manager, in this outage
        Duration noticeable{};  // the longest stretch so far in which somebody could notice it
    };

    [[nodiscard]] Instant now() const { return fleet_.world().now(); }
    [[nodiscard]] std::optional<HostIndex> index_of(HostId id) const;
    void take(const HostRecord& record);
    void change_state(HostIndex index, Host& host, HostState state);
    void regard(HostIndex index);
    void end_unreachable(HostIndex index, OutageFindings& findings) const;
    /// Since when somebody can notice the outage of this host.
    [[nodiscard]] Instant noticeable_since(const Host& host) const;
    /// A stretch in which somebody could notice ends now.
    void look_back(Host& host) const;
    void look_back_at_all();
    void judge(HostIndex index, OutageFindings& findings) const;
    void blame(const std::string& what, HostIndex host, OutageFindings& findings) const;

    const Fleet& fleet_;
    OutageBound bound_;
    std::vector<Host> hosts_;
    std::vector<HostIndex> by_id_;  // zero: not known yet
    std::uint32_t up_ = 0;
    bool is_dark_ = true;    // nobody runs
    Instant bound_start_{};  // the end of the newest dark time, or the newest death of a root
    std::uint32_t unreachable_ = 0;
    OutageFindings findings_;
};

}  // namespace coppice
