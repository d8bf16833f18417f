// Unites, cuts and multiplies outages.
#include "simulator/outages.h"

#include <algorithm>
#include <utility>

#include "common/random.h"

namespace coppice {

namespace {

using std::chrono::seconds;

constexpr seconds day = std::chrono::hours{24};
constexpr seconds before_zero{-1};
constexpr std::size_t example_bytes_max = 200;

/// Gives the host its outages, of which those that reach from before zero are an absence.
void set_outages(TracedHost& host, std::vector<Outage> outages) {
    host.outages = united(std::move(outages));
    host.absent_until = {};
    if (host.outages.empty() || host.outages.front().begin >= seconds{}) return;
    host.absent_until = std::max(host.outages.front().end, seconds{});
    host.outages.erase(host.outages.begin());
}

}  // namespace

std::vector<Outage> united(std::vector<Outage> outages) {
    std::sort(outages.begin(), outages.end(),
              [](const Outage& left, const Outage& right) { return left.begin < right.begin; });
    std::vector<Outage> result;
    for (const Outage& outage : outages) {
        if (result.empty() || result.back().end < outage.begin)
            result.push_back(outage);
        else
            result.back().end = std::max(result.back().end, outage.end);
    }
    return result;
}

void OutageCollector::add_host(const std::string& name, const Labels& labels,
                               const std::string& group) {
    const auto [entry, is_new] = entries_.try_emplace(name);
    if (is_new) entry->second.host = {.name = name, .labels = labels, .group = group};
}

void OutageCollector::add_word(const std::string& name, Time begin, Time end) {
    Entry& entry = entries_.at(name);
    entry.first = std::min(entry.first, begin);
    entry.last = std::max(entry.last, end);
}

void OutageCollector::add_outage(const std::string& name, Time begin, Time end) {
    Entry& entry = entries_.at(name);
    entry.outages.push_back({begin, end});
    entry.last = std::max(entry.last, end);
}

void OutageCollector::reject(const std::string& reason, std::size_t line, std::string_view row) {
    RejectedRows& rejected = rejected_[reason];
    if (rejected.rows++ > 0) return;
    rejected.reason = reason;
    rejected.first_line = line;
    rejected.example = row.substr(0, example_bytes_max);
}

Result<Outages> OutageCollector::finish() const {
    Time zero = Time::max();
    Time last = Time::min();
    for (const auto& [name, entry] : entries_) {
        if (entry.first != Time::max()) zero = std::min(zero, entry.first);
        for (const Outage& outage : entry.outages) zero = std::min(zero, outage.begin);
        last = std::max(last, entry.last);
    }
    if (zero >= last) return Error{"the selection has no outage that can be used"};
    Outages result{.hosts = {}, .span = last - zero, .rows = rows_, .rejected = {}};
    for (const auto& [name, entry] : entries_) {
        TracedHost host = entry.host;
        std::vector<Outage> outages;
        if (entry.first != Time::max()) outages.push_back({before_zero, entry.first - zero});
        for (const Outage& outage : entry.outages)
            outages.push_back({outage.begin - zero, outage.end - zero});
        set_outages(host, std::move(outages));
        result.hosts.push_back(std::move(host));
    }
    for (const auto& [reason, rejected] : rejected_) result.rejected.push_back(rejected);
    return result;
}

Result<Outages> cut_out(const Outages& outages, std::uint32_t from_day, std::uint32_t days) {
    const seconds from = day * from_day;
    if (from >= outages.span)
        return Error{"the trace is over after " + std::to_string(outages.span / day) +
                     " days; begin before day " + std::to_string(from_day)};
    Outages part = outages;
    part.span = std::min(outages.span - from, day * days);
    for (TracedHost& host : part.hosts) {
        std::vector<Outage> inside;
        if (host.absent_until > from)
            inside.push_back({before_zero, std::min(host.absent_until - from, part.span)});
        for (const Outage& outage : host.outages) {
            const Outage clipped{std::max(outage.begin - from, before_zero),
                                 std::min(outage.end - from, part.span)};
            if (clipped.end > seconds{} && clipped.begin < part.span) inside.push_back(clipped);
        }
        set_outages(host, std::move(inside));
    }
    return part;
}

Outages tile(const Outages& outages, std::uint32_t copies, std::uint64_t seed) {
    Outages tiled = outages;
    Random random{seed};
    for (std::uint32_t copy = 2; copy <= copies; ++copy) {
        std::map<std::string, seconds> late;
        for (const TracedHost& original : outages.hosts) {
            const auto [offset, is_new] = late.try_emplace(original.group);
            if (is_new)
                offset->second = seconds{static_cast<seconds::rep>(
                    random.below(static_cast<std::uint64_t>(outages.span.count())))};
            TracedHost host = original;
            host.name += "-x" + std::to_string(copy);
            std::vector<Outage> all = original.outages;
            if (original.absent_until > seconds{})
                all.push_back({seconds{}, original.absent_until});
            std::vector<Outage> moved;
            for (const Outage& outage : all) {
                const seconds begin = (outage.begin + offset->second) % outages.span;
                const seconds end = begin + (outage.end - outage.begin);
                moved.push_back({begin, std::min(end, outages.span)});
                if (end > outages.span) moved.push_back({before_zero, end - outages.span});
            }
            set_outages(host, std::move(moved));
            tiled.hosts.push_back(std::move(host));
        }
    }
    std::sort(
        tiled.hosts.begin(), tiled.hosts.end(),
        [](const TracedHost& left, const TracedHost& right) { return left.name < right.name; });
    return tiled;
}

}  // namespace coppice
