// series add, list, show, remove: questions that are asked again and again.

#include <chrono>
#include <iostream>
#include <map>

#include "cli/commands.h"
#include "cli/render.h"
#include "cli/values.h"

namespace coppice::cli {
namespace {

constexpr std::size_t page = 1000;
constexpr std::size_t picture_width = 60;

std::string text_of(const Json& value, const std::string& measurement) {
    return value.is_null() ? "-" : measured_text(measurement, value.get<double>());
}

std::string time_of_day(const std::string& time) { return time.substr(11, 8); }

int add(Session& session) {
    const Options& options = session.options();
    const Result<Duration> every = options.duration("every");
    if (!every.ok()) return session.misused(every.error().message);
    const Result<Duration> keep = options.duration("keep");
    if (!keep.ok()) return session.misused(keep.error().message);
    const auto ms = [](Duration time) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    };
    const Json body{{"name", options.text("name")},
                    {"question", options.text("question")},
                    {"every_ms", ms(*every)},
                    {"keep_ms", ms(*keep)}};
    const auto made = session.ask({.method = "POST", .path = "/v1/series", .body = body.dump()});
    if (!made) return session.exit_code();
    if (session.wants_json())
        Session::print(*made);
    else
        std::cout << "series " << options.text("name") << " is asked every "
                  << lasting_text(ms(*every)) << " and kept for " << lasting_text(ms(*keep))
                  << '\n';
    return success;
}

int list(Session& session) {
    const auto all = session.get("/v1/series");
    if (!all) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*all);
        return success;
    }
    Table table{{"SERIES", "EVERY", "KEPT", "NEWEST", "HOSTS", "OF", "QUESTION"}};
    std::string problems;
    for (const Json& series : *all) {
        const Json newest = series.value("newest", Json::object());
        const Json coverage = newest.value("coverage", Json::object());
        table.add({series.at("name").get<std::string>(),
                   lasting_text(series.at("every_ms").get<std::int64_t>()),
                   lasting_text(series.at("keep_ms").get<std::int64_t>()),
                   newest.empty() ? "-" : time_of_day(newest.at("at").get<std::string>()),
                   newest.empty() ? "-" : coverage.at("included").dump(),
                   newest.empty() ? "-" : coverage.at("target").dump(),
                   series.at("question").get<std::string>()});
        if (series.contains("problem"))
            problems += "series " + series.at("name").get<std::string>() +
                        " is not asked: " + series.at("problem").get<std::string>() + '\n';
    }
    if (table.empty())
        std::cout << "no series; coppice series add makes one\n";
    else
        std::cout << table.text() << problems;
    return success;
}

int remove(Session& session) {
    const std::string name = session.options().text("name");
    const auto done = session.ask({.method = "DELETE", .path = "/v1/series/" + escaped(name)});
    if (!done) return session.exit_code();
    if (session.wants_json())
        Session::print({{"name", name}, {"removed", true}});
    else
        std::cout << "series " << name << " is removed, and what was kept of it\n";
    return success;
}

// --- what it gave -------------------------------------------------------------------------------

/// All windows since then; the document of the last page has them all.
std::optional<Json> read_windows(Session& session, const std::string& name,
                                 const std::string& since) {
    const std::string path = "/v1/series/" + escaped(name) + "?limit=" + std::to_string(page) +
                             "&since=" + escaped(since);
    std::optional<Json> document = session.get(path);
    while (document && !document->at("next").is_null()) {
        std::optional<Json> more = session.get(path + "&after=" + document->at("next").dump());
        if (!more) return std::nullopt;
        for (Json& window : more->at("windows"))
            document->at("windows").push_back(std::move(window));
        document->at("next") = more->at("next");
    }
    return document;
}

/// By group and column: a value of each window, or none where the group was not there.
using Curves = std::map<std::string, std::vector<std::vector<std::optional<double>>>>;

Curves curves_of(const Json& windows, std::size_t columns) {
    Curves curves;
    for (std::size_t at = 0; at < windows.size(); ++at)
        for (const Json& group : windows[at].value("groups", Json::array())) {
            auto& curve = curves[key_text(group)];
            curve.resize(columns);
            for (std::size_t column = 0; column < columns; ++column) {
                curve[column].resize(windows.size());
                const Json& value = group.at("values").at(column);
                if (!value.is_null()) curve[column][at] = value.get<double>();
            }
        }
    return curves;
}

std::vector<std::optional<double>> coverages_of(const Json& windows) {
    std::vector<std::optional<double>> included;
    for (const Json& window : windows)
        included.emplace_back(window.at("coverage").at("included").get<double>());
    return included;
}

std::string windows_text(const Json& series) {
    const Json& windows = series.at("windows");
    if (windows.empty()) return "no window has closed in that time\n";
    const Json& columns = series.at("columns");
    Table table{{"group", "of", "least", "newest", "greatest", "over time"}};
    for (const auto& [key, curves] : curves_of(windows, columns.size()))
        for (std::size_t at = 0; at < columns.size(); ++at) {
            const std::string unit = columns[at].at("measurement");
            std::optional<double> least;
            std::optional<double> greatest;
            for (const std::optional<double>& value : curves[at]) {
                if (!value) continue;
                least = std::min(least.value_or(*value), *value);
                greatest = std::max(greatest.value_or(*value), *value);
            }
            const auto text = [&](const std::optional<double>& value) {
                return text_of(value ? Json(*value) : Json(), unit);
            };
            table.add({key.empty() ? "all" : key, columns[at].at("of").get<std::string>(),
                       text(least), text(curves[at].back()), text(greatest),
                       sparkline(curves[at], picture_width)});
        }
    const Json& newest = windows.back();
    return table.text() + "  hosts inside " + sparkline(coverages_of(windows), picture_width) +
           "  " + covered_text(newest.at("coverage")) + "\n  " + counted(windows.size(), "window") +
           ", " + windows.front().at("at").get<std::string>() + " to " +
           newest.at("at").get<std::string>() + '\n';
}

int show(Session& session) {
    const std::string since = session.options().text("since");
    const auto series = read_windows(session, session.options().text("name"), since);
    if (!series) return session.exit_code();
    if (session.wants_json())
        Session::print(*series);
    else
        std::cout << series->at("question").get<std::string>() << '\n' << windows_text(*series);
    return series->at("windows").empty() ? answer_is_no : success;
}

OptionSpec duration(const char* name, const char* fallback, const char* help) {
    return {.name = name,
            .value_name = "DURATION",
            .default_value = fallback,
            .help = help,
            .is_in_file = false};
}

}  // namespace

std::vector<Command> series_commands() {
    return {
        asking({.words = "series add",
                .usage = "NAME 'FORMULA,... [by LABEL,...] [where SELECTOR]' [--every 15s]",
                .summary = "ask a question again and again, and keep what it gives",
                .positionals = {"name", "question"},
                .options = {duration("every", "15s", "from 1s to 24h"),
                            duration("keep", "7d", "how long what it gave is kept, up to 90d")}},
               add),
        asking({.words = "series list", .usage = "", .summary = "what is asked again and again"},
               list),
        asking({.words = "series show",
                .usage = "NAME [--since 1h]",
                .summary = "what a series gave over time, and whom that covers",
                .positionals = {"name"},
                .options = {{.name = "since",
                             .value_name = "TIME",
                             .default_value = "1h",
                             .help = "windows of the last 10m, 2d, or since a time",
                             .is_in_file = false}}},
               show),
        asking({.words = "series remove",
                .usage = "NAME",
                .summary = "ask it no more, and drop what was kept",
                .positionals = {"name"}},
               remove)};
}

}  // namespace coppice::cli
