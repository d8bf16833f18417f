#include "common/relay.h"

#include <algorithm>
#include <set>

#include "common/limits.h"

namespace coppice {
namespace {

const std::string other_reasons = "other";

/// Hosts that applied or refused the push, whatever the reason.
HostSet answered(const NamedSets& sets, PushId push) {
    HostSet hosts = find_or_empty(sets, {SetKind::applied, push, {}});
    for (auto refused = sets.lower_bound({SetKind::refused, push, {}});
         refused != sets.end() && refused->first.kind == SetKind::refused &&
         refused->first.push == push;
         ++refused)
        hosts |= refused->second;
    return hosts;
}

}  // namespace

void Relay::on_push(const PushDown& push) {
    next_resend_ = Instant::min();  // deliver at the next occasion
    if (push.target.empty()) {
        held_.erase(push.push);
        return;
    }
    HeldPush& held = held_[push.push];
    held.topic = push.topic;
    held.version = push.version;
    held.target = push.target;
    if (push.content != nullptr) held.content = push.content;
    if (held.content == nullptr)
        held_.erase(push.push);  // the parent finds it missing from the list
}

void Relay::fold_changes(const DownlinkChanges& changes, const Downlink& links,
                         const NamedSets& own) {
    const std::set<SetKey> keys{changes.sets.begin(), changes.sets.end()};
    for (const SetKey& key : keys) refold(key, links, own);
    for (const HostId host : changes.gone) sent_.erase(host);
}

void Relay::refold(const SetKey& key, const Downlink& links, const NamedSets& own) {
    const SetKey target = folded_key(key);
    HostSet folded;
    const auto add = [&](const NamedSets& sets) {
        if (target.reason != other_reasons) {
            folded |= find_or_empty(sets, target);
            return;
        }
        for (const auto& [one, set] : sets)
            if (one.kind == target.kind && one.push == target.push && folded_key(one) == target)
                folded |= set;
    };
    add(own);
    for (const auto& [host, child] : links.children()) {
        add(child.sets.sets());
        if (key.kind == SetKind::members) folded.insert(host);
    }
    store(sets_, target, std::move(folded));
}

/// A push that is refused for very many reasons travels with the first few of them; the rest of its
/// hosts are counted under one, so that a frame stays small whatever the hosts say.
SetKey Relay::folded_key(const SetKey& key) const {
    if (key.kind != SetKind::refused || sets_.contains(key)) return key;
    std::size_t reasons = 0;
    for (auto known = sets_.lower_bound({SetKind::refused, key.push, {}});
         known != sets_.end() && known->first.kind == SetKind::refused &&
         known->first.push == key.push;
         ++known)
        ++reasons;
    if (reasons + 1 < limits::refusal_reasons_max) return key;
    return {SetKind::refused, key.push, other_reasons};
}

std::vector<Held> Relay::held_list() const {
    std::vector<Held> list;
    list.reserve(held_.size());
    for (const auto& [push, held] : held_) list.push_back({push, held.target.digest()});
    return list;
}

void Relay::deliver(Downlink& links, const std::vector<HostId>& refreshed, Instant now,
                    Outputs& out) {
    const bool has_dropped = retention_ == Retention::until_answered && drop_answered();
    if (has_dropped || now >= next_resend_) {
        next_resend_ = never;
        for (auto& [host, child] : links.children()) deliver_to(child, links, now, out);
        return;
    }
    for (const HostId host : refreshed)
        if (Child* child = links.find(host)) deliver_to(*child, links, now, out);
}

bool Relay::drop_answered() {
    const HostSet& members = find_or_empty(sets_, members_key);
    return std::erase_if(held_, [&](const auto& entry) {
               return answered(sets_, entry.first).includes(entry.second.target & members);
           }) > 0;
}

void Relay::deliver_to(Child& child, Downlink& links, Instant now, Outputs& out) {
    withdraw_rest(child, links, out);
    if (held_.empty()) {
        sent_.erase(child.host);
        return;
    }
    const HostSet members = child.members();
    SentPushes& sent = sent_[child.host];
    std::erase_if(sent, [&](const auto& entry) { return !held_.contains(entry.first); });
    for (const auto& [push, held] : held_) {
        const HostSet wanted = held.target & members;
        if (answered(child.sets.sets(), push).includes(wanted)) {
            sent.erase(push);
        } else if (offer(child, push, wanted, now)) {
            const bool has_content = child.held.contains(push);
            links.send(child,
                       PushDown{.push = push,
                                .topic = held.topic,
                                .version = held.version,
                                .target = wanted,
                                .content = has_content ? nullptr : held.content},
                       out);
        }
    }
}

bool Relay::offer(Child& child, PushId push, const HostSet& wanted, Instant now) {
    SentPushes& sent = sent_[child.host];
    const std::uint64_t digest = wanted.digest();
    const auto held = child.held.find(push);
    if (held != child.held.end() && held->second == digest) {
        sent.erase(push);
        return false;
    }
    const auto before = sent.find(push);
    if (before != sent.end() && before->second.target_digest == digest &&
        now < before->second.at + timing_.resend_after()) {
        next_resend_ = std::min(next_resend_, before->second.at + timing_.resend_after());
        return false;
    }
    std::size_t unheld = held == child.held.end() ? held_.at(push).content->content.size() : 0;
    std::size_t under_way = unheld;
    for (const auto& [other, one] : sent)
        if (other != push) under_way += one.unheld_bytes;
    // A first push always goes, so that one that is larger than the allowance is not stuck.
    if (under_way > unheld && under_way > limits::unheld_bytes_max) return false;
    sent.insert_or_assign(push, Sent{digest, unheld, now});
    next_resend_ = std::min(next_resend_, now + timing_.resend_after());
    return true;
}

void Relay::withdraw_rest(Child& child, Downlink& links, Outputs& out) {
    std::vector<PushId> superfluous;
    for (const auto& [push, digest] : child.held)
        if (!held_.contains(push)) superfluous.push_back(push);
    for (const PushId push : superfluous) {
        child.held.erase(push);
        links.send(child, PushDown{.push = push, .topic = {}, .target = {}, .content = nullptr},
                   out);
    }
    if (superfluous.empty()) return;
    // A child that did not get the withdrawal finds another digest and repeats its list.
    std::vector<Held> rest;
    for (const auto& [push, digest] : child.held) rest.push_back({push, digest});
    child.held_digest = digest_of(rest);
}

}  // namespace coppice
