// Reports over the history of many hosts: how available they were.

#include <algorithm>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "api/past_hosts.h"
#include "api/routes.h"
#include "manager/availability_report.h"
#include "runtime/clock.h"
#include "runtime/command_line.h"
#include "runtime/time_text.h"

namespace coppice {
namespace {

/// The loop of the manager reads about so much at a time, some milliseconds, and goes on with its
/// work between.
constexpr std::size_t hosts_per_read = 32;
constexpr std::size_t rows_per_read = 1024;
constexpr std::size_t rows_per_host_and_read = 256;
constexpr Duration time_max = std::chrono::minutes{5};
/// About 500 bytes each, and 50 for each different length of an outage.
constexpr std::size_t groups_max = 10'000;
constexpr std::uint64_t worst_default = 1000;
constexpr std::uint64_t worst_max = 10'000;

struct Asked {
    Window window;
    Selector where;
    std::string by;  // a label; empty: no groups
    std::size_t worst = 0;
};

Result<Asked> parse_asked(const Call& call, UnixMillis now) {
    Asked asked{.window = {.until = now}, .by = call.query("by")};
    const Result<UnixMillis> since = parse_past("since", call.query("since"), now);
    if (!since) return since.error();
    asked.window.since = *since;
    if (!call.query("until").empty()) {
        const Result<UnixMillis> until = parse_past("until", call.query("until"), now);
        if (!until) return until.error();
        asked.window.until = *until;
    }
    if (asked.window.since >= asked.window.until)
        return Error{"since (" + time_text(asked.window.since) + ") is not before until (" +
                     time_text(asked.window.until) + ")"};
    Result<Selector> where = Selector::parse(call.query("where"));
    if (!where) return where.error();
    asked.where = std::move(*where);
    const Result<std::uint64_t> worst = parse_number("worst", call.query("worst"), worst_default);
    if (!worst) return worst.error();
    asked.worst = std::clamp<std::uint64_t>(*worst, 1, worst_max);
    return asked;
}

// --- reading ------------------------------------------------------------------------------------

struct HostRows {
    HostPage::Host host;
    std::vector<TimelineRow> rows;
};

struct Slice {
    std::vector<HostRows> hosts;
    HostId last;  // zero: there are no further hosts
};

Result<Slice> read_slice(const Manager& manager, TimelineReader& timelines, const Asked& asked,
                         HostId after) {
    HostPage page = manager.hosts_after(after, asked.where, hosts_per_read);
    Slice slice{.last = page.last};
    std::size_t count = 0;
    for (HostPage::Host& host : page.hosts) {
        auto rows = timelines.timeline(host.id, asked.window.since, rows_per_host_and_read);
        if (!rows.ok()) return rows.error();
        count += rows->size();
        slice.hosts.push_back({std::move(host), std::move(*rows)});
        if (count < rows_per_read) continue;
        slice.last = slice.hosts.back().host.id;
        break;
    }
    return slice;
}

/// One report while it is made, from a thread of the API.
class Making {
public:
    Making(ManagerAccess& access, TimelineReader& timelines, const Asked& asked)
        : access_{access}, timelines_{timelines}, asked_{asked}, report_{asked.worst} {}

    /// What is to be answered instead of a report.
    std::optional<HttpResponse> run() {
        const Instant deadline = steady_now() + time_max;
        for (HostId after;;) {
            const auto slice = access_.read<Result<Slice>>(
                [&timelines = timelines_, asked = asked_, after](const Manager& manager) {
                    return read_slice(manager, timelines, asked, after);
                });
            if (!slice) return busy_response();
            if (!slice->ok()) return http_problem(500, slice->error().message);
            for (const HostRows& host : (*slice)->hosts)
                if (auto refusal = add(host)) return refusal;
            after = (*slice)->last;
            if (after == HostId{}) return std::nullopt;
            if (steady_now() > deadline)
                return http_problem(503, "the report was not done in " + duration_text(time_max) +
                                             "; ask for fewer hosts (where) or less time (since)");
        }
    }
    [[nodiscard]] const AvailabilityReport& report() const { return report_; }

private:
    std::optional<HttpResponse> add(const HostRows& host) {
        AvailabilityFold fold{asked_.window};
        for (const TimelineRow& row : host.rows) fold.take(row);
        if (host.rows.size() == rows_per_host_and_read)
            if (auto refusal = take_further(host.host.id, host.rows.back().from, fold))
                return refusal;
        const Availability found = fold.finish();
        report_.add({host.host.name, found});
        if (asked_.by.empty()) return std::nullopt;
        const auto label = host.host.labels.find(asked_.by);
        report_.add_to_group(
            label == host.host.labels.end() ? std::nullopt : std::optional{label->second}, found);
        if (report_.groups().size() <= groups_max) return std::nullopt;
        return http_problem(400, "by: the label \"" + asked_.by + "\" has more than " +
                                     std::to_string(groups_max) + " values; group by another one");
    }

