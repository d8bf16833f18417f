#include "simulator/fleet_model.h"

#include <algorithm>

#include "schemas/codec.h"

namespace coppice {

bool KnownOrder::names(HostId parent_or_spare) const {
    if (role == Role::root) return parent_or_spare == manager_host;
    return is_placed && (parent_or_spare == parent ||
                         std::find(spares.begin(), spares.end(), parent_or_spare) != spares.end());
}

FleetModel::FleetModel(const Fleet& fleet) : fleet_{fleet} {
    std::vector<Write> writes;
    const VirtualStore& store = fleet.world().host(Fleet::manager_index).store();
    for (const CellRecord& cell : store.all<CellRecord>()) writes.emplace_back(Put{cell});
    for (const HostRecord& host : store.all<HostRecord>()) writes.emplace_back(Put{host});
    static_cast<void>(commit(writes));
}

KnownHost FleetModel::known(const HostRecord& record) const {
    return {.index = fleet_.find(record.name).value_or(Fleet::manager_index),
            .state = record.state,
            .cause = record.cause,
            .incarnation = record.incarnation,
            .role = record.role,
            .parent = record.parent,
            .is_placed = record.is_placed,
            .has_reason = !record.unplaced_reason.empty(),
            .is_drained = record.is_drained,
            .is_orphan = record.is_orphan,
            .stamp = {record.term, record.generation},
            .spares = record.spares,
            .content = hash_bytes(0, encode(Record{record}))};
}

std::vector<RecordChange> FleetModel::commit(std::span<const Write> writes) {
    std::vector<RecordChange> changes;
    for (const Write& write : writes) {
        if (const auto* erase = std::get_if<Erase>(&write)) {
            std::erase_if(hosts_, [this, erase](const auto& entry) {
                const bool is_erased = key_of(HostRecord{.id = entry.first}) == erase->key;
                if (is_erased) places_[entry.first.value] = 0;
                return is_erased;
            });
            continue;
        }
        const auto* put = std::get_if<Put>(&write);
        if (put == nullptr) continue;
        if (const auto* cell = std::get_if<CellRecord>(&put->record)) root_ = cell->root;
        const auto* record = std::get_if<HostRecord>(&put->record);
        if (record == nullptr) continue;
        RecordChange change{.host = record->id, .before = std::nullopt, .after = known(*record)};
        const auto [entry, is_new] = hosts_.try_emplace(record->id, change.after);
        if (places_.size() <= record->id.value) places_.resize(record->id.value + 1);
        places_[record->id.value] = static_cast<std::uint32_t>(change.after.index + 1);
        if (!is_new) change.before = std::exchange(entry->second, change.after);
        if (is_new || change.before->stamp != change.after.stamp)
            orders_[record->id].push_back({.stamp = change.after.stamp,
                                           .role = record->role,
                                           .is_placed = record->is_placed,
                                           .parent = record->parent,
                                           .spares = record->spares});
        changes.push_back(std::move(change));
    }
    return changes;
}

const KnownHost* FleetModel::find(HostId host) const {
    const auto found = hosts_.find(host);
    return found == hosts_.end() ? nullptr : &found->second;
}

std::string FleetModel::name_of(HostId host) const {
    if (host == manager_host) return "the manager";
    const KnownHost* known = find(host);
    return known == nullptr ? "#" + std::to_string(host.value)
                            : fleet_.world().host(known->index).name();
}

const KnownOrder* FleetModel::order(HostId host, Stamp stamp) const {
    const auto orders = orders_.find(host);
    if (orders == orders_.end()) return nullptr;
    const auto found =
        std::find_if(orders->second.begin(), orders->second.end(),
                     [stamp](const KnownOrder& order) { return order.stamp == stamp; });
    return found == orders->second.end() ? nullptr : &*found;
}

bool FleetModel::is_named(HostId parent, HostId host, Stamp first, Stamp last) const {
    const auto orders = orders_.find(host);
    return orders != orders_.end() && std::any_of(orders->second.begin(), orders->second.end(),
                                                  [parent, first, last](const KnownOrder& order) {
                                                      return order.stamp >= first &&
                                                             order.stamp <= last &&
                                                             order.names(parent);
                                                  });
}

void FleetModel::forget_orders_before(HostId host, Stamp stamp) {
    const auto orders = orders_.find(host);
    if (orders == orders_.end()) return;
    std::erase_if(orders->second, [stamp](const KnownOrder& order) { return order.stamp < stamp; });
}

std::optional<HostIndex> FleetModel::index_of(HostId host) const {
    if (host.value >= places_.size() || places_[host.value] == 0) return std::nullopt;
    return places_[host.value] - 1;
}

std::optional<std::uint32_t> FleetModel::depth(HostId host) const {
    std::uint32_t links = 0;
    for (std::size_t steps = 0; steps <= hosts_.size(); ++steps) {
        if (host == root_) return links;
        const KnownHost* known = find(host);
        if (known == nullptr || !known->is_placed) return std::nullopt;
        const KnownHost* above = find(known->parent);
        if (above == nullptr || !above->is_parent()) return std::nullopt;
        host = known->parent;
        ++links;
    }
    return std::nullopt;
}

}  // namespace coppice
