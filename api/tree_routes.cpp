// The tree, what is broken in it, how it came to be so, and how people re-shape it.

#include <nlohmann/json.hpp>

#include "api/past_hosts.h"
#include "api/routes.h"
#include "runtime/clock.h"
#include "runtime/time_text.h"

namespace coppice {
namespace {

constexpr std::uint64_t changes_default = 100;

Json plan_json(const Manager& manager, const TreePlan& plan) {
    return json_of(plan, [&manager](HostId host) { return manager.name(host); });
}

HttpResponse show_plan(ManagerAccess& access,
                       std::function<PlanOutcome(const Manager&)> plan_with) {
    using Found = std::variant<Problem, Json>;
    const auto found =
        access.read<Found>([plan_with = std::move(plan_with)](const Manager& manager) -> Found {
            PlanOutcome outcome = plan_with(manager);
            if (auto* problem = std::get_if<Problem>(&outcome)) return std::move(*problem);
            return plan_json(manager, std::get<TreePlan>(outcome));
        });
    if (!found) return busy_response();
    if (const auto* problem = std::get_if<Problem>(&*found)) return problem_response(*problem);
    return json_response(std::get<Json>(*found));
}

HttpResponse carry_out(ManagerAccess& access, Command command) {
    const Answer answer = access.submit(std::move(command));
    if (const auto* problem = std::get_if<Problem>(&answer)) return problem_response(*problem);
    return read_json(access, [plan = std::get<Reshaped>(answer).plan](const Manager& manager) {
        return std::optional{plan_json(manager, plan)};
    });
}

/// What the bodies of apply and rollback have in common, and what each has besides.
struct Wanted {
    MovesBound bound;
    std::string digest;
    bool is_dry_run = false;
    std::uint64_t generation = 0;
};

Result<std::string> text_field(const Json& body, const char* name) {
    const Json field = body.value(name, Json(""));
    if (!field.is_string()) return Error{std::string{name} + " is not a text"};
    return field.get<std::string>();
}

Result<Wanted> parse_wanted(const Json& body) {
    const Result<std::string> digest = text_field(body, "digest");
    if (!digest) return digest.error();
    const Result<std::string> moves_max = text_field(body, "moves_max");
    if (!moves_max) return moves_max.error();
    const Result<MovesBound> bound = parse_moves_bound(*moves_max);
    if (!bound) return bound.error();
    const Json dry_run = body.value("dry_run", Json(false));
    if (!dry_run.is_boolean()) return Error{"dry_run is true or false"};
    return Wanted{.bound = *bound, .digest = *digest, .is_dry_run = dry_run};
}

HttpResponse plan(ManagerAccess& access, const Call& call) {
    const Result<MovesBound> bound = parse_moves_bound(call.query("moves_max"));
    if (!bound) return http_problem(400, bound.error().message);
    return show_plan(
        access, [bound = *bound](const Manager& manager) { return manager.rebalance_plan(bound); });
}

HttpResponse apply(ManagerAccess& access, const Call& call) {
    const Result<Json> body = parse_body(call.request.body, {"digest", "moves_max"});
    if (!body) return http_problem(400, body.error().message);
    const Result<Wanted> wanted = parse_wanted(*body);
    if (!wanted) return http_problem(400, wanted.error().message);
    return carry_out(access, ReshapeCommand{.bound = wanted->bound, .digest = wanted->digest});
}

HttpResponse roll_back(ManagerAccess& access, const Call& call) {
    const Result<Json> body =
        parse_body(call.request.body, {"generation", "digest", "moves_max", "dry_run"});
    if (!body) return http_problem(400, body.error().message);
    const Json generation = body->value("generation", Json());
    if (!generation.is_number_unsigned())
        return http_problem(400, "generation is the whole number to which the tree goes back");
    const Result<Wanted> wanted = parse_wanted(*body);
    if (!wanted) return http_problem(400, wanted.error().message);
    const RollBackCommand command{
        .generation = generation, .bound = wanted->bound, .digest = wanted->digest};
    if (!wanted->is_dry_run) return carry_out(access, command);
    return show_plan(access, [command](const Manager& manager) {
        return manager.rollback_plan(command.generation, command.bound);
    });
}

HttpResponse history(ManagerAccess& access, const Call& call) {
    const Result<std::uint64_t> count = parse_number("count", call.query("count"), changes_default);
    if (!count) return http_problem(400, count.error().message);
    UnixMillis since = UnixMillis::min();
    if (!call.query("since").empty()) {
        const Result<UnixMillis> time = parse_time(call.query("since"), unix_now());
        if (!time) return http_problem(400, time.error().message);
        since = *time;
    }
    return read_json(access,
                     [since, count = *count](const Manager& manager) -> std::optional<Json> {
                         Json list = Json::array();
                         for (const TreeChangeView& change : manager.tree_history(since, count))
                             list.push_back(json_of(change));
                         return list;
                     });
}

std::string cell_of(const Manager& manager) { return manager.status().cells.front().name; }

HttpResponse show_tree_at(ManagerAccess& access, TimelineReader& timelines, const Call& call) {
    const UnixMillis now = unix_now();
    const Result<UnixMillis> at = parse_past("at", call.query("at"), now);
    if (!at) return http_problem(400, at.error().message);
    if (auto refusal = refuse_too_long_ago(*at, now)) return *refusal;
    PastHosts past{access, timelines, {.at = *at}};
    std::vector<PastHost> all;
    while (!past.is_over()) {
        auto hosts = past.next();
        if (const auto* refusal = std::get_if<HttpResponse>(&hosts)) return *refusal;
        for (PastHost& host : std::get<std::vector<PastHost>>(hosts))
            all.push_back(std::move(host));
    }
    if (auto refusal = past.refuse_when_unknown()) return *refusal;
    const auto cell = access.read<std::string>(cell_of);
    if (!cell) return busy_response();
    Json json{{"cell", *cell}, {"at", time_text(*at)}};
    json.update(json_of(past_tree(std::move(all))));
    return json_response(json);
}

HttpResponse show_tree(ManagerAccess& access, TimelineReader& timelines, const Call& call) {
    if (call.request.query.contains("at")) return show_tree_at(access, timelines, call);
    const auto tree = access.read<TreeView>([](const Manager& manager) { return manager.tree(); });
    return tree ? json_response(json_of(*tree)) : busy_response();
}

}  // namespace

std::vector<ApiRoute> tree_routes(ManagerAccess& access, TimelineReader& timelines) {
    return {
        {.method = "GET",
         .pattern = "/v1/tree",
         .summary = "The tree, parents before children; with `at` as it was then.",
         .answer = [&access,
                    &timelines](const Call& call) { return show_tree(access, timelines, call); },
         .query = {{"at", "A time of the past, as of /v1/hosts."}}},
        {.method = "GET",
         .pattern = "/v1/tree/check",
         .summary = "Broken invariants of the tree, as sentences.",
         .answer =
             [&access](const Call&) {
                 return read_json(access, [](const Manager& manager) -> std::optional<Json> {
                     const std::vector<TreeFault> faults = manager.tree_faults();
                     return Json{{"ok", faults.empty()}, {"faults", faults}};
                 });
             }},
        {.method = "GET",
         .pattern = "/v1/tree/plan",
         .summary = "Who would move to make the tree better; nobody does by this.",
         .answer = [&access](const Call& call) { return plan(access, call); },
         .query = {{"moves_max", "At most so many moves: a share such as 5%, or a number; 5%."}}},
        {.method = "POST",
         .pattern = "/v1/tree/apply",
         .summary = "Applies that plan; one with another digest than the given is a conflict.",
         .answer = [&access](const Call& call) { return apply(access, call); },
         .body = R"({"digest": "9f3ac1d2e4b56780", "moves_max": "5%"})"},
        {.method = "GET",
         .pattern = "/v1/tree/history",
         .summary = "Generations in which hosts moved or got a place, oldest first: who, why.",
         .answer = [&access](const Call& call) { return history(access, call); },
         .query = {{"since", "A time (RFC 3339, or seconds since 1970), or a duration such as 2h."},
                   {"count", "The newest so many of them; 100."}}},
        {.method = "POST",
         .pattern = "/v1/tree/rollback",
         .summary = "Takes the moves after a generation back, as far as that can be done.",
         .answer = [&access](const Call& call) { return roll_back(access, call); },
         .body = R"({"generation": 41, "digest": "", "moves_max": "5%", "dry_run": true})"},
    };
}

}  // namespace coppice
