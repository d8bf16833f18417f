#include "simulator/placement_checker.h"

#include <algorithm>

#include "manager/placement.h"

namespace coppice {

void PlacementChecker::on_records(const std::vector<RecordChange>& changes) {
    for (const RecordChange& change : changes) note_death(change, changes);
    for (const RecordChange& change : changes) {
        check_role(change);
        check_move(change, changes);
    }
}

void PlacementChecker::check_role(const RecordChange& change) {
    const KnownHost& host = change.after;
    if (host.role == Role::leaf) return;
    const std::string name = model_.name_of(change.host);
    if (!host.is_present()) complaints_.add("role", name + " keeps a role although it is lost.");
    const bool is_given = !change.before.has_value() || change.before->role == Role::leaf;
    if (!is_given) return;
    if (host.is_drained) complaints_.add("role", name + " is given a role although it is drained.");
    // Of inputs that share a commit, one may give a role and a later one tell of a suspicion.
    const Manager* manager = inputs_ == 1 ? fleet_.manager() : nullptr;
    const std::optional<HostView> view =
        manager == nullptr ? std::nullopt : manager->host(fleet_.world().host(host.index).name());
    if (view.has_value() && view->state == HostState::suspect)
        complaints_.add("role", name + " is given a role although it is suspect.");
}

/// A death is what ends a host's duty as a parent: it is lost, or its process began anew.
void PlacementChecker::note_death(const RecordChange& change,
                                  const std::vector<RecordChange>& changes) {
    if (!change.is_death()) return;
    const auto is_child = [&change](const KnownHost& host) {
        return host.is_present() && host.is_placed && host.parent == change.host;
    };
    std::uint32_t children = 0;
    for (const auto& [id, host] : model_.hosts()) children += is_child(host) ? 1 : 0;
    for (const RecordChange& moved : changes)  // in the same commit
        if (moved.before.has_value() && is_child(*moved.before) && !is_child(moved.after))
            ++children;
    newest_death_[change.host] = deaths_.size();
    deaths_.push_back(
        {.name = model_.name_of(change.host), .time = fleet_.world().now(), .children = children});
}

void PlacementChecker::check_move(const RecordChange& change,
                                  const std::vector<RecordChange>& changes) {
    if (!change.after.is_present() || !change.after.is_placed) return;
    const auto [last, is_new] = last_parent_.try_emplace(change.host, change.after.parent);
    if (is_new || last->second == change.after.parent) return;
    const HostId former = std::exchange(last->second, change.after.parent);
    ++moves_;
    const bool was_in_place = change.before.has_value() && change.before->is_placed &&
                              change.before->parent == former && former != HostId{} &&
                              change.before->state == HostState::live;
    if (!was_in_place || change.after.role == Role::root) return;
    const KnownHost* parent = model_.find(former);
    if (parent == nullptr || !parent->is_parent()) {
        const auto death = newest_death_.find(former);
        if (death == newest_death_.end()) return;
        DeathMoves& moved = deaths_[death->second];
        if (++moved.moves > moved.children)
            complaints_.add("moves", "The death of " + moved.name + " moved " +
                                         std::to_string(moved.moves) + " hosts, it had " +
                                         std::to_string(moved.children) + " children.");
        return;
    }
    if (!reshapes_.is_moved_by_people(change.host) && !has_reason(change, changes))
        complaints_.add("moves", model_.name_of(change.host) + " is moved from " +
                                     model_.name_of(former) + " to " +
                                     model_.name_of(change.after.parent) + " for no reason.");
}

/// The parent that it is moved from is still one.
bool PlacementChecker::has_reason(const RecordChange& change,
                                  const std::vector<RecordChange>& changes) const {
    const KnownHost& parent = *model_.find(change.before->parent);
    if (parent.is_drained || fleet_.is_lossy() || excuses_.covers(change.after.index) ||
        excuses_.covers(parent.index))
        return true;
    // Who leads for want of others hands over when there are others.
    if (leaders_.ok() &&
        !leaders_->matches(model_.name_of(change.before->parent), fleet_.labels(parent.index)))
        return true;
    // It never came to be where it is ordered away from.
    const AgentGlance& glance = model_.glance(change.after.index);
    if (!glance.is_attached || glance.parent != change.before->parent) return true;
    // Too deep: its parent may be so too, and leave with it.
    const auto is_parent_moved = [&change](const RecordChange& other) {
        return other.host == change.before->parent && other.is_new_place();
    };
    if (std::any_of(changes.begin(), changes.end(), is_parent_moved)) return true;
    const std::optional<std::uint32_t> depth = model_.depth(change.before->parent);
    return !depth.has_value() ||
           *depth + 1 > depth_bound(model_.registered(), fleet_.options().fanout);
}

}  // namespace coppice
