// A planned stop: whoever has children hands its role over before it goes.
#include "agent/state.h"

namespace coppice {

/// The manager gives its role to others and its children other parents. Asked again, it goes at
/// once.
void Agent::State::on_stop(Instant now, Outputs& out) {
    was_asked_to_stop = true;
    const bool has_children = is_interior() && !hub.links().children().empty();
    if (is_leaving() || !has_children) return leave(out);
    leave_by = now + timing.handover_max();
    contact.seek(question(), now);
}

bool Agent::State::has_handed_over(Instant now) const {
    return !is_interior() || hub.links().children().empty() || now >= leave_by;
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
