// A planned stop: whoever has children hands its role over before it goes.
#include <algorithm>
#include <limits>

#include "agent/state.h"

namespace coppice {

/// What it knows of the end of others goes up first. If children are left then, they are not
/// stopping at the same time: the manager gives its role to others and the children other parents.
/// Asked again, it goes at once.
void Agent::State::on_stop(Instant now, Outputs& out) {
    was_asked_to_stop = true;
    if (is_leaving() || !order) return leave(out);
    leave_by = now + timing.handover_max();
    hand_over_at = uplink.is_attached() ? now + timing.company() : now;
}

/// Of others, that the manager is not known to have heard.
bool Agent::State::knows_of_ends() const {
    const FactLog::Batch facts =
        hub.links().facts().oldest(std::numeric_limits<std::size_t>::max());
    return std::any_of(facts.facts.begin(), facts.facts.end(),
                       [](const HostFact& fact) { return fact.state >= HostState::lost; });
}

/// Whoever has no parent to say goodbye to says it to a manager.
bool Agent::State::is_free_to_go(Instant now) const {
    const bool is_said = uplink.is_attached() || is_leave_known;
    return now >= leave_by || (is_said && hub.links().children().empty() && !knows_of_ends());
}

void Agent::State::work_on_leaving(Instant now, Outputs& out) {
    if (is_free_to_go(now)) return leave(out);
    if (now < hand_over_at) return;
    hand_over_at = never;
    contact.seek(question(), now);
}

/// Children that are still here go to their spares at once.
void Agent::State::leave(Outputs& out) {
    hub.links().say_goodbye(out);
    uplink.say_goodbye(out);
    contact.close(out);
    identity.run = RunMark::ended;
    out.writes.emplace_back(Put{identity});
    is_stopped = true;
    out.stopped = true;
}

}  // namespace coppice
