#include "simulator/receipt_checker.h"

#include "common/limits.h"

namespace coppice {

namespace {

std::string text_of(PushId push) { return "push " + std::to_string(push.value); }

}  // namespace

ReceiptChecker::ReceiptChecker(const Fleet& fleet, const FleetModel& model, Complaints& complaints)
    : fleet_{fleet}, model_{model}, complaints_{complaints} {
    const VirtualStore& store = fleet.world().host(Fleet::manager_index).store();
    for (const PushRecord& push : store.all<PushRecord>()) check(push);
    for (const ReceiptRecord& receipt : store.all<ReceiptRecord>()) check(receipt);
}

void ReceiptChecker::on_commit(std::span<const Write> writes) {
    bool is_push = false;
    for (const Write& write : writes) {
        const auto* put = std::get_if<Put>(&write);
        if (put == nullptr) continue;
        if (const auto* push = std::get_if<PushRecord>(&put->record)) {
            check(*push);
            is_push = true;
        } else if (const auto* receipt = std::get_if<ReceiptRecord>(&put->record)) {
            check(*receipt);
        }
    }
    if (is_push) check_limits();
}

void ReceiptChecker::check(const PushRecord& push) {
    const auto [entry, is_new] = pushes_.try_emplace(push.push);
    Known& known = entry->second;
    if (!is_new && known.target != push.target)
        complaints_.add("receipt", "The target of " + text_of(push.push) + " has changed.");
    if (push.target.intersects(push.late_joiners))
        complaints_.add("receipt", "A late joiner is in the target of " + text_of(push.push) + '.');
    HostSet wanted = push.target;
    wanted |= push.late_joiners;
    if (!wanted.includes(push.effective))
        complaints_.add("receipt", text_of(push.push) + " is for hosts that it does not name.");
    known.topic = push.topic;
    known.version = push.version;
    known.payload_bytes = push.payload_bytes;
    known.is_in_force = !push.effective.empty();
    known.target = push.target;
}

void ReceiptChecker::check(const ReceiptRecord& receipt) {
    const std::string name = text_of(receipt.push);
    const auto found = pushes_.find(receipt.push);
    if (found == pushes_.end())
        return complaints_.add("receipt", "There is a receipt of " + name + " but no push.");
    Known& push = found->second;
    HostSet counted = receipt.applied;
    std::uint64_t sum = counted.size();
    for (const auto& [reason, hosts] : receipt.refused) {
        counted |= hosts;
        sum += hosts.size();
    }
    if (counted.size() != sum)
        complaints_.add("receipt", "The receipt of " + name + " counts a host twice.");
    if (!push.target.includes(counted))
        complaints_.add("receipt", "The receipt of " + name + " counts hosts beyond its target.");
    if (!receipt.applied.includes(push.applied))
        complaints_.add("receipt", "The receipt of " + name + " forgets who applied it.");
    if (receipt.completed != UnixMillis{} && receipt.applied.size() != push.target.size())
        complaints_.add("receipt", "The receipt of " + name + " is called complete at " +
                                       std::to_string(receipt.applied.size()) + " of " +
                                       std::to_string(push.target.size()) + " hosts.");
    check_disks(push, receipt.push, receipt.applied - push.applied);
    push.applied = receipt.applied;
}

void ReceiptChecker::check_disks(const Known& push, PushId id, const HostSet& hosts) {
    for (const HostId host : hosts.to_vector()) {
        const std::optional<HostIndex> index = model_.index_of(host);
        if (!index.has_value()) continue;  // another took its name
        const auto& disk = fleet_.world().host(*index).disk();
        const auto file = disk.find(push.topic);
        if (file == disk.end() || file->second.version < push.version)
            complaints_.add("applied", model_.name_of(host) + " is said to have applied " +
                                           text_of(id) + " but its disk does not have it.");
    }
}

/// Rule 9 for the manager's ledger.
void ReceiptChecker::check_limits() {
    std::uint64_t held = 0;
    std::map<std::string, std::size_t> rules;
    for (const auto& [id, push] : pushes_) {
        std::size_t& count = rules[push.topic];
        if (!push.is_in_force) continue;
        held += push.payload_bytes;
        ++count;
    }
    bool is_within = held <= limits::held_bytes_max && rules.size() <= limits::topics_max;
    for (const auto& [topic, count] : rules)
        is_within = is_within && count <= limits::rules_per_topic_max;
    if (!is_within) complaints_.add("limits", "The manager holds more pushes than it may.");
}

}  // namespace coppice
