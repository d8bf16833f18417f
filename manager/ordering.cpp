// Generations and orders: what a step changed becomes one generation, for only the hosts it
// touches.

#include <algorithm>

#include "manager/state.h"

namespace coppice {
namespace {

constexpr std::size_t orders_per_step = 256;
constexpr std::size_t refreshes_per_round = 256;
constexpr Duration refresh_round = std::chrono::seconds{1};

}  // namespace

void Manager::State::commit_plan() {
    if (now >= plan_due) plan.insert(plan_later.begin(), plan_later.end());
    if (now >= plan_due || plan_later.empty()) {
        plan_later.clear();
        plan_due = never;
    }
    // Who is answered now gets what it is to be now: no stamp is put on two different orders.
    for (const Waiting& one : waiting)
        if (plan_later.contains(one.host)) plan.insert(one.host);
    std::erase_if(plan, [this](HostId id) { return !present.contains(id); });
    for (const HostId id : std::vector<HostId>{plan.begin(), plan.end()})
        if (id != cell.root && shape.parent(id) == HostId{} && !unplaced.contains(id))
            replace(*registry.find(id), registry.find(id)->parent);
    if (plan.empty()) return;
    ++cell.generation;
    flatten_due = std::min(flatten_due, now + timing.not_back_after());
    for (const HostId id : plan) {
        HostRecord& host = *registry.find(id);
        host.term = term;
        host.generation = cell.generation;
        host.awaits_order = false;
        set_spares(host, spares_of(id));
        plan_later.erase(id);
        orders.expect(id, now);
        touch(host);
    }
    if (!moved.empty()) history.note("tree.changed", moved, "moved");
    count("coppice_moves_total", moved.size());
    count("coppice_generations_total");
    moved.clear();
    plan.clear();
}

// --- spares -------------------------------------------------------------------------------------

std::vector<HostId> Manager::State::first_spares_of_siblings(HostId id) const {
    std::vector<HostId> taken;
    for (const HostId sibling : shape.children(shape.parent(id))) {
        const HostRecord* record = sibling == id ? nullptr : registry.find(sibling);
        if (record != nullptr && !record->spares.empty()) taken.push_back(record->spares.front());
    }
    return taken;
}

std::vector<HostId> Manager::State::spares_of(HostId id) const {
    return spares_for(
        shape, {.host = id, .understudy = cell.understudy, .taken = first_spares_of_siblings(id)});
}

void Manager::State::set_spares(HostRecord& host, std::vector<HostId> spares) {
    spare_users.change(host.id, host.spares, spares);
    host.spares = std::move(spares);
}

void Manager::State::queue_refresh(HostId id) {
    refresh.insert(id);
    // Orphans and newcomers settle first; their own orders make many of these superfluous.
    if (refresh_due == never) refresh_due = now + timing.interval * 2;
}

void Manager::State::queue_refresh(const HostSet& hosts) {
    refresh |= hosts;
    if (!hosts.empty() && refresh_due == never) refresh_due = now + timing.interval * 2;
}

bool Manager::State::is_worth_an_order(const HostRecord& host,
                                       const std::vector<HostId>& spares) const {
    if (spares.size() > host.spares.size()) return true;
    const auto is_usable = [this](HostId spare) {
        return spare == cell.understudy || shape.is_open(spare);
    };
    if (!std::all_of(host.spares.begin(), host.spares.end(), is_usable)) return true;
    if (spares.empty() || spares.front() == host.spares.front()) return false;
    if (spares.front() == cell.understudy) return true;
    const auto shared = [&](HostId spare) {
        return shape.domains().common(shape.domain(host.id), shape.domain(spare));
    };
    if (shared(spares.front()) > shared(host.spares.front())) return true;
    const Shape::Depth level = shape.depth(host.parent);
    if (shape.depth(host.spares.front()) != level && shape.depth(spares.front()) == level)
        return true;
    const std::vector<HostId> taken = first_spares_of_siblings(host.id);
    return std::count(taken.begin(), taken.end(), spares.front()) <
           std::count(taken.begin(), taken.end(), host.spares.front());
}

void Manager::State::refresh_some() {
    if (now < refresh_due) return;
    std::size_t renewed = 0;
    for (const HostId id : refresh.to_vector()) {
        if (renewed == refreshes_per_round) break;
        refresh.erase(id);
        const HostRecord* host = registry.find(id);
        const bool is_settled = host != nullptr && is_present(*host) && host->is_placed &&
                                shape.depth(id) != Shape::detached && id != cell.root;
        if (!is_settled || plan.contains(id)) continue;
        if (!is_worth_an_order(*host, spares_of(id))) continue;
        plan.insert(id);
        ++renewed;
    }
    refresh_due = refresh.empty() ? never : now + refresh_round;
}

// --- orders -------------------------------------------------------------------------------------

PeerAddress Manager::State::address_of(HostId id) const {
    if (id == manager_host)
        return {.host = manager_host, .key = config.key, .addresses = config.addresses};
    const HostRecord* host = registry.find(id);
    return host == nullptr
               ? PeerAddress{.host = id}
               : PeerAddress{.host = id, .key = host->key, .addresses = host->addresses};
}

Order Manager::State::order_for(const HostRecord& host) const {
    Order order{.fleet = fleet.fleet,
                .host = host.id,
                .key = host.key,
                .name = host.name,
                .cell = host.cell,
                .stamp = {host.term, host.generation},
                .term_instance = instance,
                .role = host.role,
                .is_understudy = host.id == cell.understudy,
                .is_placed = host.is_placed,
                .reason = host.unplaced_reason,
                .managers = {address_of(manager_host)},
                .labels = host.labels,
                .fanout = config.fanout,
                .slack = config.slack(),
                .interval = config.interval};
    if (host.is_placed) order.parent = address_of(host.parent);
    for (const HostId spare : host.spares)
        if (registry.find(spare) != nullptr) order.spares.push_back(address_of(spare));
    return order;
}

void Manager::State::reply_to(const Received& received, Message body) {
    const Header& theirs = received.frame.header;
    out.sends.push_back({received.route,
                         {{.cell = cell.id,
                           .sender = manager_host,
                           .incarnation = Incarnation{term},
                           .link = theirs.link,
                           .lane = theirs.lane,
                           .sequence = ++sequence},
                          std::move(body)}});
}

void Manager::State::answer_waiting() {
    for (const Waiting& one : std::exchange(waiting, {})) {
        const HostRecord* host = registry.find(one.host);
        if (host == nullptr) continue;
        Sealed order = notary.seal(order_for(*host));
        if (std::holds_alternative<Register>(one.received.frame.body)) {
            reply_to(one.received, Registered{.order = std::move(order)});
        } else {
            reply_to(one.received, Ordered{.destination = host->id, .order = std::move(order)});
        }
        orders.on_sent(host->id, now);
        count("coppice_orders_sent_total");
    }
}

void Manager::State::send_due_orders() {
    const std::vector<HostId> due_now = orders.due(now, orders_per_step);
    for (const HostId id : due_now) {
        const HostRecord* host = registry.find(id);
        const bool is_outdated = plan_later.contains(id);  // its next order is about to come
        if (host != nullptr && !is_outdated && send_order(*host))
            count("coppice_orders_sent_total");
        orders.on_sent(id, now);
    }
}

/// Down the tree when it leads there, and on the host's own connection when it has one.
bool Manager::State::send_order(const HostRecord& host) {
    const auto route = route_of.find(host.id);
    const HostSet& members = find_or_empty(hub.relay().sets(), members_key);
    if (route == route_of.end() && !members.contains(host.id)) return false;
    const Ordered ordered{.destination = host.id, .order = notary.seal(order_for(host))};
    if (route == route_of.end()) return hub.pass_on(ordered, out);
    out.sends.push_back({route->second,
                         {{.cell = cell.id,
                           .sender = manager_host,
                           .incarnation = Incarnation{term},
                           .lane = Lane::management,
                           .sequence = ++sequence},
                          ordered}});
    static_cast<void>(hub.pass_on(ordered, out));
    return true;
}

Standing Manager::State::standing() const {
    constexpr std::uint32_t old_and_new_root = 4;
    return {.is_fresh = true,
            .children_max = old_and_new_root,
            .cell = {term, cell.generation},
            .term_instance = instance};
}

}  // namespace coppice
