#include "local/offers.h"

#include <algorithm>
#include <utility>

#include "runtime/command_line.h"

namespace coppice {
namespace {

bool matches(std::string_view pattern, std::string_view topic) {
    if (!pattern.ends_with('*')) return pattern == topic;
    return topic.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

void Offers::subscribe(std::uint64_t subscriber, std::vector<std::string> patterns, Instant now) {
    subscribers_.insert_or_assign(subscriber, std::move(patterns));
    distribute(now);
}

void Offers::unsubscribe(std::uint64_t subscriber, Instant now) {
    subscribers_.erase(subscriber);
    for (auto& [topic, value] : values_)
        if (value.holder == subscriber) value.holder.reset();
    distribute(now);
}

bool Offers::is_subscribed(std::uint64_t subscriber, const std::string& topic) const {
    const auto found = subscribers_.find(subscriber);
    return found != subscribers_.end() &&
           std::any_of(found->second.begin(), found->second.end(),
                       [&](const std::string& pattern) { return matches(pattern, topic); });
}

bool Offers::waits_for_subscriber(const std::string& topic) const {
    return std::any_of(config_.subscriber_only.begin(), config_.subscriber_only.end(),
                       [&](const std::string& prefix) { return topic.starts_with(prefix); });
}

bool Offers::is_busy(std::uint64_t subscriber) const {
    return std::any_of(values_.begin(), values_.end(),
                       [&](const auto& entry) { return entry.second.holder == subscriber; });
}

bool Offers::take(const Apply& apply, Instant now) {
    const bool has_subscriber =
        std::any_of(subscribers_.begin(), subscribers_.end(),
                    [&](const auto& entry) { return is_subscribed(entry.first, apply.topic); });
    if (!has_subscriber && !waits_for_subscriber(apply.topic)) return false;
    values_.insert_or_assign(apply.topic, Value{.apply = apply, .holder = std::nullopt});
    distribute(now);
    return true;
}

void Offers::distribute(Instant now) {
    for (auto& [topic, value] : values_)
        if (!value.holder) offer(value, now);
}

void Offers::offer(Value& value, Instant now) {
    bool has_subscriber = false;
    for (const auto& [subscriber, patterns] : subscribers_) {
        if (!is_subscribed(subscriber, value.apply.topic)) continue;
        has_subscriber = true;
        if (is_busy(subscriber)) continue;
        value.holder = subscriber;
        if (!std::exchange(value.was_offered, true)) value.deadline = now + config_.limit;
        return effects_.offer(subscriber, value.apply);
    }
    if (!has_subscriber) value.deadline = std::min(value.deadline, now + config_.limit);
}

bool Offers::answer(const std::string& topic, std::uint64_t version,
                    const std::optional<std::string>& refusal, Instant now) {
    const auto found = values_.find(topic);
    const bool is_on_offer =
        found != values_.end() && found->second.holder && found->second.apply.version == version;
    if (!is_on_offer) return false;
    const Apply apply = std::move(found->second.apply);
    values_.erase(found);
    if (refusal)
        effects_.refuse(apply.push, *refusal);
    else
        effects_.keep(apply);
    distribute(now);
    return true;
}

void Offers::expire(Instant now) {
    if (now < next_deadline()) return;
    std::vector<Value> over;
    for (const auto& [topic, value] : values_)
        if (value.deadline <= now) over.push_back(value);
    for (const Value& value : over) {
        values_.erase(value.apply.topic);
        if (value.holder) effects_.withdraw(*value.holder, value.apply);
        effects_.refuse(
            value.apply.push,
            value.holder
                ? "no answer of the subscribed daemon in " + duration_text(config_.limit)
                : "no daemon subscribed to the topic within " + duration_text(config_.limit));
    }
    distribute(now);
}

Instant Offers::next_deadline() const {
    Instant next = never;
    for (const auto& [topic, value] : values_) next = std::min(next, value.deadline);
    return next;
}

}  // namespace coppice
