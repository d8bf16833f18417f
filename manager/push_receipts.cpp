// The arithmetic of receipts: unions of sets, so that no host is counted twice.

#include <algorithm>
#include <array>

#include "common/limits.h"
#include "manager/push_ledger.h"

namespace coppice {
namespace {

constexpr std::array<std::uint64_t, 5> progress_permille{500, 900, 990, 999, 1000};

HostSet refused_of(const ReceiptRecord& receipt) {
    HostSet refused;
    for (const auto& [reason, hosts] : receipt.refused) refused |= hosts;
    return refused;
}

std::uint64_t count_ms(UnixMillis from, UnixMillis to) {
    return to > from ? static_cast<std::uint64_t>((to - from).count()) : 0;
}

}  // namespace

void PushLedger::on_report(const SetKey& key, const HostSet& hosts, UnixMillis now) {
    const auto found = entries_.find(key.push);
    if (found == entries_.end() || hosts.empty()) return;
    if (key.kind == SetKind::refused) return on_refusals(found->second, key.reason, hosts);
    const std::uint64_t version = found->second.push.version;
    for (const PushId push : std::vector{topics_.at(found->second.push.topic).pushes}) {
        Entry& entry = entries_.at(push);
        if (entry.push.version > version) break;
        // A newer version counts for the older ones.
        if (entry.receipt.completed == UnixMillis{}) add_applied(entry, hosts, now);
    }
}

/// Who refuses a version gets no older one any more.
void PushLedger::on_refusals(Entry& entry, const std::string& reason, const HostSet& hosts) {
    HostSet fresh = add_refused(entry, reason, hosts);
    if (fresh.empty()) return;
    for (const PushId push : topics_.at(entry.push.topic).pushes) {
        Entry& older = entries_.at(push);
        if (older.push.version >= entry.push.version) break;
        if (older.receipt.completed == UnixMillis{})
            add_refused(older, reason, fresh - older.push.effective);
    }
    changes_.answers.push_back({entry.push.push, std::move(fresh), reason});
}

void PushLedger::add_applied(Entry& entry, const HostSet& hosts, UnixMillis now) {
    const HostSet fresh = (hosts & entry.push.target) - entry.receipt.applied;
    if (fresh.empty()) return;
    entry.receipt.applied |= fresh;
    for (auto& [reason, refused] : entry.receipt.refused) refused -= fresh;
    std::erase_if(entry.receipt.refused,
                  [](const auto& refusal) { return refusal.second.empty(); });
    if (entry.first_receipt == UnixMillis{}) entry.first_receipt = now;
    changes_.receipts.insert(entry.push.push);
    changes_.answers.push_back({entry.push.push, fresh, std::nullopt});
    stamp_progress(entry, now);
}

/// Those who had not answered before.
HostSet PushLedger::add_refused(Entry& entry, const std::string& reason, const HostSet& hosts) {
    const HostSet fresh =
        (hosts & entry.push.target) - entry.receipt.applied - refused_of(entry.receipt);
    if (fresh.empty()) return fresh;
    const bool is_full = entry.receipt.refused.size() >= limits::refusal_reasons_max;
    entry.receipt.refused[is_full && !entry.receipt.refused.contains(reason) ? "other" : reason] |=
        fresh;
    changes_.receipts.insert(entry.push.push);
    return fresh;
}

void PushLedger::stamp_progress(Entry& entry, UnixMillis now) {
    std::vector<std::uint64_t>& stamps = entry.receipt.applied_after_ms;
    const std::uint64_t target = entry.push.target.size();
    const std::uint64_t applied = entry.receipt.applied.size();
    while (stamps.size() < progress_permille.size() &&
           applied * 1000 >= target * progress_permille[stamps.size()])
        stamps.push_back(count_ms(entry.push.offered, now));
    if (applied != target || entry.receipt.completed != UnixMillis{}) return;
    entry.receipt.completed = now;
    changes_.completed.insert(entry.push.push);
    deadlines_.erase({entry.push.deadline, entry.push.push});
    // Everybody has gone without the value since: nothing is left to be said.
    const HostSet everybody = entry.push.effective;
    if (entry.push.is_withdrawal) shrink(entry, everybody);
}

void PushLedger::pass_deadlines(UnixMillis now) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        Entry& entry = entries_.at(deadlines_.begin()->second);
        deadlines_.erase(deadlines_.begin());
        entry.receipt.late = now;
        entry.receipt.laggards = entry.push.target - entry.receipt.applied;
        changes_.receipts.insert(entry.push.push);
        changes_.late.insert(entry.push.push);
    }
}

