#include "agent/agent.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "agent/contact.h"
#include "branch/branch.h"
#include "common/hub.h"
#include "common/overloaded.h"
#include "common/uplink.h"
#include "leaf/leaf.h"
#include "root/root.h"

namespace coppice {
namespace {

constexpr int intervals_before_old_order = 2;

}  // namespace

struct Agent::State {
    State(AgentConfig given, const Loaded& loaded, const Notary& keys)
        : config{std::move(given)},
          notary{keys},
          drawer{config.seed},
          uplink{timing, config.addresses},
          hub{keys, timing, Relay::Retention::until_answered},
          leaf{keys, loaded.records},
          contact{config, timing} {
        for (const Record& record : loaded.records)
            if (const auto* known = std::get_if<IdentityRecord>(&record)) identity = *known;
        identity.name = config.name;
        ++identity.incarnation.value;
    }

    // Inputs.
    void on_started(Instant now, Outputs& out);
    void on_received(const Received& received, Instant now, Outputs& out);
    void on_link_dropped(Route route, Instant now);
    void on_stop(Outputs& out);

    // Frames.
    void on_management(const Received& received, Instant now, Outputs& out);
    void on_registered(const Registered& registered, Instant now, Outputs& out);
    void on_from_parent(const Message& message, Instant now, Outputs& out);
    void on_from_child(const Received& received, Instant now, Outputs& out);

    // Orders.
    void on_order(const Sealed& sealed, Instant now, Outputs& out);
    [[nodiscard]] std::optional<Order> opened(const Sealed& sealed) const;
    void obey(const Order& given, Instant now, Outputs& out);
    void take_role(Role role, Instant now);
    void fall_back_on_old_order(Instant now, Outputs& out);
    void spread_identity();

    // Work.
    void settle(Instant now, Outputs& out);
    void answer_windows(Instant now, Outputs& out);
    void notice_gap(Instant now, Outputs& out);
    [[nodiscard]] Standing standing(Instant now) const;
    [[nodiscard]] bool is_interior() const { return branch || root; }
    [[nodiscard]] Role role() const {
        return root ? Role::root : branch ? Role::branch : Role::leaf;
    }
    [[nodiscard]] Seek question() const {
        return {.stamp = order ? order->stamp : Stamp{},
                .lost_parent = uplink.lost_parent(),
                .has_parent = uplink.is_attached(),
                .attachment = uplink.attachment()};
    }
    [[nodiscard]] Report report() const {
        return {order ? order->stamp : Stamp{}, hub.relay().sets(), hub.links().facts(), held,
                identity.order};
    }
    [[nodiscard]] Instant next_deadline() const;
    [[nodiscard]] Instant next_deadline_at_rest() const;

    const AgentConfig config;
    const Notary& notary;
    Timing timing;
    IdentityRecord identity;
    std::optional<Order> order;  // obeyed in this run
    Drawer drawer;
    Uplink uplink;
    Hub hub;
    Leaf leaf;
    std::optional<Branch> branch;
    std::optional<Root> root;
    Contact contact;
    Instant old_order_at = never;  // when no manager has answered until then
    Instant due = never;           // what next_deadline() said last
    std::vector<Held> held;        // as last reported
    std::uint64_t facts_told = 0;  // newest revision that the uplink knows of
    bool is_stopped = false;
    bool was_asked_to_stop = false;
};

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
                       state.hub.gather().on_measured(state.identity.host, measured.measurements);
                   },
                   [&](const StopRequested&) { state.on_stop(out); },
                   [&](const ClockRead&) { /* people's time is a manager's business */ },
                   [&](const CommandReceived&) { /* only a manager takes commands */ },
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

// --- inputs -------------------------------------------------------------------------------------

void Agent::State::on_started(Instant now, Outputs& out) {
    // The incarnation is durable before anybody hears of it.
    out.writes.emplace_back(Put{identity});
    spread_identity();
    contact.register_host(now);
    if (!identity.order.content.empty())
        old_order_at = now + timing.interval * intervals_before_old_order;
}

void Agent::State::on_received(const Received& received, Instant now, Outputs& out) {
    if (contact.owns(received.route)) return on_management(received, now, out);
    if (!uplink.owns(received.route)) return on_from_child(received, now, out);
    const Uplink::Heard heard = uplink.on_frame(received, hub.links().facts(), now, out);
    if (heard == Uplink::Heard::for_others) on_from_parent(received.frame.body, now, out);
}

void Agent::State::on_link_dropped(Route route, Instant now) {
    uplink.on_link_dropped(route, now);
    contact.on_link_dropped(route, now);
    hub.on_link_dropped(route, now);
}

void Agent::State::on_stop(Outputs& out) {
    hub.links().say_goodbye(out);
    uplink.say_goodbye(out);
    contact.close(out);
    was_asked_to_stop = true;
    is_stopped = true;
    out.stopped = true;
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
            return contact.register_host(now);
        case Registration::stale_incarnation:
            identity.incarnation = {registered.newest.value + 1};
            out.writes.emplace_back(Put{identity});
            spread_identity();
            return contact.register_host(now);
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
                   [&](const PushDown& push) { hub.relay().on_push(push); },
                   [&](const WindowOpened& asked) {
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
                   [&](const NotUnderstood&) {},
                   [&](const auto&) { uplink.send(NotUnderstood{}, out); },
               },
               message);
}

void Agent::State::on_from_child(const Received& received, Instant now, Outputs& out) {
    if (is_interior()) return hub.on_frame(received, standing(now), now, out);
    const bool wants_answer = std::holds_alternative<Join>(received.frame.body) ||
                              std::holds_alternative<Heartbeat>(received.frame.body);
    if (wants_answer) hub.links().refuse(received, Refusal::not_a_parent, out);
}

