// What hosts were: one from when to when, or all of them at one time.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "api/past_hosts.h"
#include "api/routes.h"
#include "manager/registry.h"
#include "runtime/clock.h"
#include "runtime/time_text.h"

namespace coppice {
namespace {

constexpr std::array<std::string_view, 5> states{"live", "suspect", "lost", "left", "drained"};
constexpr std::uint64_t limit_default = 1000;
constexpr std::uint64_t limit_max = 10'000;
/// The loop of the manager reads so much at a time, and goes on with its work between.
constexpr std::size_t rows_per_read = 256;

using Rows = Result<std::vector<TimelineRow>>;

HttpResponse no_host(const std::string& name) {
    return http_problem(404, "there is no host \"" + name + "\"");
}

bool is_in_state(const HostCondition& condition, const std::string& state) {
    return state.empty() ||
           (state == "drained" ? condition.is_drained : state == shown_state(condition.state));
}

Json json_of(const HostCondition& condition, const std::string& parent) {
    return {{"state", shown_state(condition.state)},
            {"cause", condition.state == HostState::joining ? "joining" : to_text(condition.cause)},
            {"since", time_text(condition.since)},
            {"parent", parent},
            {"drained", condition.is_drained},
            {"generation", condition.generation},
            {"role", shown_role(condition.role)}};
}

Result<std::uint64_t> parse_limit(const Call& call) {
    const Result<std::uint64_t> limit = parse_number("limit", call.query("limit"), limit_default);
    if (!limit.ok()) return limit;
    return std::clamp<std::uint64_t>(*limit, 1, limit_max);
}

// --- all hosts at one time ----------------------------------------------------------------------

struct Asked {
    PastHosts::Asked hosts;
    std::string state;
    std::uint64_t count_max = 0;
};

Result<Asked> parse_asked(const Call& call, UnixMillis now) {
    Asked asked;
    const Result<UnixMillis> at = parse_past("at", call.query("at"), now);
    if (!at.ok()) return at.error();
    asked.hosts.at = *at;
    asked.state = call.query("state");
    if (!asked.state.empty() &&
        std::find(states.begin(), states.end(), asked.state) == states.end())
        return Error{"the history knows no state \"" + asked.state +
                     "\"; ask for live, suspect, lost, left or drained"};
    Result<Selector> where = Selector::parse(call.query("where"));
    if (!where.ok()) return where.error();
    asked.hosts.where = std::move(*where);
    const Result<std::uint64_t> after = parse_number("after", call.query("after"), 0);
    if (!after.ok()) return after.error();
    asked.hosts.after =
        HostId{static_cast<std::uint32_t>(std::min<std::uint64_t>(*after, UINT32_MAX))};
    const Result<std::uint64_t> limit = parse_limit(call);
    if (!limit.ok()) return limit.error();
    asked.count_max = *limit;
    return asked;
}

Json json_of(const PastHost& host) {
    Json json{{"id", host.id.value}, {"name", host.name}};
    json.update(json_of(host.condition, host.parent));
    return json;
}

}  // namespace

HttpResponse list_hosts_at(ManagerAccess& access, TimelineReader& timelines, const Call& call) {
    const UnixMillis now = unix_now();
    const Result<Asked> asked = parse_asked(call, now);
    if (!asked.ok()) return http_problem(400, asked.error().message);
    if (auto refusal = refuse_too_long_ago(asked->hosts.at, now)) return *refusal;
    PastHosts past{access, timelines, asked->hosts};
    Json list = Json::array();
    while (!past.is_over() && list.size() < asked->count_max) {
        const auto hosts = past.next();
        if (const auto* refusal = std::get_if<HttpResponse>(&hosts)) return *refusal;
        for (const PastHost& host : std::get<std::vector<PastHost>>(hosts))
            if (list.size() < asked->count_max && is_in_state(host.condition, asked->state))
                list.push_back(json_of(host));
    }
    const bool is_first_page = asked->hosts.after == HostId{};
    if (is_first_page && past.is_over())
        if (auto refusal = past.refuse_when_unknown()) return *refusal;
    return json_response(list);
}

// --- one host -----------------------------------------------------------------------------------

namespace {

struct Known {
    HostId id;                      // zero: there is no such host
    std::vector<TimelineRow> rows;  // from some time on, to the end
};

/// None: the loop was busy. An error: the rows cannot be read.
std::optional<Result<Known>> read_rows(ManagerAccess& access, TimelineReader& timelines,
                                       const std::string& name, UnixMillis since) {
    Known known;
    while (true) {
        using Part = std::pair<HostId, Rows>;
        const UnixMillis from = known.rows.empty() ? since : known.rows.back().from;
        const auto part = access.read<Part>([&timelines, name, from](const Manager& manager) {
            const std::optional<HostView> host = manager.host(name);
            if (!host) return Part{HostId{}, std::vector<TimelineRow>{}};
            return Part{host->record.id, timelines.timeline(host->record.id, from, rows_per_read)};
        });
        if (!part) return std::nullopt;
        const auto& [id, rows] = *part;
        if (!rows.ok()) return Result<Known>{rows.error()};
        known.id = id;
        for (const TimelineRow& row : *rows)
            if (known.rows.empty() || row.from > known.rows.back().from) known.rows.push_back(row);
        if (rows->size() < rows_per_read) return Result<Known>{std::move(known)};
    }
}

UnixMillis end_of(const std::vector<TimelineRow>& rows, std::size_t index, UnixMillis now) {
    return index + 1 < rows.size() ? rows[index + 1].from : std::max(now, rows[index].from);
}

/// The share of the time from `since` to now that the host was live.
Json availability(const std::vector<TimelineRow>& rows, UnixMillis since, UnixMillis now) {
    UnixMillis live{};
    UnixMillis all{};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const UnixMillis length =
            std::max(UnixMillis{}, end_of(rows, i, now) - std::max(since, rows[i].from));
        all += length;
        if (rows[i].condition.state == HostState::live) live += length;
    }
    if (all == UnixMillis{}) return nullptr;
    return static_cast<double>(live.count()) / static_cast<double>(all.count());
}

Json intervals_of(const Manager& manager, const std::vector<TimelineRow>& rows, std::size_t first,
                  std::size_t end, UnixMillis now) {
    Json intervals = Json::array();
    for (std::size_t i = first; i < end; ++i) {
        const bool is_open = i + 1 == rows.size();
        const UnixMillis to = end_of(rows, i, now);
        Json json{{"from", time_text(rows[i].from)},
                  {"to", is_open ? "" : time_text(to)},
                  {"lasting_ms", (to - rows[i].from).count()}};
        const HostId parent = rows[i].condition.parent;
        json.update(json_of(rows[i].condition, manager.names(HostSet{parent})));
        intervals.push_back(std::move(json));
    }
    return intervals;
}

HttpResponse show_history(ManagerAccess& access, TimelineReader& timelines, const Call& call) {
    const UnixMillis now = unix_now();
    const std::string name = call.path.at("name");
    UnixMillis since = now - timeline_age_max;
    if (!call.query("since").empty()) {
        const Result<UnixMillis> given = parse_past("since", call.query("since"), now);
        if (!given.ok()) return http_problem(400, given.error().message);
        since = std::max(since, *given);
    }
    const Result<std::uint64_t> limit = parse_limit(call);
    if (!limit.ok()) return http_problem(400, limit.error().message);
    const Result<std::uint64_t> after = parse_number("after", call.query("after"), 0);
    if (!after.ok()) return http_problem(400, after.error().message);
    const auto known = read_rows(access, timelines, name, since);
    if (!known) return busy_response();
    if (!known->ok()) return http_problem(500, known->error().message);
    if ((*known)->id == HostId{}) return no_host(name);
    const std::vector<TimelineRow>& rows = (*known)->rows;
    const auto is_after = [&](const TimelineRow& row) {
        return call.query("after").empty() ||
               row.from > UnixMillis{static_cast<std::int64_t>(*after)};
    };
    const auto first =
        static_cast<std::size_t>(std::find_if(rows.begin(), rows.end(), is_after) - rows.begin());
    const std::size_t end = std::min<std::size_t>(rows.size(), first + *limit);
    return read_json(access, [=, id = (*known)->id](const Manager& manager) -> std::optional<Json> {
        const UnixMillis begin = rows.empty() ? now : std::max(since, rows.front().from);
        return Json{{"id", id.value},
                    {"name", name},
                    {"since", time_text(begin)},
                    {"until", time_text(now)},
                    {"availability", availability(rows, since, now)},
                    {"intervals", intervals_of(manager, rows, first, end, now)},
                    {"next", end < rows.size() ? Json(rows[end - 1].from.count()) : Json()}};
    });
}

/// Without a name: there is no row of then.
Result<PastHost> read_host(const Manager& manager, TimelineReader& timelines,
                           const std::string& name, UnixMillis at) {
    const std::optional<HostView> host = manager.host(name);
    if (!host) return PastHost{};
    const HostId id = host->record.id;
    const Rows rows = timelines.timeline(id, at, 1);
    if (!rows.ok()) return rows.error();
    if (rows->empty() || rows->front().from > at) return PastHost{.id = id};
    const HostCondition& condition = rows->front().condition;
    return PastHost{id, name, condition, manager.name(condition.parent)};
}

}  // namespace

