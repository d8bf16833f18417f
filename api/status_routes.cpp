// The fleet at a glance, and whether this process can serve.

#include <nlohmann/json.hpp>

#include "api/past_hosts.h"
#include "api/routes.h"
#include "common/state_counts.h"
#include "runtime/clock.h"
#include "runtime/time_text.h"

namespace coppice {
namespace {

HttpResponse show_status(ManagerAccess& access) {
    return read_json(access, [](const Manager& manager) -> std::optional<Json> {
        Json status = json_of(manager.status());
        status["release"] = COPPICE_VERSION;
        status["time_ms"] = unix_now().count();
        return status;
    });
}

HttpResponse answer_of(const StateCounts& hosts, UnixMillis at) {
    return json_response({{"at", time_text(at)},
                          {"hosts",
                           {{"registered", hosts.registered},
                            {"live", hosts.live},
                            {"suspect", hosts.suspect},
                            {"lost", hosts.lost},
                            {"left", hosts.left},
                            {"drained", hosts.drained}}}});
}

HttpResponse count_one_by_one(ManagerAccess& access, TimelineReader& timelines,
                              PastHosts::Asked asked) {
    Tally tally;
    const UnixMillis at = asked.at;
    PastHosts past{access, timelines, std::move(asked)};
    while (!past.is_over()) {
        const auto hosts = past.next();
        if (const auto* refusal = std::get_if<HttpResponse>(&hosts)) return *refusal;
        for (const PastHost& host : std::get<std::vector<PastHost>>(hosts))
            tally.move(counted_as_nothing, counted_as(host.condition), 1);
    }
    if (auto refusal = past.refuse_when_unknown()) return *refusal;
    return answer_of(tally.counts().value_or(StateCounts{}), at);
}

/// From the counts of the store, unless they are asked of some hosts alone or not known of then.
HttpResponse show_status_at(ManagerAccess& access, TimelineReader& timelines, const Call& call) {
    const UnixMillis now = unix_now();
    const Result<UnixMillis> at = parse_past("at", call.query("at"), now);
    if (!at.ok()) return http_problem(400, at.error().message);
    Result<Selector> where = Selector::parse(call.query("where"));
    if (!where.ok()) return http_problem(400, where.error().message);
    if (auto refusal = refuse_too_long_ago(*at, now)) return *refusal;
    if (call.query("where").empty()) {
        using Counts = Result<std::optional<StateCounts>>;
        const auto counts = access.read<Counts>(
            [&timelines, at = *at](const Manager&) { return timelines.counts(at); });
        if (!counts) return busy_response();
        if (!counts->ok()) return http_problem(500, counts->error().message);
        const std::optional<StateCounts>& known = **counts;
        if (known && known->registered == 0)
            return http_problem(404, "there is no record of any host at " + time_text(*at));
        if (known) return answer_of(*known, *at);
    }
    return count_one_by_one(access, timelines, {.at = *at, .where = std::move(*where)});
}

}  // namespace

std::vector<ApiRoute> status_routes(ManagerAccess& access, TimelineReader& timelines) {
    return {
        {.method = "GET",
         .pattern = "/v1/status",
         .summary =
             "The fleet at a glance: managers, cells, counts of hosts; with `at` the counts of "
             "hosts as they were then.",
         .answer =
             [&access, &timelines](const Call& call) {
                 if (call.request.query.contains("at"))
                     return show_status_at(access, timelines, call);
                 if (!call.query("where").empty())
                     return http_problem(400, "where goes with at; without it all hosts are told");
                 return show_status(access);
             },
         .query = {{"at", "A time of the past, as of /v1/hosts."},
                   {"where",
                    "With `at`: a selector; hosts are looked at one by one then. Labels are "
                    "those of today."}}},
        {.method = "GET",
         .pattern = "/metrics",
         .summary = "Metrics of the manager for Prometheus.",
         .answer =
             [&access](const Call&) {
                 const auto metrics = access.metrics();
                 if (!metrics) return busy_response();
                 return HttpResponse{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                                     .body = metrics_text(*metrics)};
             }},
        {.method = "GET",
         .pattern = "/healthz",
         .summary = "200 while the process runs.",
         .answer =
             [](const Call&) {
                 return json_response({{"ok", true}});
             }},
        {.method = "GET",
         .pattern = "/readyz",
         .summary = "200 when the manager answers, 503 when it does not.",
         .answer =
             [&access](const Call&) {
                 const auto is_ready = access.read<bool>([](const Manager&) { return true; });
                 return is_ready ? json_response({{"ok", true}}) : busy_response();
             }},
    };
}

}  // namespace coppice
