#include "common/uplink.h"

#include <algorithm>
#include <utility>

#include "common/limits.h"
#include "common/overloaded.h"
#include "common/refusal_text.h"

namespace coppice {
namespace {

/// A step on the way to a parent, for whoever looks into a fail-over.
void tell(Outputs& out, const char* what, HostId peer, const std::string& more = {}) {
    out.notices.push_back(
        {Severity::debug, what,
         "host " + std::to_string(peer.value) + (more.empty() ? "" : ": ") + more});
}

}  // namespace

Uplink::Uplink(Timing timing, std::vector<std::string> advertised)
    : timing_{timing},
      advertised_{std::move(advertised)},
      pause_{timing.retry_min()},
      patience_of_try_{timing.join_timeout()} {}

// --- finding a parent ---------------------------------------------------------------------------

void Uplink::follow(const Order& order, Instant now, Outputs& out) {
    candidates_.clear();
    if (order.parent.host == manager_host) {
        candidates_ = order.managers;
    } else {
        candidates_.push_back(order.parent);
        candidates_.insert(candidates_.end(), order.spares.begin(), order.spares.end());
    }
    if (!order.is_placed) candidates_.clear();
    candidate_ = 0;
    see_whether_assigned();
    has_news_ = true;  // the stamp
    if (trying_) {
        out.disconnects.push_back({trying_->route});
        trying_.reset();
        must_join_anew_ = true;
    }
    // A new root may get its old parent as a child before the manager has said welcome.
    const bool is_root = order.parent.host == manager_host;
    if (parent_ && is_root && parent_->peer.host != manager_host) leave_parent(out);
    pause_ = timing_.retry_min();
    patience_until_ = now + timing_.interval * 2;
    next_try_ = wants_parent() ? now : never;
}

void Uplink::leave_parent(Outputs& out) {
    send(Leave{.is_moving = true}, out);
    out.disconnects.push_back({parent_->route});
    parent_.reset();
    judge_.reset();
    next_beat_ = never;
}

void Uplink::see_whether_assigned() {
    is_at_assigned_ =
        parent_ && !candidates_.empty() && parent_->peer.key == candidates_.front().key;
}

void Uplink::try_candidate(const Sealed& ticket, Instant now, Drawer& drawer, Outputs& out) {
    // Moving on order from a living parent: only the assigned parent will do.
    if (parent_) candidate_ = 0;
    const PeerAddress& peer = candidates_[candidate_];
    trying_ = Link{.route = drawer.route(), .id = drawer.link(), .peer = peer};
    try_until_ = now + patience_of_try_;
    out.connects.push_back({trying_->route, peer});
    tell(out, "uplink.try", peer.host,
         "candidate " + std::to_string(candidate_ + 1) + " of " +
             std::to_string(candidates_.size()) + ", connection " +
             std::to_string(trying_->route.value));
    ++attachment_.value;
    const bool is_orphan = !parent_ && lost_parent_ != HostId{};
    out.sends.push_back({trying_->route, frame_on(*trying_, Join{.attachment = attachment_,
                                                                 .order = ticket,
                                                                 .addresses = advertised_,
                                                                 .is_orphan = is_orphan,
                                                                 .was_paused = has_woken(now)})});
    mark(*trying_, now);
    next_try_ = never;
}

void Uplink::fail_try(bool same_again, Instant now, Outputs& out) {
    out.disconnects.push_back({trying_->route});
    trying_.reset();
    must_join_anew_ = true;
    if (same_again) {
        next_try_ = now + timing_.interval / 20;
        return;
    }
    ++candidate_;
    next_try_ = now;
    if (candidate_ < candidates_.size() && !parent_) return;
    candidate_ = 0;
    wants_place_ = true;
    next_try_ = now + pause_;
    pause_ = std::min(pause_ * 2, timing_.pause_max());
    if (!std::exchange(has_answer_in_round_, false))
        patience_of_try_ = std::min(patience_of_try_ * 2, timing_.join_timeout_max());
}

void Uplink::on_welcome(const Welcome& welcome, Instant now, Outputs& out) {
    if (std::find(welcome.path.begin(), welcome.path.end(), identity_.self) != welcome.path.end())
        return fail_try(false, now, out);
    if (parent_) leave_parent(out);
    parent_ = std::exchange(trying_, std::nullopt);
    tell(out, "uplink.joined", parent_->peer.host);
    restored_ = Restored::no;
    parent_->heard_at = parent_->marked_at;
    parent_->marked = 0;
    see_whether_assigned();
    must_join_anew_ = false;
    judge_.emplace(now);
    judge_->reached();
    candidate_ = 0;
    pause_ = timing_.retry_min();
    patience_of_try_ = timing_.join_timeout();
    wants_place_ = false;
    sets_.reset();
    may_have_open_sets_ = true;
    facts_sent_ = 0;
    held_known_ = 0;
    first_window_ = welcome.first_window;
    hear_root(welcome.root_age, welcome.path, now);
    cadence_ = Cadence{parent_->id.value, now, timing_.interval};
    next_beat_ = now;
    next_hint_ = now;
}

void Uplink::on_refused(const Received& received, Refusal reason, Instant now, Outputs& out) {
    if (trying_ && received.route == trying_->route) {
        tell(out, "uplink.refused", trying_->peer.host, to_text(reason));
        has_answer_in_round_ = true;
        const bool is_not_ready = reason == Refusal::not_fresh || reason == Refusal::not_a_parent;
        const bool is_assigned = candidate_ == 0;
        return fail_try(is_not_ready && is_assigned && now < patience_until_, now, out);
    }
    lose_parent(now, out, false);
}

void Uplink::lose_parent(Instant now, Outputs& out, bool is_gone) {
    out.disconnects.push_back({parent_->route});
    tell(out, "uplink.lost", parent_->peer.host, is_gone ? "it is gone" : "it says no");
    // A parent that only said no is not dead: to call it lost would accuse it before the manager.
    lost_parent_ = is_gone ? parent_->peer.host : HostId{};
    const bool is_first = is_at_assigned_;
    parent_.reset();
    judge_.reset();
    next_beat_ = never;
    if (trying_) return;
    const bool skip = is_gone && is_first && candidates_.size() > 1;
    candidate_ = skip ? 1 : 0;
    const bool is_alone = is_gone && candidates_.size() == 1;
    if (is_alone) wants_place_ = true;
    patience_until_ = now;
    next_try_ = candidates_.empty() ? never : is_alone ? now + pause_ : now;
}

void Uplink::judge_parent(Instant now, Outputs& out) {
    const Silence::Ruling ruling = judge_->rule(timing_.with_parent(), now);
    if (ruling.probe) {
        probe_.value += 2;
        out.probes.push_back({.probe = probe_,
                              .addresses = parent_->peer.addresses,
                              .time_limit = timing_.probe_timeout()});
    }
    if (ruling.verdict == Silence::Verdict::lost) lose_parent(now, out, true);
}

// --- hearing ------------------------------------------------------------------------------------

bool Uplink::owns(Route route) const {
    return (parent_ && parent_->route == route) || (trying_ && trying_->route == route);
}

Uplink::Heard Uplink::on_frame(const Received& received, FactLog& facts, Instant now,
                               Outputs& out) {
    const Header& header = received.frame.header;
    std::optional<Link>& link = trying_ && trying_->route == received.route ? trying_ : parent_;
    const bool is_ours = link && link->route == received.route && link->id == header.link &&
                         link->peer.key == received.key && link->peer.host == header.sender;
    if (!is_ours) return Heard::dropped;
    if (const auto* refused = std::get_if<Refused>(&received.frame.body)) {
        on_refused(received, refused->reason, now, out);
        return Heard::handled;
    }
    if (header.sequence <= link->sequence_in) return Heard::dropped;
    link->sequence_in = header.sequence;
    if (const auto* welcome = std::get_if<Welcome>(&received.frame.body)) {
        if (&link == &trying_) on_welcome(*welcome, now, out);
        return Heard::handled;
    }
    if (&link == &trying_) return Heard::dropped;
    const auto* answer = std::get_if<HeartbeatAnswer>(&received.frame.body);
    // A parent that hears nothing of this host is no good, however much is heard of it.
    if (answer == nullptr || !answer->wants_beat) judge_->hear(now);
    if (answer != nullptr) {
        on_answer(*answer, facts, now, out);
        return Heard::handled;
    }
    if (std::holds_alternative<Leave>(received.frame.body)) {
        lose_parent(now, out, true);
        return Heard::handled;
    }
    return Heard::for_others;
}

void Uplink::on_answer(const HeartbeatAnswer& answer, FactLog& facts, Instant now, Outputs& out) {
    facts.acknowledge(answer.facts_acked);
    for (const SetAck& ack : answer.sets) sets_.on_ack(ack);
    if (!answer.sets.empty()) has_news();  // more may have changed while they were under way
    held_known_ = answer.held_digest;
    if (restored_ == Restored::no) restored_ = Restored::answered;
    cell_ = std::max(cell_, answer.cell);
    learn_what_was_heard(answer.heard);
    hear_root(answer.root_age, answer.path, now);
    if (answer.wants_beat) next_beat_ = now;
    // Two moves at one time can close a ring, since paths are as old as a heartbeat. Whoever finds
    // itself above its own parent opens it.
    if (std::find(path_.begin(), path_.end(), identity_.self) == path_.end()) return;
    lose_parent(now, out, true);
    wants_place_ = true;
}

/// A parent of an older release says zero: then nothing is known.
void Uplink::learn_what_was_heard(std::uint32_t heard) {
    const auto ahead =
        static_cast<std::int32_t>(heard - static_cast<std::uint32_t>(parent_->marked));
    if (parent_->marked == 0 || ahead < 0) return;
    parent_->heard_at = parent_->marked_at;
    parent_->marked = 0;
}

void Uplink::hear_root(Duration root_age, const Path& path, Instant now) {
    path_ = path;
    root_heard_ = now - root_age;
}

void Uplink::on_link_dropped(Route route, Instant now) {
    if (trying_ && trying_->route == route) {
        try_until_ = now;  // nobody listens there: fail it now
        has_answer_in_round_ = true;
    } else if (parent_ && parent_->route == route) {
        judge_->drop();
    }
}

void Uplink::on_probe_finished(ProbeId probe, ProbeResult result) {
    if (judge_ && probe == probe_) judge_->on_probe(result);
}

/// Time to find out, and to walk through the candidates: what comes later has another reason.
bool Uplink::has_woken(Instant now) const {
    return woke_ && now - *woke_ < timing_.not_back_after();
}

void Uplink::forgive(Instant now) {
    woke_ = now;
    if (judge_) judge_->forgive(now);
    if (trying_) try_until_ = now + patience_of_try_;
}

// --- working ------------------------------------------------------------------------------------

void Uplink::work(const Report& report, Instant now, Drawer& drawer, Outputs& out) {
    if (trying_ && now >= try_until_) {
        tell(out, "uplink.failed", trying_->peer.host, "no answer");
        fail_try(false, now, out);
    }
    if (parent_) judge_parent(now, out);
    if (!trying_ && now >= next_try_ && wants_parent())
        try_candidate(report.ticket, now, drawer, out);
    if (!parent_) return;
    tell_restored(report, out);
    if (now >= std::min(next_beat_, ask_at())) {
        beat_ = now;
        beat(report, false, now, out);
        if (cadence_.interval() != timing_.interval)
            cadence_ = Cadence{parent_->id.value, now, timing_.interval};
        next_beat_ = cadence_.beat(cadence_.first_after(now));
        return;
    }
    if (held_hint_ <= now) {
        held_hint_ = never;
        if (digest_of(report.held) != held_known_) return beat(report, true, now, out);
    }
    if (has_news_ && now >= next_hint_) {
        const bool has_more =
            report.facts.newest_revision() > facts_sent_ || sets_.has_news(report.sets);
        if (has_more) beat(report, true, now, out);
        has_news_ = false;
    }
}

/// The parent has all that it is to know.
void Uplink::tell_restored(const Report& report, Outputs& out) {
    const bool is_so = restored_ == Restored::answered && !sets_.has_open(report.sets) &&
                       digest_of(report.held) == held_known_;
    if (!is_so) return;
    restored_ = Restored::yes;
    tell(out, "uplink.restored", parent_->peer.host);
}

Instant Uplink::ask_at() const {
    return std::max(judge_->heard() + timing_.ask_after(), beat_ + timing_.ask_gap());
}

void Uplink::beat(const Report& report, bool is_hint, Instant now, Outputs& out) {
    facts_sent_ = report.facts.newest_revision();
    FactLog::Batch facts = report.facts.oldest(limits::facts_per_heartbeat_max);
    Heartbeat heartbeat{.stamp = report.stamp,
                        .is_hint = is_hint,
                        .facts_revision = facts.revision,
                        .facts = std::move(facts.facts),
                        .sets = {},
                        .held_digest = digest_of(report.held),
                        .held = std::nullopt};
    if (may_have_open_sets_) {
        heartbeat.sets = sets_.reports(report.sets, is_hint);
        for (SetReport& set : heartbeat.sets) {
            const StageTimes* times = report.times.find(set.key.push);
            if (times != nullptr && set.key.kind == SetKind::applied) set.times = *times;
        }
        may_have_open_sets_ = sets_.has_open(report.sets);
    }
    if (heartbeat.held_digest != held_known_) heartbeat.held = report.held;
    send(std::move(heartbeat), out);
    // A hint of a child that is alone is not answered.
    if (!is_hint && parent_->marked == 0) mark(*parent_, now);
    next_hint_ = now + timing_.hint_gap();
    has_news_ = false;
    held_hint_ = never;
}

Frame Uplink::frame_on(Link& link, Message body) const {
    return {{.cell = identity_.cell,
             .sender = identity_.self,
             .incarnation = identity_.incarnation,
             .link = link.id,
             .sequence = ++link.sequence_out},
            std::move(body)};
}

void Uplink::send(Message body, Outputs& out) {
    if (parent_) out.sends.push_back({parent_->route, frame_on(*parent_, std::move(body))});
}

void Uplink::say_goodbye(Outputs& out) {
    send(Leave{.is_moving = false}, out);
    if (parent_) out.disconnects.push_back({parent_->route});
    if (trying_) {
        // Its Join may be admitted, and what is said of that is newer than the other goodbye.
        out.sends.push_back({trying_->route, frame_on(*trying_, Leave{.is_moving = false})});
        out.disconnects.push_back({trying_->route});
    }
    parent_.reset();
    trying_.reset();
    candidates_.clear();
}

Instant Uplink::next_deadline() const {
    Instant earliest = wants_parent() && !trying_ ? next_try_ : never;
    if (trying_) earliest = std::min(earliest, try_until_);
    if (!parent_) return earliest;
    earliest = std::min(
        {earliest, next_beat_, ask_at(), held_hint_, judge_->next_deadline(timing_.with_parent())});
    return has_news_ ? std::min(earliest, next_hint_) : earliest;
}

}  // namespace coppice
