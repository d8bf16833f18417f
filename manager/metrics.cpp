// Metrics of a manager: what it counts and what it has.

#include <string_view>
#include <utility>

#include "manager/state.h"

namespace coppice {
namespace {

/// The counters of a step, by the name of their family.
constexpr std::pair<std::string_view, std::string_view> counter_helps[] = {
    {"coppice_adoptions_total", "orphans that another parent took in"},
    {"coppice_bad_frames_total", "frames of hosts that were not taken, by reason"},
    {"coppice_demotions_total", "hosts that lost the role of a branch and went on"},
    {"coppice_frames_received_total", "frames that hosts sent to this manager"},
    {"coppice_generations_total", "shapes of the cell that were committed"},
    {"coppice_hosts_left_total", "hosts that said goodbye"},
    {"coppice_hosts_live_total", "hosts that were heard in the tree after they joined or returned"},
    {"coppice_hosts_lost_total", "hosts that were declared lost"},
    {"coppice_hosts_restarted_total", "hosts that registered again in another run"},
    {"coppice_hosts_returned_total", "hosts that asked for a place in the same run"},
    {"coppice_hosts_suspected_total", "hosts that were silent too long for comfort"},
    {"coppice_hosts_unstable_total", "hosts that began to come and go"},
    {"coppice_moves_total", "hosts that were given another parent"},
    {"coppice_orders_sent_total", "orders sent, repetitions included"},
    {"coppice_own_gaps_total", "times that this process was away for longer than an interval"},
    {"coppice_promotions_total", "hosts that were made a branch"},
    {"coppice_pushes_total", "pushes that were taken"},
    {"coppice_questions_total", "questions that were asked"},
    {"coppice_registrations_total", "hosts that are new to the fleet"},
    {"coppice_registrations_refused_total", "registrations that were refused, by reason"},
    {"coppice_root_changes_total", "hosts that were made the root"},
    {"coppice_store_writes_total", "rows written to the store"},
    {"coppice_understudy_changes_total", "hosts that were named the understudy"},
    {"coppice_unseen_total", "times that no root was heard for so long that hosts are unseen"},
};

constexpr Registration refusals[] = {
    Registration::bad_token,     Registration::expired_token, Registration::exhausted_token,
    Registration::name_conflict, Registration::unavailable,   Registration::too_old,
    Registration::bad_request,   Registration::unknown_host,  Registration::stale_incarnation,
};

std::string_view family_of(std::string_view name) { return name.substr(0, name.find('{')); }

std::string_view help_of(std::string_view name) {
    for (const auto& [family, help] : counter_helps)
        if (family == family_of(name)) return help;
    return "count since the start of this process";
}

std::string bad_frames(std::string_view reason) {
    return "coppice_bad_frames_total{reason=\"" + std::string{reason} + "\"}";
}

const char* text_of(Registration result) {
    switch (result) {
        case Registration::ok:
            return "ok";
        case Registration::bad_token:
            return "bad_token";
        case Registration::expired_token:
            return "expired_token";
        case Registration::exhausted_token:
            return "exhausted_token";
        case Registration::foreign_fleet:
            return "foreign_fleet";
        case Registration::name_conflict:
            return "name_conflict";
        case Registration::unavailable:
            return "unavailable";
        case Registration::too_old:
            return "too_old";
        case Registration::bad_request:
            return "bad_request";
        case Registration::unknown_host:
            return "unknown_host";
        case Registration::stale_incarnation:
            break;
    }
    return "stale_incarnation";
}

}  // namespace

/// What has not happened yet is told as zero: a rate can be formed of it.
std::map<std::string, std::uint64_t> Manager::State::all_counters() const {
    std::map<std::string, std::uint64_t> all = counters;
    const DroppedFrames& dropped = hub.links().dropped();
    all[bad_frames("unknown_key")] += 0;
    all[bad_frames("wrong_sender")] += dropped.wrong_sender;
    all[bad_frames("stale_link")] += dropped.stale_link;
    all[bad_frames("stale_term")] += dropped.stale_term;
    all[bad_frames("bad_signature")] += dropped.bad_signature;
    all[bad_frames("repeated")] += dropped.repeated;
    for (const Registration result : refusals) all[refused_registrations(result)] += 0;
    for (const auto& [family, help] : counter_helps) {
        const auto next = all.lower_bound(std::string{family});
        if (next == all.end() || family_of(next->first) != family) all[std::string{family}] = 0;
    }
    return all;
}

std::string refused_registrations(Registration result) {
    return std::string{"coppice_registrations_refused_total{reason=\""} + text_of(result) + "\"}";
}

std::vector<MetricView> Manager::metrics() const {
    const State& state = *state_;
    std::vector<MetricView> views;
    const auto gauge = [&](std::string name, std::string help, double value) {
        views.push_back({.name = std::move(name),
                         .help = std::move(help),
                         .is_counter = false,
                         .value = value});
    };
    const HostCounts hosts = state.counts();
    const std::string help = "registered hosts by state";
    gauge("coppice_hosts{state=\"live\"}", help, static_cast<double>(hosts.live));
    gauge("coppice_hosts{state=\"suspect\"}", help, static_cast<double>(hosts.suspect));
    gauge("coppice_hosts{state=\"lost\"}", help, static_cast<double>(hosts.lost));
    gauge("coppice_hosts{state=\"left\"}", help, static_cast<double>(hosts.left));
    gauge("coppice_hosts_unplaced", "hosts without a place", static_cast<double>(hosts.unplaced));
    gauge("coppice_hosts_isolated", "hosts that pushes do not wait for",
          static_cast<double>(hosts.isolated));
    gauge("coppice_isolation_over_budget", "hosts that should be isolated, beyond the budget",
          static_cast<double>(state.isolation.over_budget().size()));
    gauge("coppice_hosts_drained", "hosts that hold no role by order",
          static_cast<double>(hosts.drained));
    gauge("coppice_hosts_unseen", "hosts of which nobody is heard who could tell",
          static_cast<double>(hosts.unseen));
    gauge("coppice_hosts_unstable", "hosts that come and go",
          static_cast<double>(state.calming.hosts().size()));
    gauge("coppice_generation", "number of the cell's shape",
          static_cast<double>(state.cell.generation));
    gauge("coppice_orders_open", "orders that no host has confirmed",
          static_cast<double>(state.orders.size()));
    gauge("coppice_root_heard", "1 while the root is heard", state.is_root_heard() ? 1 : 0);
    gauge("coppice_push_bytes_held", "payload bytes of the pushes in force",
          static_cast<double>(state.ledger.held_bytes()));
    for (const SeriesView& series : state.series.views())
        if (series.newest) add_metrics(series, *series.newest, views);
    for (const auto& [name, value] : state.all_counters())
        views.push_back({.name = name,
                         .help = std::string{help_of(name)},
                         .is_counter = true,
                         .value = static_cast<double>(value)});
    return views;
}

}  // namespace coppice
