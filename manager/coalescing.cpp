#include "manager/coalescing.h"

#include <algorithm>

namespace coppice {

void Coalescing::begin(const std::string& name, PushId push, Instant now) {
    const auto [entry, is_first] = topics_.try_emplace(name);
    Topic& topic = entry->second;
    const bool is_at_once =
        topic.due <= now || (topic.held.empty() && (is_first || now - topic.changed >= quiet));
    if (topic.held.empty()) topic.held_since = now;
    topic.held.insert(push);
    topic.changed = now;
    topic.due = is_at_once ? now : std::min(now + quiet, topic.held_since + longest);
}

void Coalescing::follow(const std::string& name, PushId push, Instant now) {
    const auto [entry, is_first] = topics_.try_emplace(name);
    Topic& topic = entry->second;
    if (topic.held.empty()) {
        topic.held_since = now;
        topic.due = now;
        if (is_first) topic.changed = now - quiet;
    }
    topic.held.insert(push);
}

std::vector<PushId> Coalescing::take_due(Instant now) {
    std::vector<PushId> due;
    for (auto& [name, topic] : topics_) {
        if (topic.due > now) continue;
        due.insert(due.end(), topic.held.begin(), topic.held.end());
        topic.held.clear();
        topic.due = never;
    }
    std::erase_if(topics_, [now](const auto& entry) {
        return entry.second.held.empty() && now - entry.second.changed >= quiet;
    });
    std::sort(due.begin(), due.end());
    return due;
}

Instant Coalescing::next_deadline() const {
    Instant next = never;
    for (const auto& [name, topic] : topics_) next = std::min(next, topic.due);
    return next;
}

}  // namespace coppice
