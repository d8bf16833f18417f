#include "agent/agent.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "agent/state.h"
#include "common/fact_acks.h"
#include "common/overloaded.h"

namespace coppice {
namespace {

constexpr int intervals_before_old_order = 2;

/// Both by push.
bool has_more_than(const std::vector<Held>& before, const std::vector<Held>& now) {
    return !std::includes(before.begin(), before.end(), now.begin(), now.end(),
                          [](const Held& left, const Held& right) {
                              return std::tie(left.push, left.target_digest) <
                                     std::tie(right.push, right.target_digest);
                          });
}

}  // namespace

Agent::Agent(AgentConfig config, const Loaded& loaded, const Notary& notary)
    : state_{std::make_unique<State>(std::move(config), loaded, notary)} {}
Agent::~Agent() = default;

Outputs Agent::step(const Input& input, Instant now) {
    Outputs out;
    State& state = *state_;
    if (state.is_stopped) return out;
    state.notice_gap(now, out);
    std::visit(Overloaded{
                   [&](const Started&) { state.on_started(now, out); },
                   [&](const DeadlineReached&) {},
                   [&](const Received& received) { state.on_received(received, now, out); },
                   [&](const LinkDropped& dropped) { state.on_link_dropped(dropped.route, now); },
                   [&](const ProbeFinished& finished) {
                       state.uplink.on_probe_finished(finished.probe, finished.result);
                       state.hub.on_probe_finished(finished, now);
                   },
                   [&](const ApplyFinished& done) { state.leaf.on_apply_finished(done, out); },
                   [&](const Measured& measured) {
                       state.hub.gather().on_measured(state.identity.host, state.values(measured));
                       state.weigh_memory(measured.measurements, now);
                   },
                   [&](const StopRequested&) { state.on_stop(now, out); },
                   [&](const ClockRead&) { out.measure = state.is_short_of_memory; },
                   [&](const CommandReceived&) { /* only a manager takes commands */ },
                   [&](const LocalSaid& said) { state.on_said(said, now, out); },
                   [&](const Reduced& reduced) { state.hub.gather().on_reduced(reduced); },
               },
               input);
    if (!state.is_stopped) state.settle(now, out);
    state.due = state.next_deadline();
    return out;
}

Instant Agent::next_deadline() const { return state_->due; }

AgentView Agent::view() const {
    const State& state = *state_;
    Path path = state.root ? Path{} : state.uplink.path();
    if (state.root || state.uplink.is_attached()) path.push_back(state.identity.host);
    return {.host = state.identity.host,
            .incarnation = state.identity.incarnation,
            .role = state.role(),
            .is_attached = state.uplink.is_attached(),
            .is_leaving = state.is_leaving(),
            .is_refused =
                state.is_stopped && state.identity.host == HostId{} && !state.was_asked_to_stop,
            .parent = state.uplink.parent(),
            .stamp = state.order ? state.order->stamp : Stamp{},
            .path = std::move(path),
            .children = static_cast<std::uint32_t>(state.hub.links().children().size())};
}

AgentGlance Agent::glance() const {
    const State& state = *state_;
    return {.host = state.identity.host,
            .parent = state.uplink.parent(),
            .stamp = state.order ? state.order->stamp : Stamp{},
            .role = state.role(),
            .is_attached = state.uplink.is_attached(),
            .children = static_cast<std::uint32_t>(state.hub.links().children().size())};
}

Instant Agent::role_expires_at() const {
    const State& state = *state_;
    if (!state.is_interior()) return never;
    return state.confirmed ? *state.confirmed + state.timing.role_lease() : Instant::min();
}

Duration Agent::role_lease() const { return state_->timing.role_lease(); }
bool Agent::is_leaving() const { return state_->is_leaving(); }
const std::map<std::string, AppliedRecord>& Agent::applied() const {
    return state_->leaf.applied();
}
std::uint64_t Agent::applied_count() const { return state_->leaf.applied_count(); }

// --- inputs -------------------------------------------------------------------------------------

void Agent::State::on_started(Instant now, Outputs& out) {
    // The incarnation is durable before anybody hears of it.
    out.writes.emplace_back(Put{identity});
    spread_identity();
    register_host(now);
    out.measure = is_short_of_memory;
    if (!identity.order.content.empty())
        old_order_at = now + timing.interval * intervals_before_old_order;
}

void Agent::State::on_received(const Received& received, Instant now, Outputs& out) {
    if (contact.owns(received.route)) return on_management(received, now, out);
    if (!uplink.owns(received.route)) return on_from_child(received, now, out);
    const std::uint64_t acknowledged = hub.links().facts().acknowledged();
    const Uplink::Heard heard = uplink.on_frame(received, hub.links().facts(), now, out);
    if (hub.links().facts().acknowledged() > acknowledged)
        confirm_facts(hub.links(), standing(now), out);
    if (heard == Uplink::Heard::for_others) on_from_parent(received.frame.body, now, out);
}

void Agent::State::on_link_dropped(Route route, Instant now) {
    uplink.on_link_dropped(route, now);
    contact.on_link_dropped(route, now);
    hub.on_link_dropped(route, now);
}

/// A gap of one's own makes every suspicion worthless; a host that held a role asks what it is now.
void Agent::State::notice_gap(Instant now, Outputs& out) {
    if (due == never || now - due <= timing.own_gap_max()) return;
    hub.forgive(now);
    uplink.forgive(now);
    if (is_interior()) contact.seek(question(), now);
    out.notices.push_back({Severity::warning, "agent.paused",
                           "this host was away for longer than an interval; it accuses nobody"});
}

// --- frames -------------------------------------------------------------------------------------

void Agent::State::on_management(const Received& received, Instant now, Outputs& out) {
    if (!contact.accepts(received)) return;
    is_leave_known = is_leave_known || (is_leaving() && hand_over_at == never);
    if (const auto* registered = std::get_if<Registered>(&received.frame.body))
        return on_registered(*registered, now, out);
    if (const auto* ordered = std::get_if<Ordered>(&received.frame.body))
        on_order(ordered->order, now, out);
}

void Agent::State::on_registered(const Registered& registered, Instant now, Outputs& out) {
    switch (registered.result) {
        case Registration::ok:
            if (registered.order) on_order(*registered.order, now, out);
            return;
        case Registration::unknown_host:
            return register_host(now);
        case Registration::stale_incarnation:
            identity.incarnation = {registered.newest.value + 1};
            out.writes.emplace_back(Put{identity});
            spread_identity();
            return register_host(now);
        default:
            break;
    }
    out.notices.push_back({Severity::error, "agent.refused", registered.sentence});
    if (registered.result == Registration::unavailable) return;
    contact.back_off(now);
    // A first registration that is refused needs a person; a known host keeps asking.
    if (identity.host == HostId{}) {
        is_stopped = true;
        out.stopped = true;
    }
}

void Agent::State::on_from_parent(const Message& message, Instant now, Outputs& out) {
    std::visit(Overloaded{
                   [&](const PushDown& push) { on_push(push, now, out); },
                   [&](const WindowOpened& asked) {
                       // Only a root can number what its manager asks; it is asked again.
                       if (!root && asked.window.number == 0) return;
                       const WindowOpened window = root ? root->numbered(asked, *order) : asked;
                       const bool may = root || window.window >= uplink.first_window();
                       const bool self = may && window.target.contains(identity.host);
                       hub.gather().open(window, uplink.link(), self, hub.links(), now, out);
                       out.measure = out.measure || hub.gather().waits_for_self();
                   },
                   [&](const Ordered& ordered) {
                       if (ordered.destination == identity.host)
                           on_order(ordered.order, now, out);
                       else
                           hub.pass_on(ordered, out);
                   },
                   [&](const LocalMessage& said) {
                       out.heard.push_back(
                           {.from = uplink.parent(), .is_from_parent = true, .message = said});
                   },
                   [&](const NotUnderstood&) {},
                   [&](const auto&) { uplink.send(NotUnderstood{}, out); },
               },
               message);
}

/// What is not signed is not held: it would stand in the way of the push whose number it bears.
void Agent::State::on_push(const PushDown& push, Instant now, Outputs& out) {
    if (push.content == nullptr || is_genuine(push)) return hub.relay().on_push(push, now);
    out.notices.push_back({Severity::warning, "agent.bad_push",
                           "a push for topic '" + push.topic +
                               "' is not signed by this fleet's managers; it was dropped"});
}

void Agent::State::on_from_child(const Received& received, Instant now, Outputs& out) {
    if (is_interior()) return hub.on_frame(received, standing(now), now, out);
    const bool wants_answer = std::holds_alternative<Join>(received.frame.body) ||
                              std::holds_alternative<Heartbeat>(received.frame.body);
    if (wants_answer) hub.links().refuse(received, Refusal::not_a_parent, out);
}

HostValues Agent::State::values(const Measured& measured) const {
    return {.name = identity.name,
            .release = config.release,
            .facts = config.facts,
            .labels = leaf.labels(),
            .measurements = measured.measurements,
            .contributions = &measured.contributions};
}

// --- work ---------------------------------------------------------------------------------------

Standing Agent::State::standing(Instant now) const {
    Standing said = root     ? root->standing(*order, uplink.cell())
                    : branch ? branch->standing(uplink, *order, timing, now)
                             : Standing{};
    said.first_window = hub.gather().first_window();
    return said;
}

/// The manager alone confirms a root: the parent that it had before knows nothing of its role.
bool Agent::State::has_confirmation() const {
    if (!uplink.is_attached()) return false;
    if (root) return uplink.parent() == manager_host;
    return uplink.root_age(uplink.heard_by_parent()) <= timing.fresh_within();
}

void Agent::State::renew_role() {
    const bool holds_it = is_interior() && order->role == role() && !is_leaving();
    if (!holds_it || role() != std::exchange(confirmed_role, role())) confirmed.reset();
    if (holds_it && has_confirmation())
        confirmed =
            confirmed ? std::max(*confirmed, uplink.heard_by_parent()) : uplink.heard_by_parent();
}

void Agent::State::settle(Instant now, Outputs& out) {
    if (now >= old_order_at) fall_back_on_old_order(now, out);
    if (now >= hub.next_deadline()) hub.on_deadline(standing(now), now, out);
    if (branch && branch->is_drained(hub.links().children().size(), now)) {
        hub.links().say_goodbye(out);
        branch.reset();
    }
    if (is_leaving()) work_on_leaving(now, out);
    if (is_stopped) return;
    leaf.consider(hub.relay().held(), out);
    const std::vector<SetKey> own_changed = leaf.take_changed();
    const DownlinkChanges changes = hub.settle(leaf.sets(), own_changed, now, out);
    std::vector<Held> holds = hub.relay().held_list();
    const bool is_news = !own_changed.empty() || !changes.sets.empty() ||
                         hub.links().facts().newest_revision() > facts_told;
    facts_told = hub.links().facts().newest_revision();
    if (has_more_than(held, holds)) uplink.holds_more(now);
    held = std::move(holds);
    if (is_news) uplink.has_news();
    uplink.work(report(), now, drawer, out);
    if (uplink.take_wants_place()) contact.seek(question(), now);
    answer_windows(now, out);
    contact.work(now, drawer, out);
    renew_role();
}

void Agent::State::answer_windows(Instant now, Outputs& out) {
    hub.gather().reduce(now, out);
    for (Gather::Finished& finished : hub.gather().take_finished(now))
        if (finished.asker == uplink.link()) uplink.send(std::move(finished.answer), out);
}

Instant Agent::State::next_deadline() const {
    if (is_stopped) return never;
    return std::min({next_deadline_at_rest(), uplink.next_deadline(), hub.links().next_deadline()});
}

/// Besides heartbeats and silence.
Instant Agent::State::next_deadline_at_rest() const {
    const Instant earliest =
        std::min({contact.next_deadline(), old_order_at, leave_by, hand_over_at,
                  hub.relay().next_deadline(), hub.gather().next_deadline()});
    return branch ? std::min(earliest, branch->next_deadline()) : earliest;
}

// --- quiet stretches ----------------------------------------------------------------------------

std::optional<Instant> Agent::rests_until() const {
    const State& state = *state_;
    const bool is_at_rest = !state.is_stopped && state.hub.links().is_at_rest() &&
                            state.uplink.rest(state.report()).has_value();
    if (!is_at_rest) return std::nullopt;
    return state.next_deadline_at_rest();
}

std::optional<UplinkRest> Agent::uplink_rest() const {
    return state_->uplink.rest(state_->report());
}

bool Agent::has_heard(const Standing& parent) const {
    return state_->uplink.path() == parent.path && state_->uplink.cell() >= parent.cell;
}

void Agent::pass(const UplinkPassed& passed) { state_->uplink.pass(passed); }

Frame Agent::quiet_beat() const { return state_->uplink.quiet_beat(state_->report()); }

Downlink& Agent::links() { return state_->hub.links(); }

Standing Agent::standing(Instant now) const { return state_->standing(now); }

void Agent::resume() {
    state_->hub.links().resume();
    state_->due = state_->next_deadline();
}

}  // namespace coppice
