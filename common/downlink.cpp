#include "common/downlink.h"

#include <algorithm>

#include "common/random.h"

namespace coppice {
namespace {

bool names_parent(const Order& order, HostId parent) {
    const auto is_parent = [parent](const PeerAddress& peer) { return peer.host == parent; };
    return is_parent(order.parent) ||
           std::any_of(order.spares.begin(), order.spares.end(), is_parent);
}

Instant ask_at(const Child& child, const Timing& timing) {
    return std::max(child.silence.heard() + timing.ask_after(), child.asked + timing.ask_gap());
}

}  // namespace

std::uint64_t digest_of(const std::vector<Held>& held) {
    std::uint64_t digest = 0;
    for (const Held& one : held)
        digest = Random{digest ^ one.target_digest ^ Random{one.push.value}.next()}.next();
    return digest;
}

HostSet Child::members() const {
    HostSet members = sets.set(members_key);
    members.insert(host);
    return members;
}

bool Child::leads_to(HostId descendant) const {
    return descendant == host || sets.set(members_key).contains(descendant);
}

Child* Downlink::find(HostId host) {
    const auto found = children_.find(host);
    return found == children_.end() ? nullptr : &found->second;
}

// --- joining ------------------------------------------------------------------------------------

std::optional<Refusal> Downlink::objection(const Received& received, const Order& order,
                                           const Standing& standing) const {
    const Header& header = received.frame.header;
    const auto& join = std::get<Join>(received.frame.body);
    const bool fits = order.fleet == identity_.fleet && order.key == received.key &&
                      order.host == header.sender && order.host != identity_.self &&
                      order.is_placed && names_parent(order, identity_.self);
    if (!fits) return Refusal::bad_ticket;
    const auto known = children_.find(header.sender);
    if (known != children_.end()) {
        const Child& child = known->second;
        if (header.incarnation < child.incarnation) return Refusal::stale_incarnation;
        if (order.stamp < child.stamp) return Refusal::stale_ticket;
        if (header.incarnation == child.incarnation && join.attachment < child.attachment)
            return Refusal::stale_ticket;
    }
    if (std::find(standing.path.begin(), standing.path.end(), header.sender) != standing.path.end())
        return Refusal::cycle;
    if (standing.is_draining) return Refusal::draining;
    if (!standing.is_fresh) return Refusal::not_fresh;
    if (known == children_.end() && !has_room_for(order, standing.children_max))
        return Refusal::full;
    return std::nullopt;
}

/// Guests take no room from those who belong here: a guest may be waiting for one of them, to whom
/// it was ordered, and would wait for ever.
bool Downlink::has_room_for(const Order& order, std::uint32_t children_max) const {
    if (order.parent.host != identity_.self) return children_.size() < children_max;
    const auto assigned = std::count_if(children_.begin(), children_.end(),
                                        [](const auto& entry) { return !entry.second.is_guest; });
    return static_cast<std::size_t>(assigned) < children_max;
}

void Downlink::on_join(const Received& received, const Order& order, const Standing& standing,
                       Instant now, Outputs& out) {
    if (order.key != received.key)
        impostors_.tell("a Join with the order of '" + order.name + "'", now, out);
    if (const auto reason = objection(received, order, standing))
        return refuse(received, *reason, out);
    Child* child = find(received.frame.header.sender);
    // The same Join again (its welcome was lost) must not forget what the child has reported.
    if (child == nullptr || child->link != received.frame.header.link) {
        admit(received, order, now, out);
        child = find(received.frame.header.sender);
    }
    welcome(*child, standing, out);
}

void Downlink::admit(const Received& received, const Order& order, Instant now, Outputs& out) {
    const Header& header = received.frame.header;
    const auto& join = std::get<Join>(received.frame.body);
    if (find(header.sender) != nullptr) remove(header.sender);
    Child child{.host = header.sender,
                .key = received.key,
                .route = received.route,
                .link = header.link,
                .incarnation = header.incarnation,
                .attachment = join.attachment,
                .stamp = order.stamp,
                .addresses = join.addresses,
                .is_guest = order.parent.host != identity_.self,
                .silence = Silence{now},
                .sequence_in = header.sequence};
    Child& stored = children_.insert_or_assign(header.sender, std::move(child)).first->second;
    by_route_.insert_or_assign(received.route, header.sender);
    next_check_ = std::min(next_check_, now + timing_.ask_after());
    tell(stored, HostState::live,
         join.was_paused  ? Cause::paused
         : join.is_orphan ? Cause::cut_off
                          : Cause::joined);
    changes_.sets.push_back({members_key, {header.sender}, true});
    changes_.refreshed.push_back(header.sender);
    probe(stored, out);  // whether its address can be reached is known before it matters
}

void Downlink::welcome(Child& child, const Standing& standing, Outputs& out) {
    send(child,
         Welcome{.path = standing.path,
                 .root_age = standing.root_age,
                 .first_window = standing.first_window},
         out);
}

void Downlink::refuse(const Received& received, Refusal reason, Outputs& out) {
    if (reason == Refusal::bad_ticket) ++dropped_.bad_signature;
    if (reason == Refusal::stale_ticket || reason == Refusal::stale_incarnation)
        ++dropped_.stale_term;
    const Header& theirs = received.frame.header;
    const Header header{.cell = identity_.cell,
                        .sender = identity_.self,
                        .incarnation = identity_.incarnation,
                        .link = theirs.link,
                        .sequence = theirs.sequence};
    out.sends.push_back({received.route, {header, Refused{reason}}});
}

// --- hearing ------------------------------------------------------------------------------------

Child* Downlink::accept(const Received& received, Instant now, Outputs& out) {
    const Header& header = received.frame.header;
    Child* child = find(header.sender);
    if (child == nullptr || child->link != header.link || child->key != received.key) {
        const bool is_impostor = child != nullptr && child->key != received.key;
        ++(is_impostor ? dropped_.wrong_sender : dropped_.stale_link);
        if (is_impostor)
            impostors_.tell("a frame in the name of child " + std::to_string(header.sender.value),
                            now, out);
        const bool wants_answer = std::holds_alternative<Heartbeat>(received.frame.body);
        if (wants_answer) refuse(received, Refusal::unknown_link, out);
        return nullptr;
    }
    if (header.sequence <= child->sequence_in) {
        ++dropped_.repeated;
        return nullptr;
    }
    child->sequence_in = header.sequence;
    if (child->route != received.route) {  // the connection was made anew beneath the link
        by_route_.erase(child->route);
        child->route = received.route;
        by_route_.insert_or_assign(received.route, child->host);
    }
    child->silence.hear(now);
    if (child->state == HostState::suspect) tell(*child, HostState::live, Cause::none);
    return child;
}

void Downlink::on_heartbeat(Child& child, const Heartbeat& heartbeat, const Standing& standing,
                            Outputs& out) {
    if (heartbeat.stamp != child.stamp) {
        child.stamp = heartbeat.stamp;
        tell(child, child.state, Cause::none);
    }
    merge_facts(child, heartbeat);
    for (const SetReport& report : heartbeat.sets) {
        const SetEffect effect = child.sets.on_report(report);
        if (!report.times.empty()) child.times.set(report.key.push, report.times);
        child.acks_owed.insert(report.key);
        if (effect == SetEffect::grown)
            changes_.sets.push_back({report.key, report.added, true});
        else if (effect == SetEffect::replaced)
            changes_.sets.push_back({.key = report.key, .added = {}});
    }
    if (heartbeat.held) {
        child.held.clear();
        for (const Held& held : *heartbeat.held) child.held.emplace(held.push, held.target_digest);
        child.held_digest = digest_of(*heartbeat.held);
    }
    if (heartbeat.held || !heartbeat.sets.empty()) changes_.refreshed.push_back(child.host);
    if (!heartbeat.is_hint || !child.is_alone()) answer(child, standing, false, out);
}

void Downlink::merge_facts(Child& child, const Heartbeat& heartbeat) {
    if (heartbeat.facts_revision > child.facts_seen) {
        std::uint64_t ours = 0;
        for (const HostFact& fact : heartbeat.facts) ours = std::max(ours, facts_.add(fact));
        child.facts_seen = heartbeat.facts_revision;
        child.facts_under_way.emplace_back(heartbeat.facts_revision, ours);
    }
    while (!child.facts_under_way.empty() &&
           child.facts_under_way.front().second <= facts_.acknowledged()) {
        child.facts_acked = child.facts_under_way.front().first;
        child.facts_under_way.erase(child.facts_under_way.begin());
    }
}

void Downlink::answer(Child& child, const Standing& standing, bool wants_beat, Outputs& out) {
    HeartbeatAnswer said = answer_to(child, standing);
    said.wants_beat = wants_beat;
    for (const SetKey& key : std::exchange(child.acks_owed, {}))
        said.sets.push_back(child.sets.ack(key));
    send(child, std::move(said), out);
}

HeartbeatAnswer Downlink::answer_to(const Child& child, const Standing& standing) const {
    return {.facts_acked = child.facts_acked,
            .sets = {},
            .held_digest = child.held_digest,
            .path = standing.path,
            .root_age = standing.root_age,
            .cell = standing.cell,
            .term_instance = standing.term_instance,
            .heard = static_cast<std::uint32_t>(child.sequence_in)};
}

void Downlink::on_leave(Child& child, const Leave& leave) {
    if (!leave.is_moving) tell(child, HostState::left, Cause::said_goodbye);
    remove(child.host);
}

// --- silence ------------------------------------------------------------------------------------

void Downlink::on_link_dropped(Route route, Instant now) {
    const auto found = by_route_.find(route);
    if (found == by_route_.end()) return;
    if (Child* child = find(found->second)) child->silence.drop();
    next_check_ = std::min(next_check_, now);
}

void Downlink::on_probe_finished(ProbeId probe, ProbeResult result, Instant now) {
    const auto found = probes_.find(probe);
    if (found == probes_.end()) return;
    if (Child* child = find(found->second)) child->silence.on_probe(result);
    probes_.erase(found);
    next_check_ = std::min(next_check_, now);
}

void Downlink::on_deadline(const Standing& standing, Instant now, Outputs& out) {
    if (now < next_check_) return;
    next_check_ = never;
    const Patience patience = this->patience(now, out);
    const bool may_accuse = !is_in_doubt_ || standing.is_fresh;
    std::vector<HostId> lost;
    for (auto& [host, child] : children_) {
        const Silence::Ruling ruling = child.silence.rule(patience, now);
        if (ruling.probe) probe(child, out);
        if (ruling.verdict == Silence::Verdict::lost) {
            if (may_accuse) tell(child, HostState::lost, ruling.cause);
            lost.push_back(host);
        } else if (ruling.verdict == Silence::Verdict::suspect && child.state == HostState::live) {
            tell(child, HostState::suspect, Cause::silent);
        }
        if (now >= ask_at(child, timing_)) {
            child.asked = now;
            answer(child, standing, true, out);
        }
        next_check_ = std::min(next_check_, due(child, patience));
    }
    for (const HostId host : lost) remove(host);
}

Instant Downlink::due(const Child& child, const Patience& patience) const {
    return std::min(child.silence.next_deadline(patience), ask_at(child, timing_));
}

Patience Downlink::patience(Instant now, Outputs& out) {
    const auto silent = static_cast<std::size_t>(
        std::count_if(children_.begin(), children_.end(), [&](const auto& entry) {
            return now - entry.second.silence.heard() >= timing_.suspect_after();
        }));
    const bool is_most = silent >= doubt_min && silent * 2 > children_.size();
    if (is_most && !is_in_doubt_)
        out.notices.push_back({Severity::warning, "agent.doubt",
                               std::to_string(silent) + " of " + std::to_string(children_.size()) +
                                   " children are silent: it may be this host that is cut off, so "
                                   "it waits longer before it calls any of them lost"});
    is_in_doubt_ = is_most || (is_in_doubt_ && silent > 0);
    return is_in_doubt_ ? timing_.with_child_in_doubt() : timing_.with_child();
}

void Downlink::forgive(Instant now) {
    for (auto& [host, child] : children_) child.silence.forgive(now);
}

void Downlink::probe(Child& child, Outputs& out) {
    if (child.addresses.empty()) return child.silence.on_probe(ProbeResult::unanswered);
    out.probes.push_back({.probe = next_probe_,
                          .addresses = child.addresses,
                          .time_limit = timing_.probe_timeout()});
    probes_.emplace(next_probe_, child.host);
    next_probe_.value += 2;
}

// --- telling ------------------------------------------------------------------------------------

void Downlink::tell(Child& child, HostState state, Cause cause) {
    child.state = state;
    facts_.add({.host = child.host,
                .incarnation = child.incarnation,
                .attachment = child.attachment,
                .revision = ++child.fact_revision,
                .state = state,
                .cause = cause,
                .parent = identity_.self,
                .stamp = child.stamp});
}

void Downlink::remove(HostId host) {
    const auto found = children_.find(host);
    if (found == children_.end()) return;
    changes_.sets.push_back({.key = members_key, .added = {}});
    for (const auto& [key, set] : found->second.sets.sets())
        changes_.sets.push_back({.key = key, .added = {}});
    changes_.gone.push_back(host);
    by_route_.erase(found->second.route);
    children_.erase(found);
}

Frame Downlink::frame_to(Child& child, Message body) const {
    return {{.cell = identity_.cell,
             .sender = identity_.self,
             .incarnation = identity_.incarnation,
             .link = child.link,
             .sequence = ++child.sequence_out},
            std::move(body)};
}

// --- quiet stretches ----------------------------------------------------------------------------

bool Downlink::is_at_rest() const {
    return facts_.empty() && probes_.empty() &&
           std::all_of(children_.begin(), children_.end(), [](const auto& entry) {
               const Child& child = entry.second;
               return child.state == HostState::live && child.silence.is_at_rest() &&
                      child.facts_under_way.empty();
           });
}

std::optional<ChildRest> Downlink::rest(HostId child) const {
    const auto found = children_.find(child);
    if (found == children_.end()) return std::nullopt;
    const Child& known = found->second;
    return ChildRest{known.route, known.link, known.sequence_out, known.sequence_in};
}

void Downlink::pass(HostId child, const ChildPassed& passed) {
    Child& known = children_.at(child);
    known.sequence_out = passed.sequence_out;
    known.sequence_in = passed.sequence_in;
    known.silence.hear(passed.last_beat);
}

void Downlink::resume() {
    next_check_ = never;
    for (const auto& [host, child] : children_)
        next_check_ = std::min(next_check_, due(child, timing_.with_child()));
}

Frame Downlink::quiet_answer(HostId child, const Standing& standing) const {
    const Child& known = children_.at(child);
    Child copy = known;
    --copy.sequence_out;
    return frame_to(copy, answer_to(known, standing));
}

// --- telling ------------------------------------------------------------------------------------

void Downlink::send(Child& child, Message body, Outputs& out) {
    out.sends.push_back({child.route, frame_to(child, std::move(body))});
}

void Downlink::say_goodbye(Outputs& out) {
    while (!children_.empty()) {
        Child& child = children_.begin()->second;
        send(child, Leave{.is_moving = false}, out);
        remove(child.host);
    }
}

}  // namespace coppice
