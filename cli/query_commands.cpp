// query: one question to the fleet, with whom the answer covers.

#include <algorithm>
#include <chrono>
#include <iostream>

#include "cli/commands.h"
#include "cli/parts_text.h"
#include "cli/render.h"

namespace coppice::cli {
namespace {

/// "[1 GiB, 2 GiB)  17  ########".
std::string histogram_text(const Json& buckets, const std::string& measurement) {
    constexpr std::uint64_t bar_max = 40;
    std::uint64_t most = 1;
    for (const Json& bucket : buckets)
        most = std::max(most, bucket.at("count").get<std::uint64_t>());
    Table table{{"from", "to", "hosts", ""}};
    for (const Json& bucket : buckets) {
        const auto count = bucket.at("count").get<std::uint64_t>();
        table.add({measured_text(measurement, bucket.at("from").get<double>()),
                   measured_text(measurement, bucket.at("to").get<double>()), std::to_string(count),
                   std::string((count * bar_max + most - 1) / most, '#')});
    }
    return table.text();
}

std::string ranking_text(const Json& ranking, const std::string& measurement) {
    Table table{{"host", "value"}};
    for (const Json& entry : ranking)
        table.add({entry.at("host").get<std::string>(),
                   measured_text(measurement, entry.at("value").get<double>())});
    return table.text();
}

/// On one line, or as a table of its own.
std::string value_text(const Json& value, const std::string& measurement) {
    if (value.is_null()) return "nothing";
    if (value.is_number()) return measured_text(measurement, value.get<double>());
    if (is_parts(value)) return parts_text(value);
    const bool is_ranking = !value.empty() && value.front().contains("host");
    return "\n" +
           (is_ranking ? ranking_text(value, measurement) : histogram_text(value, measurement));
}

std::string key_text(const Json& group) {
    if (group.contains("other")) return "(other)";
    std::string text;
    for (const auto& [name, label] : group.at("key").items()) {
        const auto value = label.get<std::string>();
        text += (text.empty() ? "" : ", ") + name + "=" + (value.empty() ? "-" : value);
    }
    return text;
}

std::string groups_text(const Json& groups, const std::string& measurement) {
    const auto is_table = [](const Json& group) { return group.at("value").is_array(); };
    std::string text;
    if (std::any_of(groups.begin(), groups.end(), is_table)) {
        for (const Json& group : groups)
            text += key_text(group) + ": " + value_text(group.at("value"), measurement);
        return text;
    }
    Table table{{"group", "value", "hosts"}};
    for (const Json& group : groups)
        table.add({key_text(group), value_text(group.at("value"), measurement),
                   std::to_string(group.at("hosts").get<std::uint64_t>())});
    return table.text();
}

/// What to know of the number before one believes it.
std::string coverage_text(const Json& answer) {
    const Json& coverage = answer.at("coverage");
    const std::string missing = coverage.value("missing", "");
    std::string text = "  " + std::to_string(coverage.at("included").get<std::uint64_t>()) +
                       " of " + counted(coverage.at("target").get<std::uint64_t>(), "host") +
                       " inside" + (missing.empty() ? "" : "; missing: " + missing) + "; " +
                       std::to_string(answer.at("age_ms").get<std::uint64_t>()) + " ms old\n";
    const Json without_value = answer.value("without_value", Json::object());
    for (const auto& [name, count] : without_value.items())
        text += "  " + counted(count.get<std::uint64_t>(), "host") + " inside without a value of " +
                name + "\n";
    for (const Json& error : answer.value("errors", Json::array())) {
        const bool is_bound = error.at("kind") == "bound";
        text += "  " + error.at("of").get<std::string>() + " is " +
                (is_bound ? "within " : "estimated with a standard error of ") +
                number_text(error.at("relative").get<double>() * 100) + " %\n";
    }
    for (const Json& note : answer.value("notes", Json::array()))
        text += "  " + note.get<std::string>() + "\n";
    return text;
}

/// A value, or a group that has one.
bool has_value(const Json& answer) {
    if (!answer.contains("groups")) return !answer.at("value").is_null();
    const Json& groups = answer.at("groups");
    return std::any_of(groups.begin(), groups.end(),
                       [](const Json& group) { return !group.at("value").is_null(); });
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
    if (session.wants_json()) {
        Session::print(*answer);
    } else if (const std::string measurement = answer->value("measurement", "");
               answer->contains("groups")) {
        std::cout << expression << "\n"
                  << groups_text(answer->at("groups"), measurement) << coverage_text(*answer);
    } else {
        const std::string value = value_text(answer->at("value"), measurement);
        std::cout << expression << " = " << value << (value.ends_with('\n') ? "" : "\n")
                  << coverage_text(*answer);
    }
    return has_value(*answer) ? success : answer_is_no;
}

}  // namespace

std::vector<Command> query_commands() {
    const OptionSpec deadline{.name = "deadline",
                              .value_name = "DURATION",
                              .default_value = "2s",
                              .help = "hosts that have not answered by then are missing",
                              .is_in_file = false};
    return {
        asking({.words = "query",
                .usage = "'FORMULA [by LABEL,...] [where SELECTOR]', such as 'p99(load1) by rack'",
                .summary = "ask every host, fold the answers, say whom they cover",
                .positionals = {"expression"},
                .options = {deadline}},
               query)};
}

}  // namespace coppice::cli
