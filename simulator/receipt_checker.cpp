#include "simulator/receipt_checker.h"

#include <algorithm>
#include <set>
#include <utility>

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
    const bool may_change = known.phase == PushPhase::waiting;
    if (!is_new && !may_change && known.target != push.target)
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
    known.rule = push.rule;
    known.is_withdrawal = push.is_withdrawal;
    known.phase = push.phase;
    known.target = push.target;
    known.offered = push.offered;
    check_order(push, std::exchange(known.effective, push.effective));
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
    if (receipt.completed != UnixMillis{} && receipt.completed < push.offered)
        complaints_.add("receipt", "The receipt of " + name + " is complete before it began.");
    const bool is_late = receipt.late != UnixMillis{};
    const std::chrono::microseconds stages = sum_of(receipt.stages);
    const auto whole = receipt.completed - push.offered;
    // The wall clock, which may have been read anew meanwhile, counts whole milliseconds.
    if (!receipt.stages.empty() &&
        (stages + UnixMillis{1} < whole || stages > whole + 2 * UnixMillis{1}))
        complaints_.add("receipt", "The stages of " + name + " take " +
                                       std::to_string(stages.count()) + " us of " +
                                       std::to_string(whole.count()) + " ms.");
    // Some may have applied it later in the step.
    const bool is_true = receipt.laggards.includes(push.target - receipt.applied) &&
                         !receipt.laggards.intersects(push.applied);
    if (is_late && !push.is_late && !is_true)
        complaints_.add("receipt", name + " names others late than those who had not applied it.");
    push.is_late = is_late;
    check_disks(push, receipt.push, receipt.applied - push.applied);
    push.applied = receipt.applied;
}

void ReceiptChecker::check_disks(const Known& push, PushId id, const HostSet& hosts) {
    for (const HostId host : hosts.to_vector()) {
        const std::optional<HostIndex> index = model_.index_of(host);
        if (!index.has_value()) continue;  // another took its name
        if (const std::string flaw = flaw_of_disk(push, *index); !flaw.empty())
            complaints_.add("applied", model_.name_of(host) + " is said to have applied " +
                                           text_of(id) + " but " + flaw);
    }
}

std::string ReceiptChecker::flaw_of_disk(const Known& push, HostIndex index) const {
    const VirtualHost& host = fleet_.world().host(index);
    if (push.topic == stop_topic) {
        const auto record = host.store().find(AppliedRecord{.topic = push.topic});
        return record && record->version >= push.version ? "" : "its store does not say so.";
    }
    const auto file = host.disk().find(push.topic);
    if (file == host.disk().end() || file->second.version < push.version)
        return "its disk does not have it.";
    const bool is_of_it = file->second.version == push.version;
    if (is_of_it && file->second.is_withdrawn != push.is_withdrawal)
        return push.is_withdrawal ? "its disk still has a value." : "its disk has no value.";
    return "";
}

/// The version that a host is to have only grows.
void ReceiptChecker::check_order(const PushRecord& push, const HostSet& before) {
    std::map<HostId, std::uint64_t>& desired = desired_[push.topic];
    for (const HostId host : (push.effective - before).to_vector()) {
        std::uint64_t& newest = desired[host];
        if (push.version < newest)
            complaints_.add("receipt", model_.name_of(host) + " is to go back from version " +
                                           std::to_string(newest) + " of " + push.topic + " to " +
                                           std::to_string(push.version) + '.');
        newest = std::max(newest, push.version);
    }
}

/// Rule 9 for the manager's ledger.
void ReceiptChecker::check_limits() {
    std::uint64_t held = 0;
    std::map<std::string, std::set<PushId>> rules;
    for (const auto& [id, push] : pushes_) {
        if (push.topic == stop_topic) continue;
        std::set<PushId>& of_topic = rules[push.topic];
        const bool is_held = push.phase == PushPhase::in_force || push.phase == PushPhase::waiting;
        if (!is_held || push.is_withdrawal) continue;
        held += push.payload_bytes;
        of_topic.insert(push.rule);
    }
    bool is_within = held <= limits::held_bytes_max && rules.size() <= limits::topics_max;
    for (const auto& [topic, of_topic] : rules)
        is_within = is_within && of_topic.size() <= limits::rules_per_topic_max;
    if (!is_within) complaints_.add("limits", "The manager holds more pushes than it may.");
}

}  // namespace coppice
