// Pushes and their receipts.

#include <nlohmann/json.hpp>

#include "api/routes.h"
#include "runtime/clock.h"
#include "runtime/command_line.h"
#include "runtime/time_text.h"

namespace coppice {
namespace {

Json list_of(const std::vector<ReceiptView>& receipts, const Manager& manager) {
    const NamesOf names = [&manager](const HostSet& hosts) { return manager.names(hosts); };
    Json list = Json::array();
    for (const ReceiptView& receipt : receipts) list.push_back(json_of(receipt, names));
    return list;
}

HttpResponse show_push(ManagerAccess& access, PushId push, int status) {
    return read_json(
        access,
        [push](const Manager& manager) -> std::optional<Json> {
            const std::optional<ReceiptView> receipt = manager.push(push);
            if (!receipt) return std::nullopt;
            return json_of(*receipt,
                           [&manager](const HostSet& hosts) { return manager.names(hosts); });
        },
        "there is no push " + std::to_string(push.value), status);
}

/// A time, or a duration from now.
Result<UnixMillis> start_of(const std::string& text) {
    if (text.empty()) return UnixMillis{};
    if (const Result<Duration> wait = parse_duration(text); wait.ok())
        return unix_now() + std::chrono::duration_cast<UnixMillis>(*wait);
    return parse_time(text, unix_now());
}

/// What the query asks for beside topic and selector.
Result<Done> read_conditions(const Call& call, PushCommand& command) {
    const Result<UnixMillis> not_before = start_of(call.query("not_before"));
    if (!not_before.ok()) return Error{"not_before: " + not_before.error().message};
    command.not_before = *not_before;
    if (const std::string deadline = call.query("deadline"); !deadline.empty()) {
        const Result<Duration> parsed = parse_duration(deadline);
        if (!parsed.ok()) return Error{"deadline: " + parsed.error().message};
        command.deadline = *parsed;
    }
    const std::string dry_run = call.query("dry_run");
    if (!dry_run.empty() && dry_run != "true" && dry_run != "false")
        return Error{"dry_run is true or false, not '" + dry_run + "'"};
    command.is_dry_run = dry_run == "true";
    return Done{};
}

HttpResponse show_plan(ManagerAccess& access, const PushPlanned& plan) {
    return read_json(access, [plan](const Manager& manager) -> std::optional<Json> {
        return json_of(plan, [&manager](const HostSet& hosts) { return manager.names(hosts); });
    });
}

/// The pushes that followed from a change of rules.
HttpResponse show_change(ManagerAccess& access, const Answer& answer, int status) {
    if (const auto* problem = std::get_if<Problem>(&answer)) return problem_response(*problem);
    const std::vector<PushId> pushes = std::get<RulesChanged>(answer).pushes;
    return read_json(
        access,
        [pushes](const Manager& manager) -> std::optional<Json> {
            std::vector<ReceiptView> receipts;
            for (const PushId push : pushes) receipts.push_back(*manager.push(push));
            return Json{{"pushes", list_of(receipts, manager)}};
        },
        {}, status);
}

HttpResponse remove_rule(ManagerAccess& access, const Call& call) {
    const Result<std::uint64_t> id = parse_number("push", call.path.at("push"), 0);
    if (!id) return http_problem(400, id.error().message);
    return show_change(access, access.submit(RemoveRuleCommand{PushId{*id}}), 200);
}

HttpResponse revert(ManagerAccess& access, const Call& call) {
    const Result<std::uint64_t> version = parse_number("to", call.query("to"), 0);
    if (!version) return http_problem(400, version.error().message);
    return show_change(
        access, access.submit(RevertCommand{.topic = call.query("topic"), .version = *version}),
        201);
}

HttpResponse stop(ManagerAccess& access, const Call& call) {
    const Answer answer =
        access.submit(StopCommand{.selector = call.query("where"), .reason = call.query("reason")});
    if (const auto* problem = std::get_if<Problem>(&answer)) return problem_response(*problem);
    return show_push(access, std::get<PushAccepted>(answer).push, 201);
}

HttpResponse unstop(ManagerAccess& access, const Call& call) {
    UnstopCommand command;
    if (call.request.query.contains("where")) command.selector = call.query("where");
    return show_change(access, access.submit(std::move(command)), 200);
}

template <class View>
Json named(const std::vector<View>& views, const Manager& manager) {
    Json list = Json::array();
    for (const View& view : views)
        list.push_back(
            json_of(view, [&manager](const HostSet& hosts) { return manager.names(hosts); }));
    return list;
}

HttpResponse start_push(ManagerAccess& access, const Call& call) {
    const std::string& body = call.request.body;
    if (body.size() > limits::payload_bytes_max)
        return http_problem(413, "a payload holds at most " +
                                     std::to_string(limits::payload_bytes_max) + " bytes, not " +
                                     std::to_string(body.size()));
    if (call.query("topic").empty())
        return http_problem(400, "the topic is missing: POST /v1/pushes?topic=etc/motd");
    PushCommand command{.topic = call.query("topic"),
                        .selector = call.query("where"),
                        .payload = Bytes{body.begin(), body.end()}};
    if (const Result<Done> read = read_conditions(call, command); !read.ok())
        return http_problem(400, read.error().message);
    const Answer answer = access.submit(std::move(command));
    if (const auto* problem = std::get_if<Problem>(&answer)) return problem_response(*problem);
    if (const auto* plan = std::get_if<PushPlanned>(&answer)) return show_plan(access, *plan);
    return show_push(access, std::get<PushAccepted>(answer).push, 201);
}

HttpResponse find_push(ManagerAccess& access, const Call& call) {
    const Result<std::uint64_t> id = parse_number("push", call.path.at("id"), 0);
    if (!id) return http_problem(400, id.error().message);
    return show_push(access, PushId{*id}, 200);
}

HttpResponse show_topic(ManagerAccess& access, const std::string& topic) {
    return read_json(
        access,
        [topic](const Manager& manager) -> std::optional<Json> {
            const std::vector<ReceiptView> receipts = manager.topic(topic);
            if (receipts.empty()) return std::nullopt;
            return list_of(receipts, manager);
        },
        "nothing was pushed to the topic \"" + topic + "\"");
}

}  // namespace

std::vector<ApiRoute> push_routes(ManagerAccess& access) {
    return {
        {.method = "POST",
         .pattern = "/v1/pushes",
         .summary = "Gives hosts a new version of a topic; answered when it is durable here.",
         .answer = [&access](const Call& call) { return start_push(access, call); },
         .query = {{"topic", "Where it goes, such as etc/motd."},
                   {"where", "A selector; all hosts when it is missing."},
                   {"deadline", "A duration, such as 10s; whoever lacks it then is named."},
                   {"not_before", "A time, or a duration from now, at which it begins."},
                   {"dry_run", "true: say what it would do, and do nothing."}},
         .body = "The payload, up to 64 KiB."},
        {.method = "GET",
         .pattern = "/v1/pushes",
         .summary = "Receipts of all pushes, newest first.",
         .answer =
             [&access](const Call&) {
                 return read_json(access, [](const Manager& manager) -> std::optional<Json> {
                     return list_of(manager.pushes(), manager);
                 });
             }},
        {.method = "GET",
         .pattern = "/v1/pushes/{id}",
         .summary = "The receipt of one push.",
         .answer = [&access](const Call& call) { return find_push(access, call); }},
        {.method = "GET",
         .pattern = "/v1/rules",
         .summary = "Rules in force; of each topic the newest first, which wins.",
         .answer =
             [&access](const Call& call) {
                 return read_json(
                     access,
                     [topic = call.query("topic")](const Manager& manager) -> std::optional<Json> {
                         return named(manager.rules(topic), manager);
                     });
             },
         .query = {{"topic", "Only of this topic."}}},
        {.method = "DELETE",
         .pattern = "/v1/rules/{push}",
         .summary = "Ends the rule that a push carries, or a push that waits.",
         .answer = [&access](const Call& call) { return remove_rule(access, call); }},
        {.method = "POST",
         .pattern = "/v1/reverts",
         .summary = "Brings a former payload of a topic back into its rule, as a new version.",
         .answer = [&access](const Call& call) { return revert(access, call); },
         .query = {{"topic", "Of which topic."},
                   {"to", "The version; what the newest rule had before when it is missing."}}},
        {.method = "GET",
         .pattern = "/v1/stops",
         .summary = "Who is stopped, and why.",
         .answer =
             [&access](const Call&) {
                 return read_json(access, [](const Manager& manager) -> std::optional<Json> {
                     return named(manager.stops(), manager);
                 });
             }},
        {.method = "POST",
         .pattern = "/v1/stops",
         .summary = "Hosts begin to apply nothing, until the stop is ended.",
         .answer = [&access](const Call& call) { return stop(access, call); },
         .query = {{"where", "A selector; all hosts when it is missing."},
                   {"reason", "Shown with the hosts that it holds back."}}},
        {.method = "DELETE",
         .pattern = "/v1/stops",
         .summary = "Ends the stop of a selector; every stop without one.",
         .answer = [&access](const Call& call) { return unstop(access, call); },
         .query = {{"where", "The selector of the stop."}}},
        {.method = "GET",
         .pattern = "/v1/topics/{topic...}",
         .summary = "Receipts of the pushes of one topic, newest first.",
         .answer =
             [&access](const Call& call) { return show_topic(access, call.path.at("topic")); }},
    };
}

}  // namespace coppice
