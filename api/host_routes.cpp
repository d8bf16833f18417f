// Hosts: list them, look at one, take one out of the tree.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "api/routes.h"
#include "manager/registry.h"

namespace coppice {
namespace {

constexpr std::array<std::string_view, 8> states{"live",    "suspect",  "lost",   "left",
                                                 "drained", "unplaced", "unseen", "isolated"};

bool is_in_state(const HostView& host, const std::string& state) {
    if (state.empty()) return true;
    if (state == "drained") return host.record.is_drained;
    if (state == "unplaced") return !host.record.is_placed;
    if (state == "unseen") return host.is_unseen;
    if (state == "isolated") return host.isolation.has_value();
    return state == shown_state(host.state);
}

HttpResponse list_hosts(ManagerAccess& access, TimelineReader& timelines, const Call& call) {
    if (call.request.query.contains("at")) return list_hosts_at(access, timelines, call);
    if (!call.query("after").empty() || !call.query("limit").empty())
        return http_problem(400, "after and limit go with at; without it all hosts are listed");
    const std::string state = call.query("state");
    if (!state.empty() && std::find(states.begin(), states.end(), state) == states.end())
        return http_problem(400, "there is no state \"" + state +
                                     "\"; ask for live, suspect, lost, left, drained, "
                                     "unplaced, unseen or isolated");
    using Hosts = Result<std::vector<HostView>>;
    const auto hosts = access.read<Hosts>(
        [where = call.query("where")](const Manager& manager) { return manager.hosts(where); });
    if (!hosts) return busy_response();
    if (!hosts->ok()) return http_problem(400, hosts->error().message);
    Json list = Json::array();
    for (const HostView& host : **hosts)
        if (is_in_state(host, state)) list.push_back(json_of(host));
    return json_response(list);
}

HttpResponse show_host(ManagerAccess& access, const std::string& name) {
    return read_json(
        access,
        [name](const Manager& manager) -> std::optional<Json> {
            const std::optional<HostView> host = manager.host(name);
            if (!host) return std::nullopt;
            return json_of(*host);
        },
        "there is no host \"" + name + "\"");
}

HttpResponse explain_host(ManagerAccess& access, const std::string& name) {
    return read_json(
        access,
        [name](const Manager& manager) -> std::optional<Json> {
            const std::optional<HostView> host = manager.host(name);
            if (!host) return std::nullopt;
            return Json{{"host", name},
                        {"state", shown_state(host->state)},
                        {"role", to_text(host->record.role)},
                        {"parent", host->parent},
                        {"reasons", manager.reasons(name)}};
        },
        "there is no host \"" + name + "\"");
}

HttpResponse drain_host(ManagerAccess& access, const Call& call, bool is_drained) {
    const Result<Json> body = parse_body(call.request.body, {"reason"});
    if (!body) return http_problem(400, body.error().message);
    const Json reason = body->value("reason", Json(""));
    if (!reason.is_string()) return http_problem(400, "the reason is not a text");
    const std::string name = call.path.at("name");
    const Answer answer =
        access.submit(DrainCommand{.host = name, .is_drained = is_drained, .reason = reason});
    if (const auto* problem = std::get_if<Problem>(&answer)) return problem_response(*problem);
    return show_host(access, name);
}

}  // namespace

std::vector<ApiRoute> host_routes(ManagerAccess& access, TimelineReader& timelines) {
    return {
        {.method = "GET",
         .pattern = "/v1/hosts",
         .summary = "Hosts, by name; with `at` as they were then, by id.",
         .answer = [&access,
                    &timelines](const Call& call) { return list_hosts(access, timelines, call); },
         .query =
             {{"where", "A selector, such as zone=z1 && host in n[1-9]."},
              {"state", "live, suspect, lost, left, drained, unplaced, unseen or isolated."},
              {"at",
               "A time of the past (RFC 3339, 2024-05-01 12:00 in UTC, or seconds since 1970), "
               "or a duration such as 2h. The labels that `where` names are those of "
               "today."},
              {"after", "With `at`: only hosts of a greater id."},
              {"limit", "With `at`: at most so many, 1000 unless said otherwise."}}},
        {.method = "GET",
         .pattern = "/v1/hosts/{name}",
         .summary = "One host; with `at` as it was then.",
         .answer =
             [&access, &timelines](const Call& call) {
                 if (call.request.query.contains("at"))
                     return show_host_at(access, timelines, call);
                 return show_host(access, call.path.at("name"));
             },
         .query = {{"at", "A time of the past, as of /v1/hosts."}}},
        {.method = "GET",
         .pattern = "/v1/hosts/{name}/why",
         .summary = "Why a host is in its state, its place and its role.",
         .answer =
             [&access](const Call& call) { return explain_host(access, call.path.at("name")); }},
        {.method = "POST",
         .pattern = "/v1/hosts/{name}/drain",
         .summary = "Takes a host out of the tree: it becomes a leaf and stays one.",
         .answer = [&access](const Call& call) { return drain_host(access, call, true); },
         .body = R"({"reason": "new memory"})"},
        {.method = "POST",
         .pattern = "/v1/hosts/{name}/undrain",
         .summary = "Lets a host hold roles again.",
         .answer = [&access](const Call& call) { return drain_host(access, call, false); },
         .body = R"({"reason": "done"})"},
    };
}

}  // namespace coppice
