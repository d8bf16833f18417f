// Series: what is asked again and again, and what it gave.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/past_hosts.h"
#include "api/routes.h"
#include "runtime/clock.h"

namespace coppice {
namespace {

constexpr std::uint64_t limit_default = 1000;
constexpr std::uint64_t limit_max = 10'000;
/// The loop of the manager reads so many windows at a time, and goes on with its work between.
constexpr std::size_t windows_per_read = 64;
constexpr std::chrono::milliseconds every_default = std::chrono::seconds{15};
constexpr std::chrono::milliseconds keep_default = std::chrono::hours{24 * 7};

Result<std::chrono::milliseconds> time_of(const Json& fields, const std::string& name,
                                          std::chrono::milliseconds fallback) {
    const Json given = fields.value(name, Json());
    if (given.is_null()) return fallback;
    if (!given.is_number_unsigned() || given > series_keep_max.count())
        return Error{name + " is a whole number of milliseconds"};
    return std::chrono::milliseconds{given.get<std::int64_t>()};
}

Result<SeriesRecord> parse_series(const std::string& body) {
    const Result<Json> fields = parse_body(body, {"name", "question", "every_ms", "keep_ms"});
    if (!fields) return fields.error();
    const Json name = fields->value("name", Json());
    const Json question = fields->value("question", Json());
    if (!name.is_string() || !question.is_string())
        return Error{
            "a series has a name and a question, as in {\"name\": \"load\", "
            "\"question\": \"avg(load1), max(load1)\"}"};
    const auto every = time_of(*fields, "every_ms", every_default);
    if (!every) return every.error();
    const auto keep = time_of(*fields, "keep_ms", std::max(keep_default, *every));
    if (!keep) return keep.error();
    return SeriesRecord{.name = name, .question = question, .every = *every, .keep = *keep};
}

HttpResponse no_series(const std::string& name) {
    return http_problem(404, "there is no series \"" + name + "\"; /v1/series lists them");
}

std::optional<SeriesView> find(const Manager& manager, const std::string& name) {
    for (SeriesView& series : manager.series())
        if (series.record.name == name) return std::move(series);
    return std::nullopt;
}

Json json_of_one(const Manager& manager, const SeriesView& series) {
    return json_of(series, [&manager](const HostSet& hosts) { return manager.names(hosts); });
}

HttpResponse add(ManagerAccess& access, const Call& call) {
    const Result<SeriesRecord> series = parse_series(call.request.body);
    if (!series) return http_problem(400, series.error().message);
    const Answer answer = access.submit(AddSeriesCommand{*series});
    if (const auto* problem = std::get_if<Problem>(&answer)) return problem_response(*problem);
    return read_json(
        access,
        [name = series->name](const Manager& manager) -> std::optional<Json> {
            const auto found = find(manager, name);
            return found ? std::optional{json_of_one(manager, *found)} : std::nullopt;
        },
        "the series is gone again", 201);
}

HttpResponse remove(ManagerAccess& access, const std::string& name) {
    const Answer answer = access.submit(RemoveSeriesCommand{name});
    if (const auto* problem = std::get_if<Problem>(&answer)) return problem_response(*problem);
    return {.status = 204};
}

HttpResponse list(ManagerAccess& access) {
    return read_json(access, [](const Manager& manager) -> std::optional<Json> {
        Json all = Json::array();
        for (const SeriesView& series : manager.series())
            all.push_back(json_of_one(manager, series));
        return all;
    });
}

// --- windows ------------------------------------------------------------------------------------

struct Asked {
    std::string name;
    UnixMillis after{};
    std::size_t count_max = 0;
};

Result<Asked> parse_asked(const Call& call) {
    Asked asked{.name = call.path.at("name")};
    const UnixMillis now = unix_now();
    asked.after = now - series_keep_max;
    if (!call.query("since").empty()) {
        const Result<UnixMillis> since = parse_past("since", call.query("since"), now);
        if (!since) return since.error();
        asked.after = *since - UnixMillis{1};
    }
    const Result<std::uint64_t> after = parse_number("after", call.query("after"), 0);
    if (!after) return after.error();
    constexpr std::uint64_t time_max = std::uint64_t{1} << 53U;
    asked.after =
        std::max(asked.after, UnixMillis{static_cast<std::int64_t>(std::min(*after, time_max))});
    const auto limit = parse_number("limit", call.query("limit"), limit_default);
    if (!limit) return limit.error();
    asked.count_max = std::clamp<std::uint64_t>(*limit, 1, limit_max);
    return asked;
}

struct Slice {
    Json windows = Json::array();
    UnixMillis last{};
};

Result<Slice> read_slice(const Manager& manager, SeriesReader& reader, const SeriesView& series,
                         const Asked& asked) {
    Slice slice{.last = asked.after};
    const auto samples = reader.samples(series.record.name, asked.after,
                                        std::min(windows_per_read, asked.count_max));
    if (!samples) return samples.error();
    for (const Sample& sample : *samples) {
        slice.last = sample.at;
        slice.windows.push_back(json_of(
            sample, series.by, [&manager](const HostSet& hosts) { return manager.names(hosts); }));
    }
    return slice;
}

HttpResponse show(ManagerAccess& access, SeriesReader& reader, const Call& call) {
    Result<Asked> asked = parse_asked(call);
    if (!asked) return http_problem(400, asked.error().message);
    const auto series = access.read<std::optional<SeriesView>>(
        [name = asked->name](const Manager& manager) { return find(manager, name); });
    if (!series) return busy_response();
    if (!*series) return no_series(asked->name);
    Json windows = Json::array();
    bool is_over = false;
    while (!is_over && asked->count_max > 0) {
        auto slice = access.read<Result<Slice>>(
            [&reader, view = **series, part = *asked](const Manager& manager) {
                return read_slice(manager, reader, view, part);
            });
        if (!slice) return busy_response();
        if (!*slice) return http_problem(500, slice->error().message);
        const std::size_t found = (*slice)->windows.size();
        is_over = found < std::min(windows_per_read, asked->count_max);
        for (Json& window : (*slice)->windows) windows.push_back(std::move(window));
        asked->after = (*slice)->last;
        asked->count_max -= found;
    }
    return read_json(access, [&](const Manager& manager) -> std::optional<Json> {
        Json json = json_of_one(manager, **series);
        json["windows"] = windows;
        json["next"] = is_over ? Json() : Json(asked->after.count());
        return json;
    });
}

}  // namespace

std::vector<ApiRoute> series_routes(ManagerAccess& access, SeriesReader& reader) {
    return {
        {.method = "GET",
         .pattern = "/v1/series",
         .summary = "Questions that are asked again and again, with their newest windows.",
         .answer = [&access](const Call&) { return list(access); }},
        {.method = "POST",
         .pattern = "/v1/series",
         .summary = "Asks a question again and again from now on, and keeps what it gives.",
         .answer = [&access](const Call& call) { return add(access, call); },
         .body = R"({"name": "load", "question": "avg(load1) by rack", "every_ms": 15000})"},
        {.method = "GET",
         .pattern = "/v1/series/{name}",
         .summary = "What the windows of a series gave, oldest first.",
         .answer = [&access, &reader](const Call& call) { return show(access, reader, call); },
         .query = {{"since",
                    "A time (RFC 3339, or seconds since 1970), or a duration such as 1h; otherwise "
                    "all that is kept."},
                   {"after", "The `next` of the page before."},
                   {"limit", "At most so many windows, 1000 unless said otherwise."}}},
        {.method = "DELETE",
         .pattern = "/v1/series/{name}",
         .summary = "Asks no more, and drops what was kept.",
         .answer = [&access](const Call& call) { return remove(access, call.path.at("name")); }},
    };
}

}  // namespace coppice
