#include "simulator/durability_checker.h"

#include <utility>

#include "schemas/codec.h"

namespace coppice {

namespace {

/// A manager speaks with its term.
Incarnation run_in(const VirtualStore& store) {
    const std::optional<IdentityRecord> identity = store.find(IdentityRecord{});
    return identity ? identity->incarnation : Incarnation{};
}

}  // namespace

DurabilityChecker::DurabilityChecker(const Fleet& fleet, const FleetModel& model,
                                     const Notary& notary, Complaints& complaints)
    : fleet_{fleet},
      model_{model},
      notary_{notary},
      complaints_{complaints},
      runs_(fleet.world().size()),
      identity_(fleet.world().size()) {
    for (HostIndex host = 1; host < runs_.size(); ++host)
        runs_[host] = run_in(fleet.world().host(host).store());
}

void DurabilityChecker::on_commit(HostIndex host, std::span<const Write> writes) {
    for (const Write& write : writes) {
        const auto* put = std::get_if<Put>(&write);
        const auto* identity = put == nullptr ? nullptr : std::get_if<IdentityRecord>(&put->record);
        if (identity == nullptr) continue;
        runs_[host] = identity->incarnation;
        const std::uint64_t content = hash_bytes(1, encode(put->record));
        if (std::exchange(identity_[host], content) == content)
            complaints_.add("writes", fleet_.world().host(host).name() +
                                          " wrote its identity although it had not changed.");
    }
}

void DurabilityChecker::on_records(const std::vector<RecordChange>& changes) {
    for (const RecordChange& change : changes)
        if (change.before.has_value() && change.before->content == change.after.content)
            complaints_.add("writes", "The manager wrote the record of " +
                                          model_.name_of(change.host) +
                                          " although it had not changed.");
    check_timelines(changes);
}

/// The newest row of each host and its record are of one commit.
void DurabilityChecker::check_timelines(const std::vector<RecordChange>& changes) {
    const VirtualStore& store = fleet_.world().host(Fleet::manager_index).store();
    for (const RecordChange& change : changes) {
        const std::optional<HostCondition> row = store.newest(change.host);
        const KnownHost* host = model_.find(change.host);  // after the last change of the commit
        const bool is_as_written =
            host == nullptr || (row && row->state == host->state && row->cause == host->cause &&
                                row->parent == host->parent &&
                                row->is_drained == host->is_drained && row->role == host->role);
        if (!is_as_written)
            complaints_.add("timeline", "The manager's record of " + model_.name_of(change.host) +
                                            " is not what its timeline ends with.");
    }
}

void DurabilityChecker::check_run(HostIndex host) {
    if (host == Fleet::manager_index) return;
    complaints_.add("durable", fleet_.world().host(host).name() +
                                   " speaks in a run that it did not write down.");
}

void DurabilityChecker::check(HostIndex host, const Message& body) {
    if (const auto* heartbeat = std::get_if<Heartbeat>(&body))
        return check_reports(host, heartbeat->sets);
    if (host != Fleet::manager_index) return;
    if (const auto* registered = std::get_if<Registered>(&body)) {
        if (registered->order.has_value()) check_order(HostId{}, *registered->order);
    } else if (const auto* ordered = std::get_if<Ordered>(&body)) {
        check_order(ordered->destination, ordered->order);
    } else if (const auto* push = std::get_if<PushDown>(&body)) {
        check_push(host, *push);
    }
}

void DurabilityChecker::check_order(HostId of_whom, const Sealed& sealed) {
    const Result<Statement> statement = notary_.open(sealed);
    const Order* order = statement.ok() ? std::get_if<Order>(&statement.value()) : nullptr;
    if (order == nullptr)
        return complaints_.add("durable", "The manager sends an order without its seal.");
    const KnownOrder* known = model_.order(order->host, order->stamp);
    const KnownHost* host = model_.find(order->host);
    // The host may have obeyed a newer one meanwhile, before which orders are forgotten.
    const bool is_of_the_past = known == nullptr && host != nullptr && order->stamp < host->stamp;
    const bool is_committed = known != nullptr && known->role == order->role &&
                              known->is_placed == order->is_placed &&
                              (!order->is_placed || known->parent == order->parent.host);
    if (!is_committed && !is_of_the_past)
        complaints_.add("durable", "The manager sends " + model_.name_of(order->host) +
                                       " an order that is not in its store.");
    if (of_whom != HostId{} && of_whom != order->host)
        complaints_.add("durable", "The manager sends an order to another host.");
}

void DurabilityChecker::check_push(HostIndex host, const PushDown& push) {
    if (push.target.empty()) return;
    const std::optional<PushRecord> record =
        fleet_.world().host(host).store().find(PushRecord{.push = push.push});
    // Not what it is in force for: a batch of steps may commit a push and a newer one together.
    if (!record || !(record->target | record->late_joiners).includes(push.target))
        complaints_.add("durable", "The manager sends push " + std::to_string(push.push.value) +
                                       " that is not so in its store.");
}

/// What a host says of itself; what it says of others they have said before.
void DurabilityChecker::check_reports(HostIndex host, const std::vector<SetReport>& reports) {
    for (const SetReport& report : reports) {
        const bool is_own =
            report.key.kind == SetKind::applied && report.added.contains(model_.glance(host).host);
        if (!is_own) continue;
        const VirtualStore& ledger = fleet_.world().host(Fleet::manager_index).store();
        const std::optional<PushRecord> push = ledger.find(PushRecord{.push = report.key.push});
        const std::optional<AppliedRecord> applied =
            push ? fleet_.world().host(host).store().find(AppliedRecord{.topic = push->topic})
                 : std::nullopt;
        if (!applied || applied->version < push->version)
            complaints_.add("durable", fleet_.world().host(host).name() + " reports push " +
                                           std::to_string(report.key.push.value) +
                                           " as applied and did not write that down.");
    }
}

}  // namespace coppice
