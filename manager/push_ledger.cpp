// What the ledger holds, and how pushes come into force.

#include "manager/push_ledger.h"

#include <algorithm>
#include <utility>

#include "common/ensure.h"
#include "common/limits.h"

namespace coppice {
namespace {

std::string topic_mistake(std::string_view topic) {
    const auto is_allowed = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') ||
               std::string_view{"._/-"}.find(letter) != std::string_view::npos;
    };
    if (topic.empty() || topic.size() > limits::topic_bytes_max)
        return "the topic has " + std::to_string(topic.size()) + " bytes; give 1 to " +
               std::to_string(limits::topic_bytes_max);
    const auto wrong = std::find_if_not(topic.begin(), topic.end(), is_allowed);
    if (wrong != topic.end())
        return "the topic '" + std::string{topic} +
               "' has a character that is not allowed at position " +
               std::to_string(wrong - topic.begin() + 1) +
               "; use letters, digits, '.', '_', '/' and '-'";
    if (topic.find("..") != std::string_view::npos || topic.front() == '/' || topic.back() == '/')
        return "the topic '" + std::string{topic} +
               "' must not contain '..' nor begin or end with '/'";
    return {};
}

bool is_kept(const PushRecord& push) { return !push.content.content.empty(); }

}  // namespace

// --- what there is ------------------------------------------------------------------------------

void PushLedger::load(PushRecord push) {
    if (push.rule == PushId{} && !push.is_withdrawal) {  // of a release that had no rules
        push.rule = push.push;
        push.offered = push.committed;
        if (push.effective.empty()) push.phase = PushPhase::former;
    }
    const PushId id = push.push;
    Entry& entry = entries_[id];
    entry.push = std::move(push);
    entry.receipt.push = id;
    index(entry);
}

void PushLedger::load(ReceiptRecord receipt) {
    Entry& entry = entries_[receipt.push];
    if (receipt.completed != UnixMillis{} || receipt.late != UnixMillis{})
        deadlines_.erase({entry.push.deadline, receipt.push});
    entry.receipt = std::move(receipt);
}

void PushLedger::index(Entry& entry) {
    const PushRecord& push = entry.push;
    Topic& topic = topics_[push.topic];
    weigh(entry);
    if (push.phase == PushPhase::cancelled) return;
    if (push.phase == PushPhase::waiting) {
        topic.waiting.insert(push.push);
        ripening_.emplace(push.not_before, push.push);
        return;
    }
    Result<Selector> selector =
        Selector::parse(push.signed_selector.empty() ? push.selector : push.signed_selector);
    entry.signed_for.reset();
    if (selector.ok()) entry.signed_for = std::move(*selector);
    const auto is_older = [this](PushId older, std::uint64_t version) {
        return entries_.at(older).push.version < version;
    };
    topic.pushes.insert(
        std::lower_bound(topic.pushes.begin(), topic.pushes.end(), push.version, is_older),
        push.push);
    topic.named |= push.target;
    topic.named |= push.late_joiners;
    if (push.deadline != UnixMillis{}) deadlines_.emplace(push.deadline, push.push);
    if (push.phase == PushPhase::in_force) index_carrier(topic, push);
}

void PushLedger::index_carrier(Topic& topic, const PushRecord& push) {
    if (push.is_withdrawal) {
        topic.withdrawals.insert(push.push);
        return;
    }
    Rule& rule = topic.rules.open(push.rule, entries_.at(push.rule).push.version, push.selector);
    const auto is_older = [this](PushId older, std::uint64_t version) {
        return entries_.at(older).push.version < version;
    };
    rule.pushes.insert(
        std::lower_bound(rule.pushes.begin(), rule.pushes.end(), push.version, is_older),
        push.push);
}

void PushLedger::weigh(const Entry& entry) {
    if (!is_kept(entry.push)) return;
    (entry.push.phase == PushPhase::former ? former_bytes_ : held_bytes_) +=
        entry.push.payload_bytes;
}

void PushLedger::unweigh(const Entry& entry) {
    if (!is_kept(entry.push)) return;
    (entry.push.phase == PushPhase::former ? former_bytes_ : held_bytes_) -=
        entry.push.payload_bytes;
}

// --- new pushes ---------------------------------------------------------------------------------

std::optional<Problem> PushLedger::objection(const PushCommand& command) const {
    // People must be able to stop whatever else there is.
    const bool is_stop = command.topic == stop_topic;
    if (std::string mistake = topic_mistake(command.topic); !is_stop && !mistake.empty())
        return Problem{Problem::Kind::bad_request, std::move(mistake)};
    if (command.payload.size() > limits::payload_bytes_max)
        return Problem{Problem::Kind::too_large, "the payload has " +
                                                     std::to_string(command.payload.size()) +
                                                     " bytes; a push takes at most " +
                                                     std::to_string(limits::payload_bytes_max)};
    if (const Result<Selector> selector = Selector::parse(command.selector); !selector.ok())
        return Problem{Problem::Kind::bad_request, selector.error().message};
    const auto topic = topics_.find(command.topic);
    if (!is_stop && topic == topics_.end() && topics_.size() >= limits::topics_max)
        return Problem{Problem::Kind::too_large,
                       "there are " + std::to_string(topics_.size()) +
                           " topics, which is all a fleet takes; use one of them"};
    if (!is_stop && held_bytes_ + command.payload.size() > limits::held_bytes_max)
        return Problem{Problem::Kind::too_large,
                       "the rules in force hold " + std::to_string(held_bytes_) +
                           " bytes of at most " + std::to_string(limits::held_bytes_max) +
                           "; replace large payloads by smaller ones, or remove rules"};
    return topic == topics_.end() ? std::nullopt : lack_of_room(topic->second, command);
}