HostSet PushLedger::awaited(PushId push) const {
    const Entry& entry = entries_.at(push);
    return entry.push.effective - entry.receipt.applied - refused_of(entry.receipt);
}

HostSet PushLedger::refused(PushId push) const { return refused_of(entries_.at(push).receipt); }

ReceiptView PushLedger::view(PushId push, const HostSet& reachable, const HostSet& isolated) const {
    const Entry& entry = entries_.at(push);
    const PushRecord& record = entry.push;
    const ReceiptRecord& receipt = entry.receipt;
    ReceiptView view{.push = push,
                     .topic = record.topic,
                     .version = record.version,
                     .selector = record.selector,
                     .committed = record.committed,
                     .completed = receipt.completed,
                     .payload_bytes = record.payload_bytes,
                     .target = record.target.size(),
                     .applied = receipt.applied.size(),
                     .late_joiners = record.late_joiners.size(),
                     .complete = receipt.completed != UnixMillis{},
                     .rule = record.rule,
                     .reissue_of = record.reissue_of,
                     .phase = record.phase,
                     .is_withdrawal = record.is_withdrawal,
                     .desired = record.effective.size(),
                     .not_before = record.not_before,
                     .deadline = record.deadline,
                     .late = receipt.late != UnixMillis{},
                     .laggards = receipt.laggards,
                     .exceptions = receipt.refused,
                     .applied_after_ms = receipt.applied_after_ms};
    const HostSet refused = refused_of(receipt);
    view.refused = refused.size();
    view.pending_hosts = record.target - receipt.applied - refused;
    view.isolated_hosts = view.pending_hosts & isolated;
    view.isolated = view.isolated_hosts.size();
    view.pending_hosts -= view.isolated_hosts;
    view.pending = view.pending_hosts.size();
    const bool is_awaited = record.phase == PushPhase::waiting;
    view.settled = !is_awaited && !view.pending_hosts.intersects(reachable);
    if (entry.first_receipt != UnixMillis{})
        view.stage_ms["first_receipt"] = count_ms(record.offered, entry.first_receipt);
    if (view.complete) view.stage_ms["complete"] = count_ms(record.offered, receipt.completed);
    return view;
}

std::vector<RuleView> PushLedger::rules(std::string_view topic) const {
    std::vector<RuleView> views;
    for (const auto& [name, known] : topics_) {
        if (!topic.empty() && name != topic) continue;
        const std::vector<Rule>& rules = known.rules.all();
        for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
            const PushRecord& newest = entries_.at(rule->pushes.back()).push;
            views.push_back({.rule = rule->id,
                             .topic = name,
                             .selector = rule->text,
                             .push = newest.push,
                             .version = newest.version,
                             .since = entries_.at(rule->id).push.offered,
                             .payload_bytes = newest.payload_bytes,
                             .hosts = hosts_of(*rule)});
        }
    }
    return views;
}

HostSet PushLedger::has_applied(PushId id) const {
    HostSet applied;
    const PushRecord* push = find(id);
    const Rule* rule = push == nullptr ? nullptr : topics_.at(push->topic).rules.find(id);
    if (rule == nullptr) return applied;
    for (const PushId carrier : rule->pushes) {
        const Entry& entry = entries_.at(carrier);
        applied |= entry.receipt.applied & entry.push.effective;
    }
    return applied;
}

}  // namespace coppice
