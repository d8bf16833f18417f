#include "common/set_sync.h"

#include <set>
#include <utility>

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

namespace {

/// Visits the keys of both maps in order, each once.
template <class Visit>
void for_each_key(const NamedSets& left, const NamedSets& right, Visit visit) {
    for (const auto& [key, set] : left) visit(key);
    for (const auto& [key, set] : right)
        if (!left.contains(key)) visit(key);
}

}  // namespace

std::vector<SetReport> SetSender::reports(const NamedSets& current, bool is_hint) {
    std::vector<SetReport> reports;
    for_each_key(current, acked_, [&](const SetKey& key) {
        if (is_hint && under_way_.contains(key)) return;
        const HostSet& now = find_or_empty(current, key);
        const HostSet& before = find_or_empty(acked_, key);
        if (now == before) return;
        reports.push_back({.key = key,
                           .base_digest = before.digest(),
                           .digest = now.digest(),
                           .added = now - before,
                           .removed = before - now});
        under_way_.insert_or_assign(key, now);
    });
    return reports;
}

bool SetSender::has_news(const NamedSets& current) const {
    bool news = false;
    for_each_key(current, acked_, [&](const SetKey& key) {
        news = news || (!under_way_.contains(key) &&
                        find_or_empty(current, key) != find_or_empty(acked_, key));
    });
    return news;
}

void SetSender::on_ack(const SetAck& ack) {
    const auto sent = under_way_.find(ack.key);
    if (sent != under_way_.end() && sent->second.digest() == ack.digest) {
        store(acked_, ack.key, std::move(sent->second));
        under_way_.erase(sent);
        return;
    }
    if (find_or_empty(acked_, ack.key).digest() != ack.digest) acked_.erase(ack.key);
    if (sent != under_way_.end()) under_way_.erase(sent);
}

void SetSender::reset() {
    acked_.clear();
    under_way_.clear();
}

SetAck SetReceiver::on_report(const SetReport& report) {
    const HostSet& held = set(report.key);
    if (report.base_digest == 0) {
        store(sets_, report.key, report.added);
    } else if (report.base_digest == held.digest()) {
        store(sets_, report.key, (held - report.removed) | report.added);
    }
    return {.key = report.key, .digest = set(report.key).digest()};
}

const HostSet& SetReceiver::set(const SetKey& key) const { return find_or_empty(sets_, key); }

}  // namespace coppice
