// One record per host: what is true of it, and what the manager says.
#include "simulator/outage_watch.h"

#include <algorithm>

#include "common/detection.h"

namespace coppice {

namespace {

constexpr std::size_t examples_max = 20;
/// A host that came back, or whose parent died, finds its place within the bound and this.
constexpr Duration return_grace = std::chrono::seconds{2};

bool is_gone(std::optional<HostState> state) {
    return state == HostState::lost || state == HostState::left;
}

std::string seconds_text(Duration time) { return text_of(Instant{time}); }

}  // namespace

OutageBound outage_bound(const Timing& timing) {
    const Detection detection = detection_of(timing, travel_of_any(timing));
    return {.known = detection.mass_later.total(), .newcomer = detection.newcomer.total()};
}

OutageWatch::OutageWatch(const Fleet& fleet, const OutageBound& bound)
    : fleet_{fleet}, bound_{bound}, hosts_(fleet.world().size()) {}

std::optional<HostIndex> OutageWatch::index_of(HostId id) const {
    if (id.value >= by_id_.size() || by_id_[id.value] == 0) return std::nullopt;
    return by_id_[id.value];
}

// --- the truth ----------------------------------------------------------------------------------

void OutageWatch::on_power_off(HostIndex index) {
    Host& host = hosts_[index];
    host.was_out = true;
    const bool was_live = host.state == HostState::live;
    host.is_overdue = false;
    host.out_since = now();
    host.lost_at.reset();
    host.noticeable = Duration{};
    if (was_live && host.role != Role::leaf) ++findings_.interior_deaths;
    if (was_live && host.role == Role::root) {
        look_back_at_all();
        bound_start_ = now();
    }
}

void OutageWatch::on_power_on(HostIndex index) {
    if (hosts_[index].was_out) judge(index, findings_);
}

Instant OutageWatch::noticeable_since(const Host& host) const {
    return std::max(host.out_since, bound_start_);
}

void OutageWatch::look_back(Host& host) const {
    if (is_dark_) return;
    const Duration stretch = now() - noticeable_since(host);
    host.noticeable = std::max(host.noticeable, stretch);
    if (host.state == HostState::live && stretch > bound_.known) host.is_overdue = true;
}

void OutageWatch::look_back_at_all() {
    for (Host& host : hosts_)
        if (host.was_out && !host.is_up) look_back(host);
}

void OutageWatch::on_process(HostIndex index, bool is_up) {
    if (index == Fleet::manager_index) return;
    Host& host = hosts_[index];
    if (host.is_up == is_up) return;
    end_unreachable(index, findings_);
    if (host.unreachable_since.has_value()) --unreachable_;
    host.unreachable_since.reset();
    host.is_up = is_up;
    host.is_attached = false;
    if (is_up && up_++ == 0) {
        is_dark_ = false;
        bound_start_ = now();
    }
    if (!is_up && --up_ == 0) {
        look_back_at_all();
        is_dark_ = true;
    }
    regard(index);
    // Who hangs on it is cut off from this moment, whether it knows or not.
    for (HostIndex child = 1; child < hosts_.size(); ++child)
        if (hosts_[child].is_attached && index_of(hosts_[child].parent) == index) regard(child);
}

void OutageWatch::on_glance(HostIndex index, const AgentGlance&, const AgentGlance& after) {
    Host& host = hosts_[index];
    if (host.is_attached == after.is_attached && host.parent == after.parent) return;
    host.is_attached = after.is_attached;
    host.parent = after.parent;
    regard(index);
}

/// Whether a running host can be reached now, and since when not.
void OutageWatch::regard(HostIndex index) {
    Host& host = hosts_[index];
    const std::optional<HostIndex> parent = index_of(host.parent);
    const bool has_parent = host.is_attached && (host.parent == manager_host ||
                                                 (parent.has_value() && hosts_[*parent].is_up));
    const bool is_reachable = !host.is_up || (has_parent && host.state == HostState::live);
    if (is_reachable == !host.unreachable_since.has_value()) return;
    if (is_reachable) {
        end_unreachable(index, findings_);
        host.unreachable_since.reset();
        --unreachable_;
    } else {
        host.unreachable_since = now();
        ++unreachable_;
    }
}

void OutageWatch::end_unreachable(HostIndex index, OutageFindings& findings) const {
    const std::optional<Instant>& since = hosts_[index].unreachable_since;
    if (!since.has_value() || now() - *since <= bound_.known + return_grace) return;
    ++findings.unreachable_over_bound;
    blame("could not be reached for " + seconds_text(now() - *since), index, findings);
}

// --- what the manager says ----------------------------------------------------------------------

void OutageWatch::on_commit(HostIndex index, std::span<const Write> writes) {
    if (index != Fleet::manager_index) return;
    for (const Write& write : writes) {
        const auto* put = std::get_if<Put>(&write);
        if (put == nullptr) continue;
        if (const auto* record = std::get_if<HostRecord>(&put->record)) take(*record);
    }
}

void OutageWatch::take(const HostRecord& record) {
    if (record.id.value >= by_id_.size()) by_id_.resize(record.id.value + 1);
    HostIndex& index = by_id_[record.id.value];
    if (index == 0) index = fleet_.find(record.name).value_or(0);
    if (index == 0) return;
    Host& host = hosts_[index];
    host.role = record.role;
    if (record.state != host.state) change_state(index, host, record.state);
    regard(index);
}

void OutageWatch::change_state(HostIndex index, Host& host, HostState state) {
    const std::optional<HostState> former = std::exchange(host.state, state);
    const Duration took = now() - noticeable_since(host);
    const bool is_in_time = host.was_out && took <= bound_.known;
    if (!host.is_up && !is_dark_ && !is_in_time &&
        (state == HostState::live || former == HostState::live))
        host.is_overdue = true;
    if (!is_gone(state) || is_gone(former)) return;
    if (host.is_up && !is_in_time) {
        ++findings_.false_lost;
        return blame("was called lost while it ran", index, findings_);
    }
    if (host.is_up) ++findings_.late_lost;
    host.lost_at = now();
    findings_.detections.push_back(took);
    findings_.detection_longest = std::max(findings_.detection_longest, now() - host.out_since);
}

/// The outage of this host is over, or is looked at as if it were.
void OutageWatch::judge(HostIndex index, OutageFindings& findings) const {
    Host host = hosts_[index];
    look_back(host);
    const Duration length = now() - host.out_since;
    ++findings.outages;
    if (length <= bound_.known) return;
    ++findings.outages_over_bound;
    if (host.noticeable <= bound_.known) {
        ++findings.outages_in_the_dark;
        return;
    }
    const bool is_stuck = host.state == HostState::joining && host.noticeable > bound_.newcomer;
    if (!host.is_overdue && !is_stuck) {
        ++findings.detected;
        return;
    }
    ++findings.missed;
    blame("was down for " + seconds_text(length) +
              (host.lost_at.has_value()
                   ? ", called lost after " + seconds_text(*host.lost_at - host.out_since)
                   : " and never called lost"),
          index, findings);
}

// --- for the report -----------------------------------------------------------------------------

void OutageWatch::blame(const std::string& what, HostIndex host, OutageFindings& findings) const {
    if (findings.examples.size() >= examples_max) return;
    findings.examples.push_back(text_of(now()) + ' ' + fleet_.world().host(host).name() + ' ' +
                                what);
}

OutageFindings OutageWatch::findings() const {
    OutageFindings findings = findings_;
    for (HostIndex host = 1; host < hosts_.size(); ++host) {
        end_unreachable(host, findings);
        const bool is_open = hosts_[host].was_out && !hosts_[host].is_up;
        if (is_open) judge(host, findings);
    }
    std::sort(findings.detections.begin(), findings.detections.end());
    return findings;
}

}  // namespace coppice
