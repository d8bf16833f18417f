#include "simulator/tree_checker.h"

#include <algorithm>

#include "manager/placement.h"

namespace coppice {

namespace {

/// A ring of two moves at one time is seen by who is on it, one interval a link; at the latest when
/// silence is judged.
constexpr int ring_intervals = 6;
/// A host that was adopted too deep is moved nearer the root when the tree has come to rest.
constexpr int deep_intervals = 60;

}  // namespace

void TreeChecker::on_glance(HostIndex host, const AgentGlance& glance) {
    hangs_on_[host] = glance.is_attached ? glance.parent : manager_host;
    const ManagerConfig config{.fanout = fleet_.options().fanout};
    // As many guests on their way out as hosts that belong there.
    const std::uint32_t most = 2 * (config.fanout + config.slack());
    if (glance.children > most)
        complaints_.add("children", fleet_.world().host(host).name() + " has " +
                                        std::to_string(glance.children) + " children, more than " +
                                        std::to_string(most) + ".");
    if (glance.is_attached && is_ring(host)) rings_.emplace(host, fleet_.world().now());
}

/// Following parents from a host that runs, over hosts that run, leads back to it.
bool TreeChecker::is_ring(HostIndex host) const {
    HostIndex above = host;
    for (std::size_t steps = 0; steps < fleet_.world().size(); ++steps) {
        const HostId parent = hangs_on_[above];
        const bool is_running = fleet_.world().host(above).phase() == VirtualHost::Phase::running;
        if (!is_running || parent == manager_host) return false;
        const std::optional<HostIndex> next = model_.index_of(parent);
        if (!next.has_value()) return false;
        above = *next;
        if (above == host) return true;
    }
    return false;
}

void TreeChecker::on_records(const std::vector<RecordChange>& changes) {
    for (const RecordChange& change : changes) count(change);
    for (const RecordChange& change : changes) check_place(change, changes);
}

void TreeChecker::count(const RecordChange& change) {
    const KnownHost& host = change.after;
    const auto before = counted_below_.find(change.host);
    const bool was_counted = before != counted_below_.end();
    if (was_counted) {
        --assigned_[before->second];
        counted_below_.erase(before);
    }
    // Who was below a host that ceased to be a parent is an orphan until it is placed again.
    const bool is_placed_again =
        change.is_new_place() || change.before->stamp != change.after.stamp;
    if (host.is_present() && host.is_placed && (was_counted || is_placed_again)) {
        counted_below_[change.host] = host.parent;
        ++assigned_[host.parent];
    }
    if (!change.is_death()) return;
    std::erase_if(counted_below_,
                  [&change](const auto& entry) { return entry.second == change.host; });
    assigned_.erase(change.host);
}

void TreeChecker::check_place(const RecordChange& change,
                              const std::vector<RecordChange>& changes) {
    const KnownHost& host = change.after;
    if (!host.is_present()) return;
    const std::string name = model_.name_of(change.host);
    if (!host.is_placed) {
        if (!host.has_reason)
            complaints_.add("unplaced", name + " has no place and no reason for it.");
        return;
    }
    if (is_record_ring(change.host))
        complaints_.add("no ring", "The manager has " + name + " above itself.");
    if (host.parent == HostId{}) return;
    if (!change.is_new_place()) return;
    const KnownHost* parent = model_.find(host.parent);
    // Steps that share a commit may give a host a parent and then lose that.
    const bool was_parent =
        std::any_of(changes.begin(), changes.end(), [&host](const RecordChange& other) {
            return other.host == host.parent &&
                   (other.after.is_parent() ||
                    (other.before.has_value() && other.before->is_parent()));
        });
    if ((parent == nullptr || !parent->is_parent()) && !was_parent)
        complaints_.add("parent", name + " is ordered below " + model_.name_of(host.parent) +
                                      ", which takes no children.");
    check_children(host.parent);
    if (change.before.has_value()) return;
    // Those that were adopted in the same commit may have come after it.
    const auto adopted = static_cast<std::uint32_t>(
        std::count_if(changes.begin(), changes.end(), [&host](const RecordChange& other) {
            return other.before.has_value() && other.is_new_place() &&
                   other.after.parent == host.parent;
        }));
    if (assigned_[host.parent] > fleet_.options().fanout + adopted)
        complaints_.add("fan-out", name + " is new and ordered below " +
                                       model_.name_of(host.parent) + ", which is full.");
}

void TreeChecker::check_children(HostId parent) {
    const ManagerConfig config{.fanout = fleet_.options().fanout};
    const std::uint32_t most = config.fanout + config.slack();
    const std::uint32_t counted = assigned_[parent];
    if (counted > most)
        complaints_.add("fan-out", model_.name_of(parent) + " is to have " +
                                       std::to_string(counted) + " children, more than " +
                                       std::to_string(most) + ".");
}

bool TreeChecker::is_record_ring(HostId host) const {
    HostId above = host;
    for (std::size_t steps = 0; steps <= model_.hosts().size(); ++steps) {
        const KnownHost* known = model_.find(above);
        if (known == nullptr || !known->is_placed) return false;
        const KnownHost* parent = model_.find(known->parent);
        // Who is below a host that is gone, or is a leaf now, is an orphan.
        if (parent == nullptr || !parent->is_parent()) return false;
        above = known->parent;
        if (above == host) return true;
    }
    return false;
}

void TreeChecker::sweep() {
    check_depths();
    check_rings();
}

void TreeChecker::check_depths() {
    const Instant now = fleet_.world().now();
    // A manager that is down or cut off moves nobody.
    const bool is_managed = !fleet_.is_disturbed(Fleet::manager_index);
    const Duration passed = is_managed ? now - swept_at_ : Duration{};
    swept_at_ = now;
    const std::uint32_t bound = depth_bound(model_.registered(), fleet_.options().fanout);
    for (const auto& [id, host] : model_.hosts()) {
        // One that does not answer cannot be moved.
        const bool is_movable = host.is_present() && !fleet_.is_disturbed(host.index);
        const std::optional<std::uint32_t> depth = is_movable ? model_.depth(id) : std::nullopt;
        if (!depth.has_value() || *depth <= bound) {
            too_deep_.erase(id);
            continue;
        }
        const auto [deep, is_new] = too_deep_.try_emplace(id);
        if (!is_new) deep->second += passed;
        if (deep->second > fleet_.options().interval * deep_intervals)
            complaints_.add("depth", model_.name_of(id) + " stays " + std::to_string(*depth) +
                                         " links below the root, more than " +
                                         std::to_string(bound) + ".");
    }
}

void TreeChecker::check_rings() {
    const Instant now = fleet_.world().now();
    std::erase_if(rings_, [this](const auto& ring) { return !is_ring(ring.first); });
    for (const auto& [host, since] : rings_)
        if (now - since > fleet_.options().interval * ring_intervals)
            complaints_.add("no ring", fleet_.world().host(host).name() + " stays above itself.");
}

}  // namespace coppice
