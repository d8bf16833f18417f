// What the manager tells this host to be, and how it becomes that; what it signed, and what not.
#include <utility>

#include "agent/state.h"

namespace coppice {

std::optional<Order> Agent::State::opened(const Sealed& sealed) const {
    const Result<Statement> statement = notary.open(sealed);
    if (!statement.ok()) return std::nullopt;
    const auto* found = std::get_if<Order>(&statement.value());
    const bool is_mine =
        found != nullptr && found->fleet == config.fleet && found->key == config.key;
    return is_mine ? std::optional{*found} : std::nullopt;
}

bool Agent::State::is_genuine(const PushDown& push) const {
    const Result<Statement> statement = notary.open(*push.content);
    const auto* found = statement.ok() ? std::get_if<PushContent>(&statement.value()) : nullptr;
    return found != nullptr && found->fleet == config.fleet && found->push == push.push &&
           found->topic == push.topic && found->version == push.version;
}

void Agent::State::on_order(const Sealed& sealed, Instant now, Outputs& out) {
    const std::optional<Order> given = opened(sealed);
    if (!given) {
        out.notices.push_back({Severity::warning, "agent.bad_order",
                               "an order is not for this host or not signed by its fleet"});
        return;
    }
    if (given->stamp < newest) return;
    old_order_at = never;
    if (given->is_placed && !is_leaving()) contact.stop_asking(now);
    if (order && given->stamp == order->stamp) return;
    newest = given->stamp;
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

}  // namespace coppice