// --- orders -------------------------------------------------------------------------------------

std::optional<Order> Agent::State::opened(const Sealed& sealed) const {
    const Result<Statement> statement = notary.open(sealed);
    if (!statement.ok()) return std::nullopt;
    const auto* found = std::get_if<Order>(&statement.value());
    const bool is_mine =
        found != nullptr && found->fleet == config.fleet && found->key == config.key;
    return is_mine ? std::optional{*found} : std::nullopt;
}

void Agent::State::on_order(const Sealed& sealed, Instant now, Outputs& out) {
    const std::optional<Order> given = opened(sealed);
    if (!given) {
        out.notices.push_back({Severity::warning, "agent.bad_order",
                               "an order is not for this host or not signed by its fleet"});
        return;
    }
    if (order && given->stamp < order->stamp) return;
    old_order_at = never;
    if (given->is_placed) contact.stop_asking(now);
    if (order && given->stamp == order->stamp) return;
    identity.host = given->host;
    identity.order = sealed;
    out.writes.emplace_back(Put{identity});
    obey(*given, now, out);
    if (!given->is_placed) contact.seek(question(), now);
}

void Agent::State::obey(const Order& given, Instant now, Outputs& out) {
    order = given;
    // The uplink and the contact keep the peers, the leaf keeps the labels.
    order->parent = {};
    order->spares = {};
    order->managers = {};
    order->labels = {};
    timing.interval = given.interval;
    spread_identity();
    hub.set_timing(timing);
    uplink.set_timing(timing);
    contact.set_timing(timing);
    contact.set_managers(given.managers);
    leaf.set_identity(given.host, given.fleet, given.name, given.labels);
    take_role(given.role, now);
    uplink.follow(given, now, out);
    if (given.is_understudy) {
        contact.keep_warm(question(), now);
    } else {
        contact.let_cool();
    }
    static constexpr const char* names[] = {"leaf", "branch", "root"};
    out.notices.push_back(
        {Severity::info, "agent.role",
         "this host is now a " + std::string{names[static_cast<std::size_t>(given.role)]}});
}

void Agent::State::take_role(Role role, Instant now) {
    if (role == Role::root) {
        branch.reset();
        if (!root) root.emplace();
    } else if (role == Role::branch) {
        root.reset();
        branch.emplace();
    } else if (is_interior()) {
        root.reset();
        if (!branch) branch.emplace();
        branch->drain(timing, now);
    }
}

/// No manager has answered: join where the last order says, as a leaf (a role is never taken back).
void Agent::State::fall_back_on_old_order(Instant now, Outputs& out) {
    old_order_at = never;
    std::optional<Order> last = opened(identity.order);
    if (!last || last->parent.host == manager_host) return;
    last->role = Role::leaf;
    last->is_understudy = false;
    obey(*last, now, out);
}

void Agent::State::spread_identity() {
    const Identity spoken{.fleet = config.fleet,
                          .self = identity.host,
                          .cell = order ? order->cell : CellId{},
                          .incarnation = identity.incarnation};
    hub.set_identity(spoken);
    uplink.set_identity(spoken);
    contact.set_identity(spoken);
}

// --- work ---------------------------------------------------------------------------------------

Standing Agent::State::standing(Instant now) const {
    Standing said = root     ? root->standing(*order, uplink.cell())
                    : branch ? branch->standing(uplink, *order, timing, now)
                             : Standing{};
    said.first_window = hub.gather().first_window();
    return said;
}

void Agent::State::settle(Instant now, Outputs& out) {
    if (now >= old_order_at) fall_back_on_old_order(now, out);
    hub.on_deadline(standing(now), now, out);
    if (branch && branch->is_drained(hub.links().children().size(), now)) {
        hub.links().say_goodbye(out);
        branch.reset();
    }
    leaf.consider(hub.relay().held(), out);
    const std::vector<SetKey> own_changed = leaf.take_changed();
    const DownlinkChanges changes = hub.settle(leaf.sets(), own_changed, now, out);
    std::vector<Held> holds = hub.relay().held_list();
    const bool is_news = !own_changed.empty() || !changes.sets.empty() || holds != held ||
                         hub.links().facts().newest_revision() > facts_told;
    facts_told = hub.links().facts().newest_revision();
    held = std::move(holds);
    if (is_news) uplink.has_news();
    uplink.work(report(), now, drawer, out);
    if (uplink.take_wants_place()) contact.seek(question(), now);
    answer_windows(now, out);
    contact.work(now, drawer, out);
}

void Agent::State::answer_windows(Instant now, Outputs& out) {
    for (Gather::Finished& finished : hub.gather().take_finished(now))
        if (finished.asker == uplink.link()) uplink.send(std::move(finished.answer), out);
}

Instant Agent::State::next_deadline() const {
    if (is_stopped) return never;
    return std::min({next_deadline_at_rest(), uplink.next_deadline(), hub.links().next_deadline()});
}

/// Besides heartbeats and silence.
Instant Agent::State::next_deadline_at_rest() const {
    const Instant earliest = std::min({contact.next_deadline(), old_order_at,
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

void Agent::pass(const UplinkPassed& passed) { state_->uplink.pass(passed); }

Frame Agent::quiet_beat() const { return state_->uplink.quiet_beat(state_->report()); }

Downlink& Agent::links() { return state_->hub.links(); }

Standing Agent::standing(Instant now) const { return state_->standing(now); }

void Agent::resume() {
    state_->hub.links().resume();
    state_->due = state_->next_deadline();
}

}  // namespace coppice
