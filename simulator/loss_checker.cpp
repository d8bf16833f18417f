#include "simulator/loss_checker.h"

#include <algorithm>

namespace coppice {

namespace {

/// A second of a host may be this much of one.
constexpr int clocks_percent = 95;

}  // namespace

LossChecker::LossChecker(const Fleet& fleet, const FleetModel& model, const Excuses& excuses,
                         Complaints& complaints)
    : fleet_{fleet},
      model_{model},
      excuses_{excuses},
      complaints_{complaints},
      timing_{.interval = fleet.options().interval},
      watches_(fleet.world().size()),
      heard_(fleet.world().size()) {
    for (HostIndex host = 0; host < watches_.size(); ++host)
        watches_[host].stepped = fleet.world().now();
}

void LossChecker::on_process(HostIndex host, bool is_up) {
    const Instant now = fleet_.world().now();
    if (is_up) watches_[host] = {.awake_since = now, .stepped = now};
    heard_[host].has_died = true;
}

void LossChecker::on_input(HostIndex host, const Input& input) {
    Watch& watch = watches_[host];
    const Instant now = fleet_.world().now();
    const Instant local = fleet_.world().host(host).local(now);
    if (watch.due != never && local - watch.due > timing_.own_gap_max()) on_gap(host);
    if (const auto* received = std::get_if<Received>(&input)) hear(host, *received);
}

/// Everybody was awake, and whoever was heard before was heard all along.
void LossChecker::on_leap(Instant from, Instant to) {
    for (Watch& watch : watches_) {
        watch.stepped = to;
        watch.due = never;
    }
    for (Heard& heard : heard_)
        if (from - heard.last < timing_.suspect_after())
            heard.last = std::max(heard.last, to - timing_.interval * 2);
}

void LossChecker::hear(HostIndex observer, const Received& received) {
    const Header& header = received.frame.header;
    const std::optional<HostIndex> sender = model_.index_of(header.sender);
    if (!sender.has_value() || header.link == LinkId{}) return;
    if (const auto* join = std::get_if<Join>(&received.frame.body)) {
        joining_[header.link] = {*sender, header.incarnation, join->attachment};
        return;
    }
    Heard& heard = heard_[*sender];
    if (heard.link != header.link || heard.observer != observer) return;
    note_silence(heard, watches_[observer], fleet_.world().now());
    heard.last = fleet_.world().now();
}

void LossChecker::on_send(HostIndex host, const Send& send) {
    if (const auto* heartbeat = std::get_if<Heartbeat>(&send.frame.body)) {
        for (const HostFact& fact : heartbeat->facts) check_accusation(host, fact);
        return;
    }
    const bool is_answer = std::holds_alternative<Welcome>(send.frame.body);
    if (!is_answer && !std::holds_alternative<Refused>(send.frame.body)) return;
    const auto joining = joining_.find(send.frame.header.link);
    if (joining == joining_.end()) return;
    const Joining join = joining->second;
    joining_.erase(joining);
    if (!is_answer) return;
    const Agent* running = fleet_.agent(join.child);  // its Join may have been long under way
    heard_[join.child] = {
        .observer = host,
        .link = send.frame.header.link,
        .join = join,
        .last = fleet_.world().now(),
        .has_died = running == nullptr || running->view().incarnation != join.incarnation};
}

void LossChecker::on_gap(HostIndex observer) {
    Watch& watch = watches_[observer];
    for (Heard& heard : heard_)
        if (heard.observer == observer) note_silence(heard, watch, watch.stepped);
    watch.awake_since = fleet_.world().now();
    watch.due = never;
}

void LossChecker::note_silence(Heard& heard, const Watch& watch, Instant until) {
    const Duration silence = until - std::max(watch.awake_since, heard.last);
    heard.longest_silence = std::max(heard.longest_silence, silence);
}

void LossChecker::check_accusation(HostIndex observer, const HostFact& fact) {
    if (fact.state != HostState::lost || fact.parent != model_.glance(observer).host) return;
    const std::optional<HostIndex> accused = model_.index_of(fact.host);
    if (!accused.has_value()) return;
    Heard& heard = heard_[*accused];
    const bool is_of_the_past = heard.observer != observer ||
                                fact.incarnation != heard.join.incarnation ||
                                fact.attachment != heard.join.attachment;
    if (is_of_the_past) return;
    const std::string what =
        fleet_.world().host(observer).name() + " says that " + fleet_.world().host(*accused).name();
    if (fact.cause == Cause::crashed) {
        if (!heard.has_died) complaints_.add("accusation", what + " crashed, and it did not.");
        return;
    }
    // What was found earlier may be told only now.
    note_silence(heard, watches_[observer], fleet_.world().now());
    if (heard.longest_silence < timing_.lost_after() * clocks_percent / 100)
        complaints_.add("accusation", what + " is lost, having listened for too short a time.");
}

void LossChecker::on_records(const std::vector<RecordChange>& changes) {
    for (const RecordChange& change : changes) {
        const bool was_present = change.before.has_value() && change.before->is_present();
        if (!was_present || change.after.is_present()) continue;
        check_loss(change);
        check_own_loss(change);
        time_detection(change);
    }
}

void LossChecker::check_loss(const RecordChange& change) {
    const HostIndex host = change.after.index;
    const bool is_running = fleet_.world().host(host).phase() == VirtualHost::Phase::running;
    if (!is_running || excuses_.covers(host) || is_cut_off_by_loss(host)) return;
    ++false_lost_;
    complaints_.add("nobody lost", fleet_.world().host(host).name() +
                                       " is called lost although nothing was done to it.");
}

bool LossChecker::is_cut_off_by_loss(HostIndex host) {
    Heard& heard = heard_[host];
    note_silence(heard, watches_[heard.observer], fleet_.world().now());
    return fleet_.is_lossy() && heard.longest_silence >= timing_.lost_after();
}

/// A loss that the manager finds by itself: the root is silent, or a host is in no subtree.
void LossChecker::check_own_loss(const RecordChange& change) {
    const Instant now = fleet_.world().now();
    const Duration awake = now - watches_[Fleet::manager_index].awake_since;
    const bool was_root = change.before->role == Role::root;
    const bool is_early = change.after.cause == Cause::not_back
                              ? awake < timing_.not_back_after() * clocks_percent / 100
                              : was_root && change.after.cause != Cause::crashed &&
                                    change.after.state == HostState::lost &&
                                    awake < timing_.suspect_after() * clocks_percent / 100;
    if (is_early)
        complaints_.add("accusation", "The manager calls " + model_.name_of(change.host) +
                                          " lost, having listened for too short a time.");
}

void LossChecker::time_detection(const RecordChange& change) {
    const HostIndex host = change.after.index;
    const std::optional<Instant> crashed = fleet_.crashed_at(host);
    if (change.after.state != HostState::lost || !crashed.has_value()) return;
    if (detected_.emplace(host, *crashed).second)
        detections_.push_back(fleet_.world().now() - *crashed);
}

}  // namespace coppice
