#include "simulator/timeline_watch.h"

#include <algorithm>
#include <cmath>

namespace coppice {

namespace {

template <class Stretches>
UnixMillis length_of(const Stretches& stretches) {
    UnixMillis length{};
    for (const auto& [from, to] : stretches) length += to - from;
    return length;
}

template <class Stretches>
UnixMillis common_length_of(const Stretches& left, const Stretches& right) {
    UnixMillis length{};
    auto next = right.begin();
    for (const auto& [from, to] : left) {
        while (next != right.end() && next->second <= from) ++next;
        for (auto other = next; other != right.end() && other->first < to; ++other)
            length += std::min(to, other->second) - std::max(from, other->first);
    }
    return length;
}

}  // namespace

void TimelineWatch::on_commit(HostIndex host, std::span<const Write> writes) {
    if (host != Fleet::manager_index) return;
    for (const Write& write : writes) {
        if (const auto* put = std::get_if<Put>(&write)) {
            const auto* record = std::get_if<HostRecord>(&put->record);
            if (record != nullptr) id_of_[record->name] = record->id;
        } else if (const auto* begin = std::get_if<Begin>(&write)) {
            std::vector<Row>& rows = rows_[begin->row.host];
            while (!rows.empty() && rows.back().first >= begin->row.from) rows.pop_back();
            const bool is_live = begin->row.condition.state == HostState::live;
            if (rows.empty() || rows.back().second != is_live)
                rows.emplace_back(begin->row.from, is_live);
        }
    }
}

/// The stretches in which the timeline says live, since the start of the trace.
TimelineWatch::Stretches TimelineWatch::written(const std::string& name,
                                                Instant trace_start) const {
    Stretches stretches;
    const auto id = id_of_.find(name);
    const auto found = id == id_of_.end() ? rows_.end() : rows_.find(id->second);
    if (found == rows_.end()) return stretches;
    const std::vector<Row>& rows = found->second;
    const UnixMillis start = fleet_.unix_time(trace_start);
    const UnixMillis end = outages_.span;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!rows[i].second) continue;
        const UnixMillis from = std::max(UnixMillis{}, rows[i].first - start);
        const UnixMillis to = i + 1 < rows.size() ? std::min(end, rows[i + 1].first - start) : end;
        if (from < to) stretches.emplace_back(from, to);
    }
    return stretches;
}

TimelineWatch::Stretches TimelineWatch::lived(const TracedHost& host) const {
    Stretches stretches;
    UnixMillis up_since = host.absent_until;
    for (const Outage& outage : host.outages) {
        stretches.emplace_back(up_since, outage.begin);
        up_since = outage.end;
    }
    if (up_since < outages_.span) stretches.emplace_back(up_since, outages_.span);
    return stretches;
}

AvailabilityErrors TimelineWatch::errors(Instant trace_start) const {
    AvailabilityErrors found;
    std::vector<double> errors;
    for (const TracedHost& host : outages_.hosts) {
        const Stretches said = written(host.name, trace_start);
        const Stretches true_ones = lived(host);
        const UnixMillis wrong =
            length_of(said) + length_of(true_ones) - 2 * common_length_of(said, true_ones);
        const double error = static_cast<double>(wrong.count()) /
                             static_cast<double>(UnixMillis{outages_.span}.count());
        errors.push_back(error);
        found.mean += error / static_cast<double>(outages_.hosts.size());
        if (found.worst.empty() || error > found.max) {
            found.max = error;
            found.worst = host.name;
        }
    }
    if (errors.empty()) return found;
    std::sort(errors.begin(), errors.end());
    const double rank = std::ceil(0.99 * static_cast<double>(errors.size()));
    found.p99 = errors[static_cast<std::size_t>(rank) - 1];
    return found;
}

}  // namespace coppice