HttpResponse show_host_at(ManagerAccess& access, TimelineReader& timelines, const Call& call) {
    const UnixMillis now = unix_now();
    const Result<UnixMillis> at = parse_past("at", call.query("at"), now);
    if (!at.ok()) return http_problem(400, at.error().message);
    if (auto refusal = refuse_too_long_ago(*at, now)) return *refusal;
    const std::string name = call.path.at("name");
    const auto host =
        access.read<Result<PastHost>>([&timelines, name, at = *at](const Manager& manager) {
            return read_host(manager, timelines, name, at);
        });
    if (!host) return busy_response();
    if (!host->ok()) return http_problem(500, host->error().message);
    if ((*host)->id == HostId{}) return no_host(name);
    if ((*host)->name.empty())
        return http_problem(404, "there is no record of host \"" + name + "\" at " +
                                     time_text(*at) + "; its history says when it begins");
    return json_response(json_of(**host));
}

std::vector<ApiRoute> timeline_routes(ManagerAccess& access, TimelineReader& timelines) {
    return {{.method = "GET",
             .pattern = "/v1/hosts/{name}/history",
             .summary = "What a host was, from when to when, oldest first, and the share of the "
                        "time in which it was live.",
             .answer = [&access, &timelines](
                           const Call& call) { return show_history(access, timelines, call); },
             .query = {
                 {"since",
                  "A time (RFC 3339, or seconds since 1970), or a duration such as 30d; otherwise "
                  "all that is kept."},
                 {"after", "The `next` of the page before."},
                 {"limit", "At most so many intervals, 1000 unless said otherwise."}}}};
}

}  // namespace coppice
