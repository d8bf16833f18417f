// query: one question to the fleet, with whom the answer covers.

#include <algorithm>
#include <chrono>
#include <iostream>

#include "cli/commands.h"
#include "cli/parts_text.h"
#include "cli/render.h"
#include "cli/values.h"

namespace coppice::cli {
namespace {

/// What a value is of.
struct Column {
    std::string of;
    std::string measurement;  // whose unit it has
};

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

/// The values of a row of the answer, by column.
Json values_of(const Json& row) {
    return row.contains("values") ? row.at("values") : Json::array({row.at("value")});
}

/// What each value is of. Of one value the answer says the unit alone.
std::vector<Column> columns_of(const Json& answer) {
    if (!answer.contains("columns")) return {{"value", answer.value("measurement", "")}};
    std::vector<Column> columns;
    for (const Json& column : answer.at("columns"))
        columns.push_back({column.at("of"), column.at("measurement")});
    return columns;
}

/// A line each, or a table of its own.
std::string lines_text(const Json& row, const std::vector<Column>& columns) {
    const Json values = values_of(row);
    std::string text;
    for (std::size_t at = 0; at < columns.size(); ++at) {
        const std::string value = value_text(values.at(at), columns[at].measurement);
        text += columns[at].of + " = " + value + (value.ends_with('\n') ? "" : "\n");
    }
    return text;
}

std::string groups_text(const Json& groups, const std::vector<Column>& columns) {
    const auto has_table = [](const Json& group) {
        const Json values = values_of(group);
        return std::any_of(values.begin(), values.end(),
                           [](const Json& value) { return value.is_array(); });
    };
    std::string text;
    if (std::any_of(groups.begin(), groups.end(), has_table)) {
        for (const Json& group : groups)
            text += key_text(group) + ": " + lines_text(group, columns);
        return text;
    }
    std::vector<std::string> heads{"group"};
    for (const Column& column : columns) heads.push_back(column.of);
    heads.emplace_back("hosts");
    Table table{heads};
    for (const Json& group : groups) {
        std::vector<std::string> cells{key_text(group)};
        const Json values = values_of(group);
        for (std::size_t at = 0; at < columns.size(); ++at)
            cells.push_back(value_text(values.at(at), columns[at].measurement));
        cells.push_back(std::to_string(group.at("hosts").get<std::uint64_t>()));
        table.add(cells);
    }
    return table.text();
}

/// What to know of the number before one believes it.
std::string coverage_text(const Json& answer) {
    std::string text = "  " + covered_text(answer.at("coverage")) + "; " +
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

bool has_value(const Json& answer) {
    const auto has_one = [](const Json& row) {
        const Json values = values_of(row);
        return std::any_of(values.begin(), values.end(),
                           [](const Json& value) { return !value.is_null(); });
    };
    if (!answer.contains("groups")) return has_one(answer);
    const Json& groups = answer.at("groups");
    return std::any_of(groups.begin(), groups.end(), has_one);
}

std::string answer_text(const std::string& expression, const Json& answer) {
    std::vector<Column> columns = columns_of(answer);
    if (answer.contains("groups"))
        return expression + "\n" + groups_text(answer.at("groups"), columns);
    if (columns.size() == 1) columns.front().of = expression;
    return lines_text(answer, columns);
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
    if (session.wants_json())
        Session::print(*answer);
    else
        std::cout << answer_text(expression, *answer) << coverage_text(*answer);
    return has_value(*answer) ? success : answer_is_no;
}

}  // namespace

std::vector<Command> query_commands() {
    const OptionSpec deadline{.name = "deadline",
                              .value_name = "DURATION",
                              .default_value = "2s",
                              .help = "hosts that have not answered by then are missing",
                              .is_in_file = false};
    return {asking(
        {.words = "query",
         .usage = "'FORMULA,... [by LABEL,...] [where SELECTOR]', such as 'p99(load1) by rack'",
         .summary = "ask every host, fold the answers, say whom they cover",
         .positionals = {"expression"},
         .options = {deadline}},
        query)};
}

}  // namespace coppice::cli
