// Which rule a host is under, and what follows when that changes.

#include <algorithm>
#include <utility>

#include "common/limits.h"
#include "manager/push_ledger.h"

namespace coppice {
namespace {

bool is_kept(const PushRecord& push) { return !push.content.content.empty(); }

bool matches(const std::optional<Selector>& selector, const Subject& host) {
    return selector && selector->matches(host.name, host.labels);
}

Problem conflict(std::string detail) { return {Problem::Kind::conflict, std::move(detail)}; }

}  // namespace

// --- the end of rules ---------------------------------------------------------------------------

void PushLedger::shrink(Entry& entry, const HostSet& hosts) {
    if (!entry.push.effective.intersects(hosts)) return;
    change(entry, [&hosts](PushRecord& push) { push.effective -= hosts; });
    changes_.wanted.insert(entry.push.push);
    if (!entry.push.effective.empty()) return;
    Topic& topic = topics_.at(entry.push.topic);
    const Rule* rule = topic.rules.find(entry.push.rule);
    if (rule == nullptr || rule->pushes.back() != entry.push.push) leave_force(topic, entry);
}

/// Nobody is to have it. What it brought itself may be brought back.
void PushLedger::leave_force(Topic& topic, Entry& entry) {
    topic.withdrawals.erase(entry.push.push);
    if (Rule* rule = topic.rules.find(entry.push.rule)) std::erase(rule->pushes, entry.push.push);
    change(entry, [](PushRecord& push) {
        push.phase = PushPhase::former;
        if (push.is_withdrawal || push.reissue_of != PushId{}) push.content = {};
    });
}

void PushLedger::retire(Topic& topic, PushId id) {
    for (const PushId push : std::vector{topic.rules.find(id)->pushes}) {
        Entry& entry = entries_.at(push);
        change(entry, [](PushRecord& record) { record.effective.clear(); });
        changes_.wanted.insert(push);
        leave_force(topic, entry);
    }
    topic.rules.erase(id);
    topic.owed.erase(id);
    trim(topic);
}

void PushLedger::trim(const Topic& topic) {
    std::vector<PushId> former;  // oldest first
    for (const PushId push : topic.pushes) {
        const PushRecord& record = entries_.at(push).push;
        if (record.phase == PushPhase::former && is_kept(record)) former.push_back(push);
    }
    std::size_t kept = former.size();
    for (const PushId push : former) {
        if (kept <= limits::former_versions_max && former_bytes_ <= limits::former_bytes_max)
            return;
        change(entries_.at(push), [](PushRecord& record) { record.content = {}; });
        --kept;
    }
}

void PushLedger::cancel(Topic& topic, Entry& entry) {
    topic.waiting.erase(entry.push.push);
    ripening_.erase({entry.push.not_before, entry.push.push});
    change(entry, [](PushRecord& push) {
        push.phase = PushPhase::cancelled;
        push.target.clear();
        push.content = {};
    });
}

std::optional<Problem> PushLedger::remove_rule(PushId push, const Registry& registry) {
    const auto found = entries_.find(push);
    if (found == entries_.end())
        return Problem{Problem::Kind::not_found, "there is no push " + std::to_string(push.value) +
                                                     "; `coppice pushes` lists them"};
    const PushRecord& record = found->second.push;
    Topic& topic = topics_.at(record.topic);
    if (record.phase == PushPhase::waiting) {
        cancel(topic, found->second);
        return std::nullopt;
    }
    const Rule* rule = topic.rules.find(record.rule);
    if (rule == nullptr)
        return conflict("push " + std::to_string(push.value) +
                        " carries no rule that is in force; `coppice rules " + record.topic +
                        "` lists those that are");
    HostSet hosts = hosts_of(*rule);
    if (const auto owed = topic.owed.find(rule->id); owed != topic.owed.end())
        hosts |= owed->second;
    const std::string selector = rule->text;
    retire(topic, rule->id);
    topic.orphans = topic.rules.orphans_of(selector);
    for (const HostId id : hosts.to_vector()) {
        const HostRecord* host = registry.find(id);
        // Who has left gets what is right when it comes back.
        if (host != nullptr && host->state != HostState::left)
            settle(topic, {id, host->name, host->labels}, false);
    }
    return std::nullopt;
}

std::variant<Problem, Owed> PushLedger::revert(const RevertCommand& command) const {
    const auto found = topics_.find(command.topic);
    if (found == topics_.end() || found->second.rules.all().empty())
        return Problem{Problem::Kind::not_found,
                       "the topic '" + command.topic + "' has no rule that is in force"};
    const Topic& topic = found->second;
    const Rule* rule = &topic.rules.all().back();
    const bool is_former = command.version == 0;
    const PushRecord* source =
        is_former ? version_before(topic, *rule) : kept_version(topic, command.version);
    if (source == nullptr && is_former)
        return conflict("nothing is kept that the newest rule, '" + rule->text +
                        "', had before; name a version that `coppice topic " + command.topic +
                        "` lists, or remove the rule (`coppice rule remove " +
                        std::to_string(rule->id.value) + "`) to reveal an older one");
    if (source == nullptr)
        return conflict("no payload of version " + std::to_string(command.version) + " of topic '" +
                        command.topic + "' is kept; the newest former ones are");
    rule = topic.rules.find_text(source->selector);
    if (rule == nullptr)
        return conflict("the rule of that version, '" + source->selector +
                        "', is not in force; push the value again");
    if (origin_of(rule->pushes.back()) == source->push)
        return conflict("that is what the rule '" + rule->text + "' has now");
    if (hosts_of(*rule).empty()) return conflict("no host is under the rule '" + rule->text + "'");
    return Owed{.topic = command.topic,
                .rule = rule->id,
                .source = source->push,
                .selector = topic.rules.precise(*rule),
                .hosts = hosts_of(*rule)};
}

const PushRecord* PushLedger::version_before(const Topic& topic, const Rule& rule) const {
    const std::uint64_t current = entries_.at(origin_of(rule.pushes.back())).push.version;
    for (auto push = topic.pushes.rbegin(); push != topic.pushes.rend(); ++push) {
        const PushRecord& record = entries_.at(*push).push;
        if (record.version < current && record.selector == rule.text && is_kept(record) &&
            record.reissue_of == PushId{} && !record.is_withdrawal)
            return &record;
    }
    return nullptr;
}

const PushRecord* PushLedger::kept_version(const Topic& topic, std::uint64_t version) const {
    for (const PushId push : topic.pushes) {
        if (entries_.at(push).push.version != version) continue;
        const PushRecord& origin = entries_.at(origin_of(push)).push;
        return is_kept(origin) && !origin.is_withdrawal ? &origin : nullptr;
    }
    return nullptr;
}

PushId PushLedger::origin_of(PushId push) const {
    const PushId origin = entries_.at(push).push.reissue_of;
    return origin == PushId{} ? push : origin;
}

// --- hosts --------------------------------------------------------------------------------------

void PushLedger::on_host(HostId host, std::string_view name, const Labels& labels) {
    for (auto& [topic_name, topic] : topics_) settle(topic, {host, name, labels}, true);
}

/// The host comes under the rule that wins for it. When it may have been given a newer version than
/// the rule has, or `may_join` is false, it is owed a push of its own.
void PushLedger::settle(Topic& topic, const Subject& host, bool may_join) {
    for (auto& [rule, owed] : topic.owed) owed.erase(host.id);
    const Entry* last = newest_naming(topic, host.id);
    const Rule* rule = topic.rules.winner(host);
    const bool has_last = last != nullptr && last->push.effective.contains(host.id) &&
                          matches(last->signed_for, host);
    if (rule == nullptr) {
        const bool is_without =
            last == nullptr ||
            (last->push.is_withdrawal && (last->push.phase == PushPhase::former || has_last));
        if (is_without) return;
        topic.owed[PushId{}].insert(host.id);
        is_owing_ = true;
        return;
    }
    if (has_last && last->push.rule == rule->id) return;
    Entry& newest = entries_.at(rule->pushes.back());
    const bool is_behind = last == nullptr || last->push.version < newest.push.version;
    if (may_join && is_behind && matches(newest.signed_for, host))
        return join(topic, newest, host.id);
    topic.owed[rule->id].insert(host.id);
    is_owing_ = true;
}

void PushLedger::join(Topic& topic, Entry& entry, HostId host) {
    take_from_others(topic, HostSet{host});
    change(entry, [host](PushRecord& push) {
        push.effective.insert(host);
        if (!push.target.contains(host)) push.late_joiners.insert(host);
    });
    topic.named.insert(host);
    changes_.wanted.insert(entry.push.push);
}

const PushLedger::Entry* PushLedger::newest_naming(const Topic& topic, HostId host) const {
    if (!topic.named.contains(host)) return nullptr;
    for (auto push = topic.pushes.rbegin(); push != topic.pushes.rend(); ++push) {
        const Entry& entry = entries_.at(*push);
        if (entry.push.target.contains(host) || entry.push.late_joiners.contains(host))
            return &entry;
    }
    return nullptr;
}

void PushLedger::forget(HostId host) {
    for (auto& [name, topic] : topics_) take_from_others(topic, HostSet{host});
}

std::vector<Owed> PushLedger::take_owed() {
    std::vector<Owed> all;
    if (!std::exchange(is_owing_, false)) return all;
    for (auto& [name, topic] : topics_) {
        const std::map<PushId, HostSet> owed_by_rule = std::exchange(topic.owed, {});
        HostSet owed_anyway;
        for (const auto& [id, hosts] : owed_by_rule) owed_anyway |= hosts;
        for (const auto& [id, hosts] : owed_by_rule) {
            if (hosts.empty()) continue;
            const Rule* rule = topic.rules.find(id);
            Owed owed{
                .topic = name, .rule = id, .source = {}, .selector = topic.orphans, .hosts = hosts};
            if (rule != nullptr) {
                owed.source = rule->pushes.back();
                owed.selector = topic.rules.precise(*rule);
                owed.hosts |= crowded(rule->pushes) - owed_anyway;
            } else {
                owed.hosts |=
                    crowded({topic.withdrawals.begin(), topic.withdrawals.end()}) - owed_anyway;
            }
            all.push_back(std::move(owed));
        }
        topic.orphans.clear();
    }
    return all;
}

/// Of too many pushes those with the fewest hosts are joined into one.
HostSet PushLedger::crowded(std::vector<PushId> pushes) const {
    HostSet hosts;
    if (pushes.size() < limits::pushes_per_rule_max) return hosts;
    std::stable_sort(pushes.begin(), pushes.end(), [this](PushId left, PushId right) {
        return entries_.at(left).push.effective.size() < entries_.at(right).push.effective.size();
    });
    for (std::size_t at = 0; at < pushes.size() / 2; ++at)
        hosts |= entries_.at(pushes[at]).push.effective;
    return hosts;
}

HostSet PushLedger::hosts_of(const Rule& rule) const {
    HostSet hosts;
    for (const PushId push : rule.pushes) hosts |= entries_.at(push).push.effective;
    return hosts;
}

}  // namespace coppice
