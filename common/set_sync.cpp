#include "common/set_sync.h"

#include <utility>

#include "common/limits.h"

namespace coppice {

const HostSet& find_or_empty(const NamedSets& sets, const SetKey& key) {
    static const HostSet empty;
    const auto found = sets.find(key);
    return found == sets.end() ? empty : found->second;
}

void store(NamedSets& sets, const SetKey& key, HostSet content) {
    if (content.empty()) {
        sets.erase(key);
    } else {
        sets.insert_or_assign(key, std::move(content));
    }
}

template <class Visit>
void SetSender::for_each_open(const NamedSets& current, Visit visit) const {
    for (const auto& [key, content] : current)
        if (!content.empty() && !entries_.contains(key)) visit(key, content);
    for (const auto& [key, entry] : entries_) {
        const HostSet& content = find_or_empty(current, key);
        if (entry.is_unsure || entry.under_way || content != entry.acked) visit(key, content);
    }
}

std::vector<SetReport> SetSender::reports(const NamedSets& current, bool is_hint) {
    std::map<SetKey, HostSet> open;
    for_each_open(current, [&](const SetKey& key, const HostSet& now) { open.emplace(key, now); });
    std::vector<SetReport> reports;
    for (auto& [key, now] : open) {
        Entry& entry = entries_[key];
        if (entry.under_way && (is_hint || !std::exchange(entry.has_waited, true))) continue;
        reports.push_back({.key = key,
                           .base_digest = entry.acked.digest(),
                           .digest = now.digest(),
                           .added = now - entry.acked,
                           .removed = entry.acked - now});
        entry.under_way = std::move(now);
        entry.has_waited = !is_hint;
        ++entry.reports;
    }
    return reports;
}

bool SetSender::has_news(const NamedSets& current) const {
    bool has_news = false;
    for_each_open(current, [&](const SetKey& key, const HostSet& content) {
        const auto entry = entries_.find(key);
        if (entry == entries_.end()) {
            has_news = true;
        } else if (!entry->second.under_way) {
            const bool has_grown = !entry->second.acked.includes(content);
            has_news = has_news || has_grown || key.kind == SetKind::members;
        }
    });
    return has_news;
}

bool SetSender::has_open(const NamedSets& current) const {
    bool has_open = false;
    for_each_open(current, [&](const SetKey&, const HostSet&) { has_open = true; });
    return has_open;
}

void SetSender::on_ack(const SetAck& ack) {
    const auto found = entries_.find(ack.key);
    if (found == entries_.end()) return;  // never sent on this link
    Entry& entry = found->second;
    if (entry.under_way && entry.under_way->digest() == ack.digest) {
        entry.acked = *entry.under_way;
        entry.is_unsure = false;
        // With several reports under way the parent may yet obey another one: the next beat asks
        // again.
        if (std::exchange(entry.reports, 0) == 1) entry.under_way.reset();
        if (entry.acked.empty() && !entry.under_way) entries_.erase(found);
    } else if (entry.is_unsure || entry.acked.digest() != ack.digest) {
        entry.acked.clear();
        entry.is_unsure = true;
    }
}

void SetSender::reset() { entries_.clear(); }

SetEffect SetReceiver::on_report(const SetReport& report) {
    const HostSet& held = set(report.key);
    if (held.empty() && sets_.size() >= limits::sets_per_heartbeat_max) return SetEffect::none;
    SetEffect effect = SetEffect::none;
    if (report.base_digest == 0) {
        effect = report.added.includes(held) ? SetEffect::grown : SetEffect::replaced;
        store(sets_, report.key, report.added);
    } else if (report.base_digest == held.digest()) {
        effect = report.removed.empty() ? SetEffect::grown : SetEffect::replaced;
        store(sets_, report.key, (held - report.removed) | report.added);
    }
    return effect;
}

const HostSet& SetReceiver::set(const SetKey& key) const { return find_or_empty(sets_, key); }

}  // namespace coppice
