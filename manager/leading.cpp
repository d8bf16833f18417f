// Who may lead, by the settings: hosts that lead for want of others hand over when there are
// others.

#include "manager/state.h"

namespace coppice {

void Manager::State::notice_stopgap(const HostRecord& host) {
    if (config.may_lead.empty()) return;
    const bool has_duty = host.role != Role::leaf || host.id == cell.understudy;
    if (!has_duty || is_leader(host)) {
        stopgaps.erase(host.id);
        return;
    }
    stopgaps.insert(host.id);
    relief_due = std::min(relief_due, now + timing.not_back_after());
}

/// One at a time, as if it were drained, while a host that may lead stands ready.
void Manager::State::relieve_stopgaps() {
    if (now < relief_due) return;
    relief_due = never;
    for (const HostId id : stopgaps.to_vector()) {
        HostRecord* host = registry.find(id);
        const bool has_duty = host != nullptr && is_present(*host) && !is_leader(*host) &&
                              (host->role != Role::leaf || id == cell.understudy);
        if (!has_duty) {
            stopgaps.erase(id);
        } else if (is_relievable(*host)) {
            drain(*host);
            break;
        }
    }
    if (!stopgaps.empty()) relief_due = now + timing.not_back_after();
}

bool Manager::State::is_relievable(const HostRecord& host) const {
    if (!is_root_heard()) return false;
    if (host.role == Role::leaf) return shape.best_leaf(Fitness::ready) != HostId{};
    if (host.id != cell.root) return has_heir(host.id);
    const HostRecord* heir = registry.find(cell.understudy);
    return heir != nullptr && heir->state == HostState::live && is_leader(*heir) &&
           !suspects.contains(heir->id) && !missing.contains(heir->id);
}

/// A leaf that may lead and can take all of its children, where they are not too deep.
bool Manager::State::has_heir(HostId branch) const {
    const Shape::Depth height = shape.height(branch);
    if (height > depth_max()) return false;
    const Shape::Depth deepest = depth_max() - height;
    if (shape.best_leaf(Fitness::ready, {.depth_max = deepest, .apart_from = branch}) != HostId{})
        return true;
    return shape.depth(branch) < deepest && shape.best_leaf_of(branch, Fitness::ready) != HostId{};
}

}  // namespace coppice
