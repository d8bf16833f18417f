// A manager's memory comes back: records, then the tree, then what was under way.

#include <algorithm>

#include "common/ensure.h"
#include "common/overloaded.h"
#include "manager/state.h"

namespace coppice {
namespace {

/// Orders that may not have arrived before the restart; who obeys them already ignores the repeat.
constexpr std::size_t orders_resumed_max = 1024;
constexpr std::uint32_t tries_of_resumed = 4;

}  // namespace

void Manager::State::load(std::vector<Record> records) {
    cell.name = "c1";
    for (Record& record : records)
        std::visit(Overloaded{
                       [&](FleetRecord& found) { fleet = std::move(found); },
                       [&](CellRecord& found) { cell = std::move(found); },
                       [&](HostRecord& found) { registry.add(std::move(found)); },
                       [&](TokenRecord& found) { tokens.insert_or_assign(found.id, found); },
                       [&](PushRecord& found) { ledger.load(std::move(found)); },
                       [&](ReceiptRecord& found) { ledger.load(std::move(found)); },
                       [&](TreeChangeRecord& found) { tree_history.load(std::move(found)); },
                       [&](IsolationRecord& found) { isolation.load(std::move(found)); },
                       [&](SeriesRecord& found) { series.load(std::move(found)); },
                       [](IdentityRecord&) { /* of an agent */ },
                       [](AppliedRecord&) { /* of an agent */ },
                   },
                   record);
    COPPICE_ENSURE(!fleet.fleet.empty(), "the store holds no fleet; `coppice init` makes one");
    for (const auto& [id, host] : registry.hosts()) {
        std::vector<HostId> known = host.spares;
        std::erase_if(known, [this](HostId spare) { return registry.find(spare) == nullptr; });
        spare_users.change(id, {}, known);
    }
    fleet_written = fleet;
    history.retell_revised(fleet.next_event);
    cell_written = cell;
    tree_history.begin_at(cell.generation);
}

void Manager::State::load_shape() {
    for (const auto& [id, host] : registry.hosts()) {
        if (is_unstable(host)) resume_calming(host);
        if (!is_present(host)) continue;
        appear(host);
        add_to_shape(host);
        if (id == cell.root) {
            shape.make_root(id);
        } else if (host.role != Role::leaf) {
            shape.set_interior(id, true);
        }
    }
    for (const auto& [id, host] : registry.hosts())
        if (shape.contains(id)) load_place(host);
    flatten_due = now + timing.not_back_after();
    wants_understudy = true;
    has_presence_changed = true;
}

void Manager::State::load_place(const HostRecord& host) {
    const HostId id = host.id;
    // Fewer than before if the fan-out was lowered meanwhile.
    const bool may_attach = host.is_placed && !host.is_orphan && id != cell.root &&
                            shape.is_interior(host.parent) &&
                            shape.children(host.parent).size() < shape.limit(Room::slack) &&
                            !shape.is_within(host.parent, id);
    if (may_attach) shape.attach(id, host.parent);
    if (!host.is_placed) unplaced.insert(id);
    if (!may_attach && host.is_placed && id != cell.root)
        orphaned.add(id, now + timing.lost_after());
    if (host.no_role_before > unix_now()) cooling.emplace(host.no_role_before, id);
    regrade(host);
}

void Manager::State::resume_orders() {
    std::vector<std::pair<Stamp, HostId>> newest;
    for (const HostId id : present.to_vector()) {
        const HostRecord& host = *registry.find(id);
        newest.emplace_back(Stamp{host.term, host.generation}, id);
    }
    const std::size_t count_max = std::min(newest.size(), orders_resumed_max);
    std::partial_sort(newest.begin(), newest.begin() + static_cast<std::ptrdiff_t>(count_max),
                      newest.end(), std::greater<>{});
    newest.resize(count_max);
    for (const auto& [stamp, id] : newest)
        orders.expect(id, now + timing.resend_after(), tries_of_resumed);
    // A stamp is put on one order only: who has moved since gets another one.
    for (const HostId id : present.to_vector())
        if (registry.find(id)->awaits_order) plan.insert(id);
    for (const PushId push : ledger.active()) offer_push(push);
    history.note("manager.started", HostSet{}, {}, {{"term", std::to_string(term)}});
}

void Manager::State::begin_timelines() {
    for (const auto& [id, host] : registry.hosts())
        if (auto row = timelines.next(host, unix_now(), cell.generation))
            out.writes.emplace_back(Begin{*row});
}

void Manager::State::limit_sinces() {
    for (const auto& [id, host] : registry.hosts()) {
        const UnixMillis ahead = host.since - unix_now();
        if (ahead <= UnixMillis{} || ahead >= timeline_set_back_max) continue;
        registry.find(id)->since = unix_now();
        touch(host);
    }
}

}  // namespace coppice
