// A host asks for its order, or for another place because it found no parent.

#include "manager/state.h"

namespace coppice {

void Manager::State::on_seek(const Received& received) {
    const auto& seek = std::get<Seek>(received.frame.body);
    HostRecord* host = registry.find_key(received.key);
    const Incarnation incarnation = received.frame.header.incarnation;
    if (host == nullptr || incarnation > host->incarnation)
        return refuse(received, {Registration::unknown_host,
                                 "this run of the host is not registered; it registers by itself"});
    if (incarnation < host->incarnation)
        return refuse(received, {Registration::stale_incarnation,
                                 "this host was seen in a later run; it goes on above that",
                                 host->incarnation});
    if (const auto old = route_of.find(host->id); old != route_of.end()) host_on.erase(old->second);
    route_of[host->id] = received.route;
    host_on[received.route] = host->id;
    if (seek.is_leaving) {
        if (!is_present(*host)) return;  // it has nothing to hand over any more
        hand_over(*host);
    } else if (!is_present(*host)) {
        // What it said before its goodbye may arrive after it.
        const bool is_of_the_past =
            host->state == HostState::left && seek.attachment <= host->attachment;
        if (is_of_the_past) return;
        restart(*host, incarnation);
    } else {
        end_suspicion(*host, seek);
        hear_of_dead_root(*host, seek);
        if (needs_place(*host, seek)) give_place(*host, seek);
        hear_seeker(*host, seek);
    }
    out.notices.push_back({Severity::debug, "manager.seek",
                           host->name + " lost host " + std::to_string(seek.lost_parent.value) +
                               " and belongs to host " + std::to_string(host->parent.value) +
                               (plan.contains(host->id) ? ", by a new order" : "")});
    waiting.push_back({received, host->id});
}

/// It runs, whatever its last parent thought of it: it may be the next root.
void Manager::State::end_suspicion(const HostRecord& host, const Seek& seek) {
    if (seek.has_parent || !suspects.contains(host.id)) return;
    suspects.remove(host.id);
    regrade(host);
}

/// It runs, and what parents say of its earlier attachments is of the past.
void Manager::State::hear_seeker(HostRecord& host, const Seek& seek) {
    if (seek.has_parent) return;
    if (host.id == cell.root) {
        if (root_unheard_since != never) root_unheard_since = now;
        if (Child* link = hub.links().find(host.id)) link->silence.hear(now);
    }
    missing.remove(host.id);
    has_presence_changed = true;
    if (seek.attachment <= host.attachment) return;
    host.attachment = seek.attachment;
    host.revision = 0;
    touch(host);
}

/// Hosts also ask what they are to be: an understudy to keep its line warm, a paused branch on
/// waking.
bool Manager::State::needs_place(const HostRecord& host, const Seek& seek) const {
    if (host.id == cell.root) return false;
    if (!seek.has_parent) {
        if (!host.is_placed || cell.root == HostId{}) return true;
        if (shape.depth(host.id) == Shape::detached) return true;
    }
    const bool has_newest = seek.stamp >= Stamp{host.term, host.generation};
    if (!has_newest && seek.lost_parent != host.parent) return false;
    const HostRecord* parent = registry.find(host.parent);
    if (parent != nullptr && parent->state == HostState::joining) return false;  // not there yet
    // Until the root is heard no place is better than another.
    return is_root_heard() && seek.attachment > host.attachment;
}

void Manager::State::hear_of_dead_root(const HostRecord& host, const Seek& seek) {
    HostRecord* root = registry.find(cell.root);
    if (root == nullptr || root->id == host.id || seek.has_parent || is_root_heard()) return;
    const bool is_accused = seek.lost_parent == cell.root;
    const Child* link = hub.links().find(cell.root);
    // A connection that dropped is a hint, and no second witness.
    const bool is_suspect_here = link != nullptr && link->state == HostState::suspect &&
                                 now - link->silence.heard() >= timing.suspect_after();
    const Duration silence = now - root_unheard_since;
    if (is_accused && (is_suspect_here || silence >= timing.lost_after()))
        return retire(*root, HostState::lost, Cause::silent);
    const Duration patience =
        is_root_untried ? timing.untried_root_after() : timing.not_back_after();
    if (seek.attachment > host.attachment && silence >= patience) pass_over(*root, host.id);
}

/// Named root and never heard as such, for instance because a manager was killed between the two,
/// or because it died with the root before it: it loses the role to the one that just asked, which
/// is alive. Whether the root is alive is told by whoever finds it in a subtree, or does not.
void Manager::State::pass_over(HostRecord& root, HostId heir) {
    cell.root = {};
    strip(root);
    HostRecord& next = *registry.find(heir);
    if (may_hold_role(next)) {
        crown(next);
    } else {
        succeed();
    }
    add_to_shape(root);
    set_unplaced(root, "it was named root and could not be reached as such");
    has_new_room = true;
    touch(root);
}

/// As if it were drained, until it has gone. Requires that it is present.
void Manager::State::hand_over(HostRecord& host) {
    if (leaving.contains(host.id)) return;
    leaving.add(host.id, now + timing.gone_after());
    history.note("host.leaving", host.id, {}, {{"role", to_text(host.role)}});
    drain(host);
}

/// A place needs some time to prove good, unless it has proven bad already.
void Manager::State::give_place(HostRecord& host, const Seek& seek) {
    if (cell.root == HostId{} && may_hold_role(host)) return crown(host);
    const bool has_newest = seek.stamp >= Stamp{host.term, host.generation};
    const bool is_bad =
        shape.depth(host.id) == Shape::detached || (has_newest && seek.lost_parent == host.parent);
    const auto given = given_at.find(host.id);
    const bool is_fresh = given != given_at.end() && now < given->second + timing.interval * 2;
    if (is_fresh && !is_bad) return;
    given_at[host.id] = now;
    replace(host, has_newest ? host.parent : seek.lost_parent);
}

}  // namespace coppice
