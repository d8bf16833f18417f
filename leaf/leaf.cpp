#include "leaf/leaf.h"

#include <algorithm>
#include <utility>

#include "common/limits.h"
#include "common/selector.h"

namespace coppice {

Leaf::Leaf(const Notary& notary, const std::vector<Record>& records,
           const std::vector<AppliedRecord>& found)
    : notary_{notary} {
    for (const Record& record : records)
        if (const auto* applied = std::get_if<AppliedRecord>(&record))
            applied_.insert_or_assign(applied->topic, *applied);
    for (const AppliedRecord& applied : found) {
        const auto known = applied_.find(applied.topic);
        if (known != applied_.end() && known->second.version >= applied.version) continue;
        applied_.insert_or_assign(applied.topic, applied);
        to_note_.push_back(applied);
    }
    applied_count_ = applied_.size();
}

void Leaf::set_identity(HostId self, std::string fleet, std::string name, Labels labels) {
    const bool is_renamed = name != name_ || labels != labels_;
    fleet_ = std::move(fleet);
    name_ = std::move(name);
    labels_ = std::move(labels);
    if (self == self_) {
        if (is_renamed) forget_refusals();
        return;
    }
    self_ = self;
    sets_.clear();
    topic_of_.clear();
    store(sets_, members_key, {self_});
    changed_.push_back(members_key);
    for (const auto& [topic, applied] : applied_) {
        topic_of_.emplace(applied.push, topic);
        answer(SetKind::applied, applied.push, {});
    }
}

void Leaf::consider(const std::map<PushId, HeldPush>& held, Outputs& out) {
    for (AppliedRecord& record : std::exchange(to_note_, {}))
        out.writes.emplace_back(Put{std::move(record)});
    if (self_ == HostId{}) return;
    consider_some(held, true, out);  // the stop switch first
    consider_some(held, false, out);
}

void Leaf::consider_some(const std::map<PushId, HeldPush>& held, bool is_switch, Outputs& out) {
    // Newest first, so that a backlog of one topic costs one apply.
    for (auto push = held.rbegin(); push != held.rend(); ++push) {
        const auto& [id, content] = *push;
        if (content.target.contains(self_) && !has_answered(id) &&
            (content.topic == stop_topic) == is_switch)
            start(id, content, out);
    }
}

bool Leaf::is_stopped() const {
    const auto stop = applied_.find(std::string{stop_topic});
    return stop != applied_.end() && !stop->second.is_withdrawn;
}

void Leaf::start(PushId push, const HeldPush& held, Outputs& out) {
    const auto applied = applied_.find(held.topic);
    if (applied != applied_.end() && applied->second.version >= held.version) {
        topic_of_.emplace(push, held.topic);
        return answer(SetKind::applied, push, {});
    }
    if (under_way_.contains(held.topic) || (held.topic != stop_topic && is_stopped())) return;
    const Result<Statement> opened = notary_.open(*held.content);
    const auto* content = opened.ok() ? std::get_if<PushContent>(&opened.value()) : nullptr;
    const std::string reason =
        content == nullptr ? "the signature is not this fleet's" : objection(*content, push, held);
    if (!reason.empty()) {
        topic_of_.emplace(push, held.topic);
        return answer(SetKind::refused, push, reason);
    }
    if (held.topic == stop_topic)
        return finish(held.topic, {push, held.version, content->is_withdrawal}, out);
    under_way_.insert_or_assign(held.topic, UnderWay{push, held.version, content->is_withdrawal});
    out.applies.push_back({.push = push,
                           .topic = held.topic,
                           .version = held.version,
                           .content = std::make_shared<const PushContent>(*content)});
}

std::string Leaf::objection(const PushContent& content, PushId push, const HeldPush& held) const {
    const bool is_same = content.fleet == fleet_ && content.push == push &&
                         content.topic == held.topic && content.version == held.version;
    if (!is_same) return "the signed content is of another push";
    const Result<Selector> selector = Selector::parse(content.selector);
    if (!selector.ok()) return "the selector cannot be read here: " + selector.error().message;
    if (!selector->matches(name_, labels_)) return "the signed selector does not name this host";
    return {};
}

void Leaf::on_apply_finished(const ApplyFinished& finished, Outputs& out) {
    const auto entry = std::find_if(under_way_.begin(), under_way_.end(), [&](const auto& one) {
        return one.second.push == finished.push;
    });
    if (entry == under_way_.end()) return;
    const std::string topic = entry->first;
    const UnderWay done = entry->second;
    under_way_.erase(entry);
    if (finished.refusal) {
        topic_of_.emplace(done.push, topic);
        return answer(SetKind::refused, done.push, *finished.refusal);
    }
    finish(topic, done, out);
}

void Leaf::finish(const std::string& topic, const UnderWay& done, Outputs& out) {
    forget_topic(topic);
    topic_of_.emplace(done.push, topic);
    const AppliedRecord record{.topic = topic,
                               .version = done.version,
                               .push = done.push,
                               .is_withdrawn = done.is_withdrawal};
    applied_.insert_or_assign(topic, record);
    ++applied_count_;
    out.writes.emplace_back(Put{record});
    answer(SetKind::applied, done.push, {});
}

void Leaf::answer(SetKind kind, PushId push, std::string reason) {
    reason.resize(std::min(reason.size(), limits::refusal_reason_bytes_max));
    const SetKey key{.kind = kind, .push = push, .reason = std::move(reason)};
    store(sets_, key, {self_});
    changed_.push_back(key);
}

void Leaf::forget_refusals() {
    std::erase_if(sets_, [&](const auto& entry) {
        if (entry.first.kind != SetKind::refused) return false;
        topic_of_.erase(entry.first.push);
        changed_.push_back(entry.first);
        return true;
    });
}

void Leaf::forget_topic(const std::string& topic) {
    std::erase_if(sets_, [&](const auto& entry) {
        const auto known = topic_of_.find(entry.first.push);
        const bool is_old = known != topic_of_.end() && known->second == topic;
        if (is_old) changed_.push_back(entry.first);
        return is_old;
    });
    std::erase_if(topic_of_, [&](const auto& entry) { return entry.second == topic; });
}

}  // namespace coppice