std::optional<Problem> PushLedger::lack_of_room(const Topic& topic,
                                                const PushCommand& command) const {
    const std::vector<Rule>& rules = topic.rules.all();
    const std::size_t count = rules.size() + topic.waiting.size();
    const bool has_room = count < limits::rules_per_topic_max ||
                          topic.rules.find_text(command.selector) != nullptr ||
                          std::any_of(rules.begin(), rules.end(),
                                      [this](const Rule& rule) { return hosts_of(rule).empty(); });
    if (has_room) return std::nullopt;
    return Problem{Problem::Kind::too_large,
                   "topic '" + command.topic + "' has " + std::to_string(count) +
                       " rules, which is all it takes; push one version to all of their hosts, or "
                       "remove rules (`coppice rules " +
                       command.topic + "` lists them)"};
}

std::uint64_t PushLedger::next_version(std::string_view topic) const {
    const auto found = topics_.find(topic);
    return found == topics_.end() || found->second.pushes.empty()
               ? 1
               : entries_.at(found->second.pushes.back()).push.version + 1;
}

void PushLedger::commit(PushRecord push) {
    const PushId id = push.push;
    const bool has_waited = entries_.contains(id);
    COPPICE_ENSURE(has_waited || entries_.empty() || entries_.rbegin()->first < id,
                   "push ids grow");
    Entry& entry = entries_[id];
    if (has_waited) {
        unweigh(entry);
        topics_.at(push.topic).waiting.erase(id);
    }
    entry.push = std::move(push);
    entry.receipt.push = id;
    changes_.pushes.insert(id);
    if (entry.push.phase == PushPhase::waiting) return index(entry);
    come_into_force(entry);
}

void PushLedger::come_into_force(Entry& entry) {
    const PushRecord& push = entry.push;
    Topic& topic = topics_[push.topic];
    if (push.rule == push.push) {
        while (const Rule* same = topic.rules.find_text(push.selector)) retire(topic, same->id);
        make_room(topic);
    }
    take_from_others(topic, push.target);
    index(entry);
    changes_.begun.insert(push.push);
    changes_.wanted.insert(push.push);
    if (const Rule* rule = topic.rules.find(push.rule))
        for (const PushId other : std::vector{rule->pushes})
            if (other != push.push && entries_.at(other).push.effective.empty())
                leave_force(topic, entries_.at(other));
    trim(topic);
    if (push.target.empty()) stamp_progress(entry, push.offered);
}

/// For one more rule: the oldest that nobody is under goes.
void PushLedger::make_room(Topic& topic) {
    const std::vector<Rule>& rules = topic.rules.all();
    if (rules.size() + topic.waiting.size() < limits::rules_per_topic_max) return;
    const auto idle = std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) {
        return hosts_of(rule).empty() && !topic.owed.contains(rule.id);
    });
    if (idle != rules.end()) retire(topic, idle->id);
}

void PushLedger::take_from_others(Topic& topic, const HostSet& hosts) {
    for (const PushId other : in_force(topic)) shrink(entries_.at(other), hosts);
    for (auto& [rule, owed] : topic.owed) owed -= hosts;
}

PushPlanned PushLedger::plan(std::string_view topic, const HostSet& target) const {
    PushPlanned plan{.target = target, .moved = {}};
    const auto found = topics_.find(topic);
    if (found == topics_.end()) return plan;
    const std::vector<PushId>& pushes = found->second.pushes;
    for (auto push = pushes.rbegin(); push != pushes.rend(); ++push) {
        const PushRecord& record = entries_.at(*push).push;
        HostSet hosts = record.effective & target;
        if (!hosts.empty() && !record.is_withdrawal)
            plan.moved.push_back({*push, record.version, std::move(hosts)});
    }
    return plan;
}

// --- time ---------------------------------------------------------------------------------------

std::optional<UnixMillis> PushLedger::next_due() const {
    std::optional<UnixMillis> due;
    if (!ripening_.empty()) due = ripening_.begin()->first;
    if (!deadlines_.empty())
        due = std::min(due.value_or(UnixMillis::max()), deadlines_.begin()->first);
    return due;
}

std::vector<PushId> PushLedger::take_ripe(UnixMillis now) {
    std::vector<PushId> ripe;
    while (!ripening_.empty() && ripening_.begin()->first <= now) {
        ripe.push_back(ripening_.begin()->second);
        ripening_.erase(ripening_.begin());
    }
    return ripe;
}

// --- looking ------------------------------------------------------------------------------------

const PushRecord* PushLedger::find(PushId push) const {
    const auto found = entries_.find(push);
    return found == entries_.end() ? nullptr : &found->second.push;
}

const ReceiptRecord* PushLedger::find_receipt(PushId push) const {
    const auto found = entries_.find(push);
    return found == entries_.end() ? nullptr : &found->second.receipt;
}

std::vector<PushId> PushLedger::in_force(const Topic& topic) const {
    std::vector<PushId> pushes{topic.withdrawals.begin(), topic.withdrawals.end()};
    for (const Rule& rule : topic.rules.all())
        pushes.insert(pushes.end(), rule.pushes.begin(), rule.pushes.end());
    return pushes;
}

std::vector<PushId> PushLedger::all() const {
    std::vector<PushId> all;
    all.reserve(entries_.size());
    for (const auto& [id, entry] : entries_) all.push_back(id);
    return all;
}

std::vector<PushId> PushLedger::active() const {
    std::vector<PushId> active;
    for (const auto& [id, entry] : entries_)
        if (!entry.push.effective.empty()) active.push_back(id);
    return active;
}

}  // namespace coppice