    /// Of a host that has changed very often.
    std::optional<HttpResponse> take_further(HostId host, UnixMillis from, AvailabilityFold& fold) {
        using Rows = Result<std::vector<TimelineRow>>;
        while (!fold.is_over()) {
            const auto rows =
                access_.read<Rows>([&timelines = timelines_, host, from](const Manager&) {
                    return timelines.timeline(host, from, rows_per_host_and_read);
                });
            if (!rows) return busy_response();
            if (!rows->ok()) return http_problem(500, rows->error().message);
            for (const TimelineRow& row : **rows)
                if (row.from > from) fold.take(row);
            if ((*rows)->size() < rows_per_host_and_read) break;
            from = (*rows)->back().from;
        }
        return std::nullopt;
    }

    ManagerAccess& access_;
    TimelineReader& timelines_;
    const Asked& asked_;
    AvailabilityReport report_;
};

// --- showing ------------------------------------------------------------------------------------

Json millis(const std::optional<UnixMillis>& time) { return time ? Json(time->count()) : Json(); }
Json number(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json json_of(const Availability& found) {
    return {
        {"observed_ms", found.observed().count()},
        {"up_ms", found.up.count()},
        {"down_ms", found.down.count()},
        {"planned_ms", found.planned.count()},
        {"unknown_ms", found.unknown.count()},
        {"availability", number(found.availability())},
        {"nines", number(found.nines())},
        {"operational_availability", number(found.operational_availability())},
        {"failures", found.failures},
        {"repairs", found.repairs.count()},
        {"mtbf_ms", millis(found.mtbf())},
        {"mttr_ms",
         {{"mean", millis(found.repairs.mean())}, {"median", millis(found.repairs.median())}}},
        {"flaps", found.flaps},
        {"planned_stops", found.planned_stops},
    };
}

Json json_of_hosts(const Availability& found) {
    Json json{{"hosts", found.hosts},
              {"partly_known", found.partly_known},
              {"down_at_end", found.down_at_end}};
    json.update(json_of(found));
    return json;
}

Json json_of(const Asked& asked, const AvailabilityReport& report) {
    Json groups = Json::array();
    for (const auto& [value, found] : report.groups()) {
        Json group{{"value", value ? Json(*value) : Json()},
                   {"name", value ? *value : "(no " + asked.by + ")"}};
        group.update(json_of_hosts(found));
        groups.push_back(std::move(group));
    }
    Json hosts = Json::array();
    for (const auto& [name, found] : report.worst()) {
        Json host{{"host", name},
                  {"partly_known", found.partly_known > 0},
                  {"down_at_end", found.down_at_end > 0}};
        host.update(json_of(found));
        hosts.push_back(std::move(host));
    }
    return {{"since", time_text(asked.window.since)},
            {"until", time_text(asked.window.until)},
            {"flap_time_max_ms", flap_time_max.count()},
            {"by", asked.by},
            {"all", json_of_hosts(report.all())},
            {"groups", std::move(groups)},
            {"hosts", std::move(hosts)}};
}

HttpResponse report_availability(ManagerAccess& access, TimelineReader& timelines,
                                 std::mutex& one_at_a_time, const Call& call) {
    const UnixMillis now = unix_now();
    const Result<Asked> asked = parse_asked(call, now);
    if (!asked) return http_problem(400, asked.error().message);
    if (auto refusal = refuse_too_long_ago(asked->window.since, now)) return *refusal;
    const std::unique_lock lock{one_at_a_time, std::try_to_lock};
    if (!lock.owns_lock())
        return http_problem(503, "another report is being made; ask again when it is done");
    Making making{access, timelines, *asked};
    if (auto refusal = making.run()) return *refusal;
    return json_response(json_of(*asked, making.report()));
}

}  // namespace

std::vector<ApiRoute> report_routes(ManagerAccess& access, TimelineReader& timelines) {
    const auto one_at_a_time = std::make_shared<std::mutex>();
    return {{.method = "GET",
             .pattern = "/v1/reports/availability",
             .summary = "How available hosts were: of all, by groups, and of those with the worst "
                        "availability. One report is made at a time.",
             .answer =
                 [&access, &timelines, one_at_a_time](const Call& call) {
                     return report_availability(access, timelines, *one_at_a_time, call);
                 },
             .query = {{"since", "Where the window begins: a time of the past, as of /v1/hosts."},
                       {"until", "Where it ends; otherwise now."},
                       {"by", "A label: one group for each of its values, as they are today."},
                       {"where", "A selector; otherwise all hosts."},
                       {"worst",
                        "At most so many hosts one by one, 1000 unless said "
                        "otherwise, 10000 at most."}}}};
}

}  // namespace coppice
