#include "manager/isolation.h"

namespace coppice {

std::uint64_t Isolation::budget(std::uint64_t hosts) {
    return std::max<std::uint64_t>(1, hosts / 10);
}

void Isolation::load(IsolationRecord record) {
    isolated_.insert(record.host);
    records_.insert_or_assign(record.host, std::move(record));
}

const IsolationRecord* Isolation::find(HostId host) const {
    const auto found = records_.find(host);
    return found == records_.end() ? nullptr : &found->second;
}

Instant Isolation::next_deadline() const {
    const Instant judgement = judgements_.empty() ? never : judgements_.begin()->first;
    return std::min({judgement, pauses_.next_deadline(), trials_.next_deadline()});
}

// --- pushes -------------------------------------------------------------------------------------

void Isolation::watch(PushId push, const HostSet& hosts, Instant now) {
    for (const HostId host : (hosts & isolated_).to_vector())
        if (!pauses_.contains(host)) trials_.add(host, now + late_after());
    HostSet awaited = hosts - isolated_;
    const auto known = watches_.find(push);
    if (known != watches_.end()) {
        // Who is under a newer push by now is not late with this one.
        const HostSet gone = known->second.awaited - awaited;
        if (!gone.empty()) leave_out(push, known->second, gone, now);
        return;
    }
    if (awaited.empty()) return;
    const std::uint64_t count = awaited.size();
    watches_.emplace(push, Watch{.offered = now, .hosts = count, .awaited = std::move(awaited)});
}

void Isolation::forget(PushId push) {
    const auto watch = watches_.find(push);
    if (watch == watches_.end()) return;
    std::erase_if(judgements_, [push](const auto& due) { return due.second == push; });
    watches_.erase(watch);
}

void Isolation::forget(HostId host) {
    clear_strikes(host);
    for (auto& [push, watch] : watches_) watch.awaited.erase(host);
    if (isolated_.contains(host)) end(host);
}

/// Once all but the budget have answered, it is known what is usual.
void Isolation::shrink(PushId push, Watch& watch, const HostSet& hosts, Instant now) {
    if (!watch.is_open) return;
    const bool was_unknown = watch.awaited.size() > budget(watch.hosts);
    watch.awaited -= hosts;
    if (watch.awaited.empty()) {
        watch.is_open = false;
        return;
    }
    if (!was_unknown || watch.awaited.size() > budget(watch.hosts)) return;
    usual_ = now - watch.offered;
    judgements_.emplace(watch.offered + late_after(), push);
}

void Isolation::leave_out(PushId push, Watch& watch, const HostSet& hosts, Instant now) {
    if (!watch.is_open) return;
    watch.hosts -= hosts.size();
    shrink(push, watch, hosts, now);
}

void Isolation::excuse(HostId host, Instant now) {
    for (auto& [push, watch] : watches_)
        if (watch.awaited.contains(host)) leave_out(push, watch, {host}, now);
}

void Isolation::judge(Watch& watch, const HostSet& stopped, Instant now) {
    watch.is_open = false;
    for (const HostId host : (watch.awaited - stopped - isolated_).to_vector()) {
        Strikes& strikes = strikes_[host];
        if (strikes.count != 0 && now - strikes.late < late_min) continue;
        strikes.late = now;
        strike(host, Cause::slow,
               "it takes more than " + std::to_string(late_factor) + " times as long as others");
    }
    watch.awaited.clear();
}

// --- answers ------------------------------------------------------------------------------------

void Isolation::on_applied(PushId push, const HostSet& hosts, Instant now) {
    for (const HostId host : (hosts & trials_.hosts()).to_vector()) end(host);
    const auto found = watches_.find(push);
    if (found == watches_.end() || !found->second.is_open) return;
    // Who is late has not succeeded.
    for (const HostId host : (hosts & struck_ & found->second.awaited).to_vector())
        clear_strikes(host);
    shrink(push, found->second, hosts, now);
}

void Isolation::on_refused(PushId push, const HostSet& hosts, const std::string& reason,
                           const HostSet& refused, std::uint64_t target, Instant now) {
    for (const HostId host : (hosts & trials_.hosts()).to_vector()) begin_pause(host, now);
    const auto found = watches_.find(push);
    if (found == watches_.end()) return;
    Watch& watch = found->second;
    shrink(push, watch, hosts, now);
    if (watch.is_systemic) return;
    watch.is_systemic = refused.size() > budget(target);
    if (!watch.is_systemic) {
        for (const HostId host : (hosts - isolated_).to_vector())
            strike(host, Cause::refusing, reason);
        return;
    }
    for (const HostId host : ((refused - hosts) & struck_).to_vector()) {
        const std::uint32_t left = --strikes_.at(host).count;
        if (left == 0) clear_strikes(host);
        if (left <= failures_max_) stay_in(host);
    }
}

void Isolation::strike(HostId host, Cause cause, const std::string& reason) {
    Strikes& strikes = strikes_[host];
    ++strikes.count;
    strikes.cause = cause;
    strikes.reason = reason;
    struck_.insert(host);
    if (strikes.count > failures_max_) failing_.insert(host);
}

void Isolation::clear_strikes(HostId host) {
    strikes_.erase(host);
    struck_.erase(host);
    stay_in(host);
}

void Isolation::stay_in(HostId host) {
    failing_.erase(host);
    over_budget_.erase(host);
}

// --- isolated hosts -----------------------------------------------------------------------------

void Isolation::settle(const HostSet& stopped, std::uint64_t present, Instant now,
                       UnixMillis unix_now) {
    for (const HostId host : pauses_.over(now)) begin_trial(host);
    for (const HostId host : trials_.over(now)) begin_pause(host, now);
    while (!judgements_.empty() && judgements_.begin()->first <= now) {
        Watch& watch = watches_.at(judgements_.begin()->second);
        judgements_.erase(judgements_.begin());
        if (watch.is_open) judge(watch, stopped, now);
    }
    const bool has_room = isolated_.size() < budget(present);
    for (const HostId host : (has_room ? failing_ : failing_ - over_budget_).to_vector()) {
        if (isolated_.size() < budget(present)) {
            isolate(host, now, unix_now);
            continue;
        }
        if (over_budget_.empty()) changes_.is_over_budget = true;
        over_budget_.insert(host);
    }
}

void Isolation::isolate(HostId host, Instant now, UnixMillis unix_now) {
    const Strikes& strikes = strikes_.at(host);
    records_.insert_or_assign(host, IsolationRecord{.host = host,
                                                    .since = unix_now,
                                                    .cause = strikes.cause,
                                                    .reason = strikes.reason,
                                                    .failures = strikes.count});
    isolated_.insert(host);
    clear_strikes(host);
    changes_.begun.insert(host);
    changes_.ended.erase(host);
    begin_pause(host, now);
}

void Isolation::end(HostId host) {
    if (pauses_.contains(host)) changes_.offers.insert(host);
    pauses_.remove(host);
    trials_.remove(host);
    records_.erase(host);
    isolated_.erase(host);
    changes_.begun.erase(host);
    changes_.ended.insert(host);
}

void Isolation::begin_pause(HostId host, Instant now) {
    trials_.remove(host);
    pauses_.add(host, now + pause_);
    changes_.offers.insert(host);
}

void Isolation::begin_trial(HostId host) {
    pauses_.remove(host);
    changes_.offers.insert(host);
}

void Isolation::try_again(HostId host) {
    clear_strikes(host);
    if (pauses_.contains(host)) begin_trial(host);
}

}  // namespace coppice
