// Collects stories while they grow, and looks for bursts at the end.
#include "simulator/burst_watch.h"

#include <algorithm>
#include <set>

namespace coppice {

namespace {

using std::chrono::seconds;

constexpr seconds burst_span{60};
constexpr std::size_t burst_hosts_min = 10;

}  // namespace

BurstWatch::BurstWatch(const Fleet& fleet, const Outages& outages, const OutageBound& bound)
    : fleet_{fleet}, outages_{outages}, bound_{bound} {
    for (const TracedHost& host : outages.hosts) groups_[host.name] = host.group;
}

void BurstWatch::on_commit(HostIndex host, std::span<const Write> writes) {
    if (host != Fleet::manager_index) return;
    for (const Write& write : writes) {
        if (const auto* append = std::get_if<Append>(&write)) {
            const Event& event = append->event;
            if (event.kind != "hosts.lost") continue;
            Story& story =
                stories_.try_emplace(event.id, Story{fleet_.world().now(), {}}).first->second;
            story.hosts = event.hosts;
        } else if (const auto* put = std::get_if<Put>(&write)) {
            const auto* record = std::get_if<HostRecord>(&put->record);
            if (record == nullptr || group_of_.contains(record->id)) continue;
            id_of_[record->name] = record->id;
            group_of_[record->id] = groups_[record->name];
        }
    }
}

std::vector<BurstWatch::Burst> BurstWatch::bursts() const {
    std::map<std::string, std::vector<std::pair<seconds, std::string>>> failures;
    for (const TracedHost& host : outages_.hosts)
        for (const Outage& outage : host.outages)
            if (outage.end - outage.begin > bound_.known)
                failures[host.group].emplace_back(outage.begin, host.name);
    std::vector<Burst> found;
    for (auto& [group, of_group] : failures) {
        std::sort(of_group.begin(), of_group.end());
        for (auto first = of_group.begin(); first != of_group.end();) {
            const auto end = std::find_if(first, of_group.end(), [&](const auto& failure) {
                return failure.first > first->first + burst_span;
            });
            std::set<std::string> hosts;
            for (auto failure = first; failure != end; ++failure) hosts.insert(failure->second);
            const bool is_burst = hosts.size() >= burst_hosts_min;
            if (is_burst) found.push_back({first->first, {hosts.begin(), hosts.end()}});
            first = is_burst ? end : std::next(first);
        }
    }
    return found;
}

bool BurstWatch::is_grouped(const Burst& burst, Instant trace_start) const {
    HostSet hosts;
    for (const std::string& name : burst.hosts)
        if (const auto id = id_of_.find(name); id != id_of_.end()) hosts.insert(id->second);
    const Instant begin = trace_start + burst.begin;
    return std::any_of(stories_.begin(), stories_.end(), [&](const auto& item) {
        const Story& story = item.second;
        const bool is_then =
            story.told >= begin && story.told <= begin + burst_span + 2 * bound_.known;
        return is_then && (story.hosts & hosts).size() * 2 > burst.hosts.size();
    });
}

BurstFindings BurstWatch::findings(Instant trace_start) const {
    BurstFindings found{.stories = stories_.size()};
    for (const Burst& burst : bursts()) {
        ++found.bursts;
        if (is_grouped(burst, trace_start)) ++found.bursts_grouped;
    }
    std::uint64_t told = 0;
    std::uint64_t right = 0;
    for (const auto& [id, story] : stories_) {
        std::map<std::string, std::uint64_t> hosts_of;
        std::uint64_t most = 0;
        for (const HostId host : story.hosts.to_vector())
            most = std::max(most, ++hosts_of[group_of_.at(host)]);
        told += story.hosts.size();
        right += most;
    }
    if (told > 0) found.group_precision = static_cast<double>(right) / static_cast<double>(told);
    return found;
}

}  // namespace coppice
