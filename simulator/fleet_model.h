#pragma once
// What the checkers remember of a fleet: the records that the manager has made durable, so that
// they see what a change changed.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "simulator/fleet.h"

namespace coppice {

/// A host as the manager's store has it.
struct KnownHost {
    HostIndex index = 0;  // in the world
    HostState state = HostState::joining;
    Cause cause = Cause::none;
    Incarnation incarnation;
    Role role = Role::leaf;
    HostId parent;
    bool is_placed = false;
    bool has_reason = false;  // for having no place
    bool is_drained = false;
    bool is_orphan = false;  // `parent` is a former one
    Stamp stamp;
    std::vector<HostId> spares;
    std::uint64_t content = 0;  // hash of the whole record

    [[nodiscard]] bool is_present() const {
        return state != HostState::lost && state != HostState::left;
    }
    /// May have children by the manager's will.
    [[nodiscard]] bool is_parent() const { return is_present() && role != Role::leaf; }
};

/// One order that the manager has committed.
struct KnownOrder {
    Stamp stamp;
    Role role = Role::leaf;
    bool is_placed = false;
    HostId parent;
    std::vector<HostId> spares;

    [[nodiscard]] bool names(HostId parent_or_spare) const;
};

struct RecordChange {
    HostId host;
    std::optional<KnownHost> before;
    KnownHost after;

    /// It had children and has none by this: it is lost, a leaf, or another run that begins anew.
    [[nodiscard]] bool is_death() const {
        return before.has_value() && before->is_parent() &&
               (!after.is_parent() || before->incarnation != after.incarnation);
    }
    [[nodiscard]] bool is_new_place() const {
        return after.is_placed &&
               (!before.has_value() || !before->is_placed || before->parent != after.parent);
    }
};

class FleetModel {
public:
    /// Begins with what the fleet is now.
    explicit FleetModel(const Fleet& fleet);

    /// Takes over what the manager committed; hosts that were erased are forgotten.
    [[nodiscard]] std::vector<RecordChange> commit(std::span<const Write> writes);

    [[nodiscard]] const KnownHost* find(HostId host) const;
    [[nodiscard]] const std::map<HostId, KnownHost>& hosts() const { return hosts_; }
    /// Zero: none.
    [[nodiscard]] HostId root() const { return root_; }
    /// Registered hosts, present or not.
    [[nodiscard]] std::uint64_t registered() const { return hosts_.size(); }
    [[nodiscard]] std::string name_of(HostId host) const;
    /// Null: the manager has never committed it. Orders older than what the host obeys are
    /// forgotten.
    [[nodiscard]] const KnownOrder* order(HostId host, Stamp stamp) const;
    /// Some order of the host, of these stamps, lets it hang on that parent.
    [[nodiscard]] bool is_named(HostId parent, HostId host, Stamp first, Stamp last) const;
    void forget_orders_before(HostId host, Stamp stamp);

    [[nodiscard]] const AgentGlance& glance(HostIndex host) const { return fleet_.glance(host); }
    /// Where the host that obeys orders under this id runs, or ran.
    [[nodiscard]] std::optional<HostIndex> index_of(HostId host) const;

    /// Links from the host to the root by the records; nothing when it is not connected to it.
    [[nodiscard]] std::optional<std::uint32_t> depth(HostId host) const;

private:
    [[nodiscard]] KnownHost known(const HostRecord& record) const;

    const Fleet& fleet_;
    std::map<HostId, KnownHost> hosts_;
    std::map<HostId, std::vector<KnownOrder>> orders_;  // oldest first
    std::vector<std::uint32_t> places_;  // by id: one more than the index of the host
    HostId root_;
};

}  // namespace coppice
