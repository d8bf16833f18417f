#include "common/relay.h"

#include <algorithm>
#include <utility>

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

void Relay::on_push(const PushDown& push, Instant now) {
    if (push.target.empty()) return drop(push.push);
    const auto [entry, is_new] = held_.try_emplace(push.push);
    HeldPush& held = entry->second;
    if (is_new) held.received = now;
    held.topic = push.topic;
    held.version = push.version;
    held.target = push.target;
    if (push.content != nullptr) held.content = push.content;
    if (held.content == nullptr) return drop(push.push);  // the parent finds it missing in the list
    new_.insert(push.push);
    maybe_answered_.insert(push.push);
}

void Relay::drop(PushId push) {
    held_.erase(push);
    new_.erase(push);
    in_flight_.drop(push);
    has_dropped_ = true;
}

// --- receipts -----------------------------------------------------------------------------------

void Relay::fold_changes(const DownlinkChanges& changes, const Downlink& links,
                         const NamedSets& own) {
    std::set<SetKey> others;
    for (const SetChange& change : changes.sets) {
        note_fold(change.key, change.has_grown_only);
        if (change.has_grown_only && !change.added.empty())
            sets_[folded_key(change.key)] |= change.added;
        if (!change.has_grown_only) others.insert(change.key);
    }
    for (const SetKey& key : others) refold(key, links, own);
    for (const HostId host : changes.gone) {
        in_flight_.forget(host);
        for (auto& [push, held] : held_) held.sent.erase(host);
    }
}

/// Receipts answer their push; hosts that leave the subtree may answer any.
void Relay::note_fold(const SetKey& key, bool has_grown_only) {
    if (key.kind != SetKind::members)
        maybe_answered_.insert(key.push);
    else if (!has_grown_only)
        may_all_be_answered_ = true;
}

/// The union over all children, which costs more than adding what one of them gained.
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

// --- delivery -----------------------------------------------------------------------------------

void Relay::deliver(Downlink& links, const std::vector<HostId>& refreshed, Instant now,
                    Outputs& out) {
    const Delivery to{links, now, out};
    finish_answered({links, refreshed, now});
    if (std::exchange(has_dropped_, false))
        for (auto& [host, child] : links.children()) withdraw_rest(child, links, out);
    deliver_new(to);
    for (const HostId host : refreshed) deliver_all(host, to);
    for (const HostId host : in_flight_.take_due(now)) deliver_all(host, to);
    while (const auto host = in_flight_.take_waiting()) deliver_all(*host, to);
}

void Relay::finish_answered(const Answering& by) {
    const std::set<PushId> candidates = std::exchange(maybe_answered_, {});
    const bool are_all = std::exchange(may_all_be_answered_, false);
    const HostSet& members = find_or_empty(sets_, members_key);
    std::vector<PushId> finished;
    for (const auto& [push, held] : held_)
        if ((are_all || candidates.contains(push)) &&
            answered(sets_, push).includes(held.target & members))
            finished.push_back(push);
    for (const PushId push : finished) {
        times_.set(push, times_of(push, held_.at(push), by));
        if (retention_ == Retention::until_answered) drop(push);
    }
}

/// The last answer is that of a child, or this host's own.
StageTimes Relay::times_of(PushId push, const HeldPush& held, const Answering& by) const {
    using std::chrono::duration_cast;
    using std::chrono::microseconds;
    const StageTimes* below = nullptr;
    auto last = held.sent.end();
    for (const HostId host : by.children) {
        const auto sent = held.sent.find(host);
        const Child* child = by.links.find(host);
        if (sent == held.sent.end() || child == nullptr || below != nullptr) continue;
        last = sent;
        below = child->times.find(push);
    }
    if (last == held.sent.end()) return {duration_cast<microseconds>(by.now - held.received)};
    StageTimes times{duration_cast<microseconds>(last->second - held.received),
                     duration_cast<microseconds>(by.now - last->second)};
    // A child that had it of a former parent has had it for longer than it was on this way.
    if (below == nullptr || sum_of(*below) > times.back()) return times;
    times.back() -= sum_of(*below);
    times.insert(times.end(), below->begin(), below->end());
    if (times.size() > limits::stages_max) times.resize(limits::stages_max);
    return times;
}

void Relay::deliver_new(const Delivery& to) {
    const std::set<PushId> pushes = std::exchange(new_, {});
    if (pushes.empty()) return;
    for (auto& [host, child] : to.links.children()) {
        const HostSet members = child.members();
        for (const PushId push : pushes) offer(child, push, held_.at(push).target & members, to);
    }
}

void Relay::deliver_all(HostId host, const Delivery& to) {
    Child* child = to.links.find(host);
    if (child == nullptr) return;
    withdraw_rest(*child, to.links, to.out);
    if (held_.empty()) return;
    const HostSet members = child->members();
    for (const auto& [push, held] : held_) offer(*child, push, held.target & members, to);
}

void Relay::offer(Child& child, PushId push, const HostSet& wanted, const Delivery& to) {
    const std::uint64_t digest = wanted.digest();
    const auto known = child.held.find(push);
    const bool has_content = known != child.held.end();
    HeldPush& held = held_.at(push);
    const bool has_answered = answered(child.sets.sets(), push).includes(wanted);
    if (has_answered) held.sent.erase(child.host);
    if (has_answered || (has_content && known->second == digest))
        return in_flight_.settle(child.host, push);
    const std::size_t bytes = has_content ? 0 : held.content->content.size();
    if (!in_flight_.admit({child.host, push, digest, bytes}, timing_.resend_after(), to.now))
        return;
    held.sent.try_emplace(child.host, to.now);
    to.links.send(child,
                  PushDown{.push = push,
                           .topic = held.topic,
                           .version = held.version,
                           .target = wanted,
                           .content = has_content ? nullptr : held.content},
                  to.out);
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
