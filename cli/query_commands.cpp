// query: one question to the fleet, with whom the answer covers.

#include <chrono>
#include <iostream>

#include "cli/commands.h"
#include "cli/render.h"

namespace coppice::cli {
namespace {

/// "avg(load1) where ..." -> "load1": the unit is in the name. Nothing for count().
std::string measurement_of(const std::string& expression) {
    if (expression.rfind("count", 0) == 0) return {};
    const std::size_t open = expression.find('(');
    const std::size_t close = expression.find(')');
    if (open == std::string::npos || close == std::string::npos || close < open) return {};
    return expression.substr(open + 1, close - open - 1);
}

int query(Session& session) {
    const std::string expression = session.options().text("expression");
    const Result<Duration> deadline = session.options().duration("deadline");
    if (!deadline.ok()) return session.misused(deadline.error().message);
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(*deadline).count();
    const Json body{{"expr", expression}, {"deadline_ms", milliseconds}};
    const auto answer = session.ask({.method = "POST", .path = "/v1/query", .body = body.dump()});
    if (!answer) return session.exit_code();
    const Json& coverage = answer->at("coverage");
    const bool has_value = !answer->at("value").is_null();
    if (session.wants_json()) {
        Session::print(*answer);
        return has_value ? success : answer_is_no;
    }
    const std::string missing = coverage.value("missing", "");
    std::cout << expression << " = "
              << (has_value
                      ? measured_text(measurement_of(expression), answer->at("value").get<double>())
                      : "nothing: no host answered")
              << "\n  " << coverage.at("included") << " of "
              << counted(coverage.at("target").get<std::uint64_t>(), "host") << " inside"
              << (missing.empty() ? "" : "; missing: " + missing) << "; " << answer->at("age_ms")
              << " ms old\n";
    return has_value ? success : answer_is_no;
}

}  // namespace

std::vector<Command> query_commands() {
    const OptionSpec deadline{.name = "deadline",
                              .value_name = "DURATION",
                              .default_value = "2s",
                              .help = "hosts that have not answered by then are missing",
                              .is_in_file = false};
    return {asking({.words = "query",
                    .usage = "'count() | sum(M) | avg(M) | min(M) | max(M) [where SELECTOR]'",
                    .summary = "ask every host, fold the answers, say whom they cover",
                    .positionals = {"expression"},
                    .options = {deadline}},
                   query)};
}

}  // namespace coppice::cli
