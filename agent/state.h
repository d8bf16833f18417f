#pragma once
// The inside of an Agent: the parts that a step works on. Orders are in orders.cpp, the end of a
// run in leaving.cpp, that of the run before it in former_run.cpp, messages of daemons in talk.cpp,
// all else in agent.cpp.

#include <optional>
#include <utility>
#include <vector>

#include "agent/agent.h"
#include "agent/contact.h"
#include "branch/branch.h"
#include "common/hub.h"
#include "common/random.h"
#include "common/uplink.h"
#include "leaf/leaf.h"
#include "root/root.h"

namespace coppice {

struct Agent::State {
    State(AgentConfig given, const Loaded& loaded, const Notary& keys)
        : config{std::move(given)},
          notary{keys},
          drawer{config.seed},
          uplink{timing, config.addresses},
          hub{keys, timing, Relay::Retention::until_answered},
          leaf{keys, loaded.records, config.applied},
          contact{config, timing} {
        for (const Record& record : loaded.records)
            if (const auto* known = std::get_if<IdentityRecord>(&record)) identity = *known;
        former_end = end_of(identity);
        is_short_of_memory = former_end == Cause::out_of_memory;
        identity.run = RunMark::running;
        identity.oom_kills = config.oom_kills;
        identity.name = config.name;
        identity.incarnation.value += 1 + Random{~config.seed}.below(incarnation_step_max);
        if (const std::optional<Order> last = opened(identity.order)) newest = last->stamp;
    }

    /// Runs that begin from one state, because a disk was restored, do not share an incarnation.
    static constexpr std::uint64_t incarnation_step_max = 1ULL << 32U;

    // Inputs.
    void on_started(Instant now, Outputs& out);
    void on_received(const Received& received, Instant now, Outputs& out);
    void on_link_dropped(Route route, Instant now);

    // Frames.
    void on_management(const Received& received, Instant now, Outputs& out);
    void on_registered(const Registered& registered, Instant now, Outputs& out);
    void on_from_parent(const Message& message, Instant now, Outputs& out);
    void on_push(const PushDown& push, Instant now, Outputs& out);
    [[nodiscard]] bool is_genuine(const PushDown& push) const;
    void on_from_child(const Received& received, Instant now, Outputs& out);

    // Orders.
    void on_order(const Sealed& sealed, Instant now, Outputs& out);
    [[nodiscard]] std::optional<Order> opened(const Sealed& sealed) const;
    void obey(const Order& given, Instant now, Outputs& out);
    void take_role(Role role, Instant now);
    void fall_back_on_old_order(Instant now, Outputs& out);
    void spread_identity();

    // The former run, in former_run.cpp.
    [[nodiscard]] Cause end_of(const IdentityRecord& former) const;
    void weigh_memory(const std::vector<Measurement>& measured, Instant now);
    void register_host(Instant now);

    // Messages of daemons, in talk.cpp.
    void on_said(const LocalSaid& said, Instant now, Outputs& out);
    [[nodiscard]] Answer send_on(const LocalSaid& said, Instant now, Outputs& out);

    // Leaving.
    void on_stop(Instant now, Outputs& out);
    [[nodiscard]] bool is_leaving() const { return leave_by != never; }
    [[nodiscard]] bool knows_of_ends() const;
    [[nodiscard]] bool is_free_to_go(Instant now) const;
    void work_on_leaving(Instant now, Outputs& out);
    void leave(Outputs& out);

    // Work.
    /// Outlived by this and by what was measured.
    [[nodiscard]] HostValues values(const Measured& measured) const;
    void renew_role();
    [[nodiscard]] bool has_confirmation() const;
    void settle(Instant now, Outputs& out);
    void answer_windows(Instant now, Outputs& out);
    void notice_gap(Instant now, Outputs& out);
    [[nodiscard]] Standing standing(Instant now) const;
    [[nodiscard]] bool is_interior() const { return branch || root; }
    [[nodiscard]] Role role() const {
        return root ? Role::root : branch ? Role::branch : Role::leaf;
    }
    [[nodiscard]] Seek question() const {
        return {.stamp = order ? order->stamp : Stamp{},
                .lost_parent = uplink.lost_parent(),
                .has_parent = uplink.is_attached(),
                .attachment = uplink.attachment(),
                .is_leaving = is_leaving()};
    }
    [[nodiscard]] Report report() const {
        return {order ? order->stamp : Stamp{},
                hub.relay().sets(),
                hub.links().facts(),
                held,
                hub.relay().times(),
                identity.order};
    }
    [[nodiscard]] Instant next_deadline() const;
    [[nodiscard]] Instant next_deadline_at_rest() const;

    const AgentConfig config;
    const Notary& notary;
    Timing timing;
    IdentityRecord identity;
    Cause former_end = Cause::none;   // of the run before this one
    bool is_short_of_memory = false;  // killed for want of it, and not seen enough of it since
    std::optional<Order> order;       // obeyed in this run
    Stamp newest;                     // of the newest order obeyed in any run; none older is
    Drawer drawer;
    Uplink uplink;
    Hub hub;
    Leaf leaf;
    std::optional<Branch> branch;
    std::optional<Root> root;
    Contact contact;
    Role confirmed_role = Role::leaf;  // of which `confirmed` speaks
    std::optional<Instant> confirmed;  // sending of the newest word that was heard in that role
    Instant old_order_at = never;      // when no manager has answered until then
    Instant leave_by = never;          // the latest end of a run that was asked to stop
    Instant hand_over_at = never;      // when a manager is told of it
    bool is_leave_known = false;       // to a manager
    Instant due = never;               // what next_deadline() said last
    std::vector<Held> held;            // as last reported
    std::uint64_t facts_told = 0;      // newest revision that the uplink knows of
    bool is_stopped = false;
    bool was_asked_to_stop = false;
};

}  // namespace coppice
