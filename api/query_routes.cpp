// Questions to the fleet.

#include <nlohmann/json.hpp>

#include "api/routes.h"

namespace coppice {
namespace {

constexpr std::uint64_t deadline_ms_min = 10;
constexpr std::uint64_t deadline_ms_max = 60'000;

Result<QueryCommand> parse_question(const std::string& body) {
    const Result<Json> fields = parse_body(body, {"expr", "deadline_ms"});
    if (!fields) return fields.error();
    const Json expression = fields->value("expr", Json());
    if (!expression.is_string())
        return Error{R"(the question is missing: {"expr": "avg(load1) where zone=z1"})"};
    QueryCommand command{.question = expression.get<std::string>()};
    if (!fields->contains("deadline_ms")) return command;
    const Json& deadline = fields->at("deadline_ms");
    if (!deadline.is_number_unsigned() || deadline < deadline_ms_min || deadline > deadline_ms_max)
        return Error{"deadline_ms is a whole number from 10 to 60000"};
    command.deadline = std::chrono::milliseconds{deadline.get<std::uint64_t>()};
    return command;
}

HttpResponse answer_question(ManagerAccess& access, const Call& call) {
    const Result<QueryCommand> command = parse_question(call.request.body);
    if (!command) return http_problem(400, command.error().message);
    const Answer answer = access.submit(*command, command->deadline);
    if (const auto* problem = std::get_if<Problem>(&answer)) return problem_response(*problem);
    return read_json(
        access,
        [answered =
             std::get<QueryAnswered>(answer)](const Manager& manager) -> std::optional<Json> {
            return json_of(
                answered, [&manager](const HostSet& hosts) { return manager.names(hosts); },
                [&manager](HostId host) { return manager.name(host); });
        });
}

}  // namespace

std::vector<ApiRoute> query_routes(ManagerAccess& access) {
    return {{.method = "POST",
             .pattern = "/v1/query",
             .summary = "Asks hosts now; the answer says whom it covers.",
             .answer = [&access](const Call& call) { return answer_question(access, call); },
             .body = R"({"expr": "p99(load1) by rack where zone=z1", "deadline_ms": 2000})"}};
}

}  // namespace coppice
