#include "api/past_hosts.h"

#include <algorithm>

#include "api/routes.h"
#include "runtime/time_text.h"

namespace coppice {
namespace {

/// About a fifth of a millisecond of the loop.
constexpr std::size_t hosts_per_read = 128;

}  // namespace

Result<UnixMillis> parse_past(const std::string& name, const std::string& text, UnixMillis now) {
    const Result<UnixMillis> time = parse_time(text, now);
    if (!time.ok()) return Error{name + ": " + time.error().message};
    if (*time > now)
        return Error{name + ": " + time_text(*time) + " is in the future; it is " + time_text(now) +
                     " now"};
    return time;
}

std::optional<HttpResponse> refuse_too_long_ago(UnixMillis time, UnixMillis now) {
    if (time >= now - timeline_age_max) return std::nullopt;
    return http_problem(404, time_text(time) + " is too long ago: history is kept for " +
                                 std::to_string(timeline_age_max / std::chrono::hours{24}) +
                                 " days");
}

std::variant<std::vector<PastHost>, HttpResponse> PastHosts::next() {
    auto slice = access_.read<Result<Slice>>(
        [&timelines = timelines_, asked = asked_](const Manager& manager) {
            return read(manager, timelines, asked);
        });
    if (!slice) return busy_response();
    if (!slice->ok()) return http_problem(500, slice->error().message);
    Slice& found = **slice;
    is_over_ = found.last == HostId{};
    has_hosts_ = has_hosts_ || !is_over_;
    has_matches_ = has_matches_ || found.has_matches;
    has_rows_ = has_rows_ || !found.hosts.empty();
    earliest_ = std::min(earliest_, found.earliest);
    asked_.after = found.last;
    return std::move(found.hosts);
}

std::optional<HttpResponse> PastHosts::refuse_when_unknown() const {
    if (has_rows_ || (has_hosts_ && !has_matches_)) return std::nullopt;
    const std::string what = "there is no record of any host at " + time_text(asked_.at);
    if (earliest_ == UnixMillis::max()) return http_problem(404, what);
    return http_problem(404, what + "; the first is of " + time_text(earliest_));
}

Result<PastHosts::Slice> PastHosts::read(const Manager& manager, TimelineReader& timelines,
                                         const Asked& asked) {
    HostPage page = manager.hosts_after(asked.after, asked.where, hosts_per_read);
    Slice slice{.last = page.last, .has_matches = !page.hosts.empty()};
    for (HostPage::Host& host : page.hosts) {
        const auto rows = timelines.timeline(host.id, asked.at, 1);
        if (!rows.ok()) return rows.error();
        if (rows->empty()) continue;
        const TimelineRow& row = rows->front();
        if (row.from > asked.at)
            slice.earliest = std::min(slice.earliest, row.from);
        else
            slice.hosts.push_back(
                {host.id, std::move(host.name), row.condition, manager.name(row.condition.parent)});
    }
    return slice;
}

}  // namespace coppice
