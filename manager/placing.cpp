// Keeps the tree and the records in step: every change of place or role goes through here.

#include <algorithm>

#include "manager/state.h"

namespace coppice {
namespace {

constexpr const char* no_room = "no host can take children just now; the host asks again by itself";
constexpr std::size_t unplaced_per_step = 64;

bool is_power_of_two(std::size_t number) { return (number & (number - 1)) == 0; }

}  // namespace

void Manager::State::place(HostRecord& host) {
    if (!shape.contains(host.id)) add_to_shape(host);
    appear(host);
    has_presence_changed = true;
    touch(host);
    if (cell.root == HostId{} && may_hold_role(host)) {
        crown(host);
    } else if (const auto placement = place_for_join(shape, host.id, depth_max_of_batch())) {
        take(host, *placement);
    } else {
        set_unplaced(host, no_room);
    }
    regrade(host);
}

void Manager::State::replace(HostRecord& host, HostId avoid, const std::string& why) {
    const HostId former = shape.parent(host.id);
    shape.detach(host.id);
    if (const auto placement = place_for_orphan(shape, host.id, depth_max(), avoid)) {
        take(host, *placement, {.why = why});
    } else if (shape.is_interior(former)) {
        set_parent(host, former, {.why = why});  // nothing better: its order stays
    } else {
        set_unplaced(host, no_room);
    }
}

void Manager::State::take(HostRecord& host, const Placement& placement, const MoveReason& reason) {
    if (placement.is_promotion) promote(placement.parent);
    set_parent(host, placement.parent, reason);
    plan.insert(host.id);
}

/// What became of a parent, for those who have been its children.
std::string Manager::State::fate_of(HostId parent) const {
    const HostRecord* host = registry.find(parent);
    if (host == nullptr) return "removal of its parent";
    if (host->state == HostState::left) return "planned stop of " + host->name;
    if (!is_present(*host)) return "death of " + host->name + " (" + to_text(host->cause) + ")";
    if (leaving.contains(parent)) return "planned stop of " + host->name;
    if (host->is_drained) return "drain of " + host->name;
    if (host->state == HostState::joining) return "restart of " + host->name;
    if (host->role == Role::leaf) return host->name + " is no parent any more";
    if (suspects.contains(parent)) return host->name + " is suspect";
    return "lost its way to " + host->name;
}

void Manager::State::set_parent(HostRecord& host, HostId parent, const MoveReason& reason) {
    const bool is_move = host.is_placed && host.parent != HostId{} && host.parent != parent &&
                         host.state == HostState::live;
    if (is_move) {
        moved.insert(host.id);
        tree_history.note_move(host.id, host.parent, reason.by,
                               reason.why.empty() ? fate_of(host.parent) : reason.why);
    } else if (!host.is_placed || host.parent != parent) {
        tree_history.note_placed(host.id);
    }
    if (shape.parent(host.id) != parent) shape.attach(host.id, parent);
    if (host.is_placed && !host.is_orphan && host.parent == parent) return;
    host.parent = parent;
    host.is_placed = true;
    host.is_orphan = false;
    host.unplaced_reason.clear();
    unplaced.erase(host.id);
    touch(host);
}

void Manager::State::set_unplaced(HostRecord& host, std::string reason) {
    // It may find room in this step: then it has moved.
    if (host.is_placed && host.parent != HostId{} && host.state == HostState::live)
        tree_history.note_move(host.id, host.parent, MovedBy::manager, fate_of(host.parent));
    host.parent = {};
    host.is_placed = false;
    host.is_orphan = false;
    host.unplaced_reason = std::move(reason);
    unplaced.insert(host.id);
    plan.insert(host.id);
    touch(host);
}

void Manager::State::promote(HostId id) {
    HostRecord& host = *registry.find(id);
    host.role = Role::branch;
    shape.set_interior(id, true);
    regrade(host);
    plan.insert(id);
    touch(host);
    count("coppice_promotions_total");
    history.note("host.promoted", id);
    if (id == cell.understudy) {
        cell.understudy = {};
        wants_understudy = true;
    }
    // More hosts on a level are more spares for those below it.
    const std::vector<HostId>& level = shape.open_at(shape.depth(id));
    if (!is_power_of_two(level.size())) return;
    for (const HostId peer : level)
        for (const HostId child : shape.children(peer)) queue_refresh(child);
}

/// Requires that it has no children.
void Manager::State::demote(HostRecord& host) {
    host.role = Role::leaf;
    shape.set_interior(host.id, false);
    regrade(host);
    plan.insert(host.id);
    touch(host);
    count("coppice_demotions_total");
    history.note("host.demoted", host.id);
}

/// Requires that the cell has no root.
void Manager::State::crown(HostRecord& host) {
    shape.make_root(host.id);
    host.role = Role::root;
    host.parent = {};
    host.is_placed = true;
    host.is_orphan = false;
    host.unplaced_reason.clear();
    unplaced.erase(host.id);
    cell.root = host.id;
    if (cell.understudy == host.id) cell.understudy = {};
    wants_understudy = true;
    root_unheard_since = now;
    is_root_untried = true;
    regrade(host);
    plan.insert(host.id);
    touch(host);
    count("coppice_root_changes_total");
    history.note("root.changed", host.id);
}

/// The root is gone: the understudy takes over, otherwise a leaf; one that this manager can reach,
/// since there is no tree to pass an order down. If there is none, the first that asks is it.
void Manager::State::succeed() {
    const auto may_lead = [this](HostId id) {
        const HostRecord* host = registry.find(id);
        return host != nullptr && route_of.contains(id) && host->state == HostState::live &&
               may_hold_role(*host) && host->role == Role::leaf && !suspects.contains(id) &&
               shape.contains(id);
    };
    if (may_lead(cell.understudy)) return crown(*registry.find(cell.understudy));
    const auto rank = [this](HostId id) {
        const Fitness grade = std::max(fitness(*registry.find(id)), Fitness::understudy);
        return std::pair{grade, shape.tie(id)};
    };
    HostId best;
    for (const auto& [id, route] : route_of)
        if (may_lead(id) && (best == HostId{} || rank(id) < rank(best))) best = id;
    if (best != HostId{}) crown(*registry.find(best));
}

void Manager::State::renew_understudy() {
    if (!std::exchange(wants_understudy, false) || cell.understudy != HostId{}) return;
    const HostId chosen = choose_understudy(shape);
    if (chosen == HostId{}) return;
    cell.understudy = chosen;
    regrade(*registry.find(chosen));
    plan.insert(chosen);
    count("coppice_understudy_changes_total");
    history.note("understudy.changed", chosen);
    for (const HostId child : shape.children(cell.root)) queue_refresh(child);
}

void Manager::State::retry_unplaced() {
    if (!std::exchange(has_new_room, false) || unplaced.empty()) return;
    std::vector<HostId> hosts = unplaced.to_vector();
    hosts.resize(std::min(hosts.size(), unplaced_per_step));
    for (const HostId id : hosts) {
        HostRecord& host = *registry.find(id);
        // The slack is for orphans, which cannot wait: whoever has never had a place can.
        const bool is_new = host.state == HostState::joining && shape.height(id) == 0;
        const auto placement = is_new ? place_for_join(shape, id, depth_max())
                                      : place_for_orphan(shape, id, depth_max(), HostId{});
        if (!placement) continue;
        take(host, *placement);
        regrade(host);
    }
}

Fitness Manager::State::fitness(const HostRecord& host) const {
    if (!is_present(host) || !may_hold_role(host) || suspects.contains(host.id))
        return Fitness::unfit;
    if (host.state == HostState::live && missing.contains(host.id)) return Fitness::unfit;
    if (host.id == cell.understudy) return Fitness::understudy;
    if (host.is_short_of_memory || is_unstable(host)) return Fitness::last_resort;
    if (!is_leader(host)) return Fitness::stopgap;
    if (host.state == HostState::joining) return Fitness::joining;
    return host.no_role_before > unix_now() ? Fitness::cooling : Fitness::ready;
}

void Manager::State::regrade(const HostRecord& host) {
    if (!shape.contains(host.id)) return;
    const Fitness grade = fitness(host);
    shape.set_fitness(host.id, grade);
    shape.set_open(host.id, grade != Fitness::unfit);
    notice_stopgap(host);
    if (grade != Fitness::unfit) has_new_room = true;
    const bool can_stand_by =
        grade != Fitness::joining && grade != Fitness::understudy && grade != Fitness::unfit;
    if (cell.understudy == HostId{} && host.role == Role::leaf && can_stand_by)
        wants_understudy = true;
}

void Manager::State::regrade_cooled() {
    while (!cooling.empty() && cooling.begin()->first <= unix_now()) {
        const HostRecord* host = registry.find(cooling.begin()->second);
        cooling.erase(cooling.begin());
        if (host != nullptr) regrade(*host);
    }
}

}  // namespace coppice
