// Pushes and their receipts.

#include <nlohmann/json.hpp>

#include "api/routes.h"

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

HttpResponse start_push(ManagerAccess& access, const Call& call) {
    const std::string& body = call.request.body;
    if (body.size() > limits::payload_bytes_max)
        return http_problem(413, "a payload holds at most " +
                                     std::to_string(limits::payload_bytes_max) + " bytes, not " +
                                     std::to_string(body.size()));
    if (call.query("topic").empty())
        return http_problem(400, "the topic is missing: POST /v1/pushes?topic=etc/motd");
    const Answer answer = access.submit(PushCommand{.topic = call.query("topic"),
                                                    .selector = call.query("where"),
                                                    .payload = Bytes{body.begin(), body.end()}});
    if (const auto* problem = std::get_if<Problem>(&answer)) return problem_response(*problem);
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
                   {"where", "A selector; all hosts when it is missing."}},
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
         .pattern = "/v1/topics/{topic...}",
         .summary = "Receipts of the pushes of one topic, newest first.",
         .answer =
             [&access](const Call& call) { return show_topic(access, call.path.at("topic")); }},
    };
}

}  // namespace coppice
