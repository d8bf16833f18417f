// Receipts and events as JSON.

#include <array>
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "runtime/time_text.h"

namespace coppice {
namespace {

Json times_of(const std::vector<std::uint64_t>& applied_after_ms) {
    constexpr std::array<const char*, 5> shares{"p50", "p90", "p99", "p999", "max"};
    Json times = Json::object();
    for (std::size_t at = 0; at < shares.size() && at < applied_after_ms.size(); ++at)
        times[shares[at]] = applied_after_ms[at];
    return times;
}

/// In milliseconds, by name: held, then of each level the way to it and back, and what it kept the
/// push for; in the end what the host that answered last took.
Json stages_of(const StageTimes& times) {
    Json stages = Json::object();
    for (std::size_t at = 0; at < times.size(); ++at) {
        const std::string level = std::to_string((at + 1) / 2);
        const bool is_last = at + 1 == times.size() && at % 2 == 0;
        const std::string name = at == 0       ? "held"
                                 : at % 2 == 1 ? "way_" + level
                                 : is_last     ? "apply"
                                               : "level_" + level;
        stages[name] = static_cast<double>(times[at].count()) / 1000;
    }
    return stages;
}

const char* state_of(const ReceiptView& receipt) {
    if (receipt.phase == PushPhase::waiting) return "waiting";
    if (receipt.phase == PushPhase::cancelled) return "cancelled";
    if (receipt.complete) return "complete";
    return receipt.settled ? "settled" : "open";
}

}  // namespace

Json json_of(const ReceiptView& receipt, const NamesOf& names) {
    Json exceptions = Json::array();
    for (const auto& [reason, hosts] : receipt.exceptions)
        exceptions.push_back(
            {{"reason", reason}, {"hosts", names(hosts)}, {"count", hosts.size()}});
    Json held_back = Json::array();
    for (const auto& [reason, hosts] : receipt.held_back)
        held_back.push_back({{"reason", reason}, {"hosts", names(hosts)}, {"count", hosts.size()}});
    return {
        {"push", receipt.push.value},
        {"topic", receipt.topic},
        {"version", receipt.version},
        {"selector", receipt.selector},
        {"committed", time_text(receipt.committed)},
        {"completed_at", time_text(receipt.completed)},
        {"payload_bytes", receipt.payload_bytes},
        {"target", receipt.target},
        {"applied", receipt.applied},
        {"refused", receipt.refused},
        {"isolated", receipt.isolated},
        {"pending", receipt.pending},
        {"late_joiners", receipt.late_joiners},
        {"complete", receipt.complete},
        {"settled", receipt.settled},
        {"pending_hosts", names(receipt.pending_hosts)},
        {"isolated_hosts", names(receipt.isolated_hosts)},
        {"exceptions", std::move(exceptions)},
        {"time_ms", times_of(receipt.applied_after_ms)},
        {"stages", stages_of(receipt.stages)},
        {"state", state_of(receipt)},
        {"rule", receipt.rule.value},
        {"reissue_of", receipt.reissue_of.value},
        {"withdrawal", receipt.is_withdrawal},
        {"desired", receipt.desired},
        {"not_before", time_text(receipt.not_before)},
        {"deadline", time_text(receipt.deadline)},
        {"late", receipt.late},
        {"laggards", names(receipt.laggards)},
        {"held_back", std::move(held_back)},
    };
}

Json json_of(const RuleView& rule, const NamesOf& names) {
    return {
        {"rule", rule.rule.value},
        {"topic", rule.topic},
        {"selector", rule.selector},
        {"push", rule.push.value},
        {"version", rule.version},
        {"since", time_text(rule.since)},
        {"payload_bytes", rule.payload_bytes},
        {"hosts", names(rule.hosts)},
        {"count", rule.hosts.size()},
    };
}

Json json_of(const StopView& stop, const NamesOf& names) {
    return {
        {"push", stop.push.value},        {"selector", stop.selector},
        {"reason", stop.reason},          {"since", time_text(stop.since)},
        {"hosts", names(stop.hosts)},     {"count", stop.hosts.size()},
        {"stopped", stop.stopped.size()}, {"not_yet", names(stop.hosts - stop.stopped)},
    };
}

Json json_of(const PushPlanned& plan, const NamesOf& names) {
    HostSet fresh = plan.target;
    Json moved = Json::array();
    for (const PushPlanned::Moved& one : plan.moved) {
        fresh -= one.hosts;
        moved.push_back({{"push", one.push.value},
                         {"version", one.version},
                         {"hosts", names(one.hosts)},
                         {"count", one.hosts.size()}});
    }
    return {
        {"dry_run", true},
        {"target", plan.target.size()},
        {"hosts", names(plan.target)},
        {"moved", std::move(moved)},
        {"without_value", names(fresh)},
        {"without_value_count", fresh.size()},
    };
}

Json json_of(const EventView& view, const NamesOf& names) {
    const Event& event = view.event;
    Json evidence = Json::object();
    for (const auto& [key, value] : event.evidence) evidence[key] = value;
    return {
        {"id", event.id},
        {"revision", event.revision},
        {"time", time_text(event.time)},
        {"kind", event.kind},
        {"hosts", names(event.hosts)},
        {"count", event.hosts.size()},
        {"cause", event.cause},
        {"evidence", std::move(evidence)},
        {"cell", event.cell.value},
        {"generation", event.generation},
        {"change", view.change},
    };
}

}  // namespace coppice
