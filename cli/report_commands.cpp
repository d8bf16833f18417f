// report availability: how available hosts were, of all, by groups and one by one.

#include <cstdio>
#include <iostream>

#include "cli/commands.h"
#include "cli/history.h"
#include "cli/render.h"

namespace coppice::cli {
namespace {

constexpr std::uint64_t worst_shown = 10;
/// The manager gives up before that.
constexpr std::chrono::minutes patience{6};

std::string span_text(const Json& ms) {
    return ms.is_null() ? "-" : lasting_text(ms.get<std::int64_t>());
}

std::string share_text(const Json& share) {
    return share.is_null() ? "-" : percent_text(share.get<double>());
}

std::string nines_text(const Json& nines) {
    if (nines.is_null()) return "-";
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", nines.get<double>());
    return text;
}

/// The columns that groups and hosts have in common.
std::vector<std::string> cells_of(const Json& found) {
    return {span_text(found.at("observed_ms")),
            span_text(found.at("down_ms")),
            share_text(found.at("availability")),
            nines_text(found.at("nines")),
            found.at("failures").dump(),
            span_text(found.at("mtbf_ms")),
            span_text(found.at("mttr_ms").at("mean")),
            span_text(found.at("mttr_ms").at("median")),
            found.at("flaps").dump(),
            found.at("planned_stops").dump(),
            span_text(found.at("planned_ms"))};
}

Table table_of(std::vector<std::string> first) {
    for (const char* head : {"OBSERVED", "DOWN", "AVAILABLE", "NINES", "FAILURES", "MTBF",
                             "MTTR MEAN", "MEDIAN", "FLAPS", "PLANNED", "FOR"})
        first.emplace_back(head);
    return Table{std::move(first)};
}

void add(Table& table, std::vector<std::string> first, const Json& found) {
    for (std::string& cell : cells_of(found)) first.push_back(std::move(cell));
    table.add(std::move(first));
}

std::string groups_text(const Json& report) {
    const std::string by = report.at("by");
    Table table = table_of({by.empty() ? "" : by, "HOSTS"});
    for (const Json& group : report.at("groups"))
        add(table, {group.at("name"), group.at("hosts").dump()}, group);
    add(table, {"all", report.at("all").at("hosts").dump()}, report.at("all"));
    return table.text();
}

/// Those that were out of service at some time, or of which something is unknown.
std::string hosts_text(const Json& report) {
    Table table = table_of({"HOST"});
    for (const Json& host : report.at("hosts")) {
        const bool is_told = host.at("down_ms") > 0 || host.at("planned_ms") > 0 ||
                             host.at("partly_known").get<bool>();
        if (is_told)
            add(table,
                {host.at("host").get<std::string>() +
                 (host.at("partly_known").get<bool>() ? " (part)" : "")},
                host);
    }
    return table.empty() ? std::string{} : "\nthe worst:\n" + table.text();
}

void print_report(const Json& report) {
    const Json& all = report.at("all");
    std::cout << "from " << report.at("since").get<std::string>() << " to "
              << report.at("until").get<std::string>() << "\n\n"
              << groups_text(report) << hosts_text(report);
    const auto partly = all.at("partly_known").get<std::uint64_t>();
    const auto down = all.at("down_at_end").get<std::uint64_t>();
    if (partly > 0)
        std::cout << '\n'
                  << counted(partly, "host")
                  << " known for a part of that time alone (part): the rest counts for nothing\n";
    if (down > 0) std::cout << '\n' << counted(down, "host") << " down at its end\n";
}

/// The address with its query; an error says what is wrong with the options.
Result<std::string> path_of(const Session& session) {
    const Options& options = session.options();
    const Result<UnixMillis> since = past_of(session, "since");
    if (!since.ok()) return since.error();
    if (options.is_set("until")) {
        const Result<UnixMillis> until = past_of(session, "until");
        if (!until.ok()) return until.error();
        if (*since >= *until) return Error{"--since is not before --until"};
    }
    std::string path = "/v1/reports/availability?since=" + escaped(options.text("since")) +
                       "&until=" + escaped(options.text("until")) +
                       "&by=" + escaped(options.text("by")) +
                       "&where=" + escaped(options.text("where"));
    if (options.is_set("worst")) {
        const Result<std::uint64_t> worst = options.number("worst");
        if (!worst.ok()) return worst.error();
        path += "&worst=" + std::to_string(*worst);
    } else if (!session.wants_json()) {
        path += "&worst=" + std::to_string(worst_shown);
    }
    return path;
}

int availability(Session& session) {
    const Result<std::string> path = path_of(session);
    if (!path.ok()) return session.misused(path.error().message);
    const auto report = session.ask({.path = *path, .patience = patience});
    if (!report) return session.exit_code();
    if (session.wants_json())
        Session::print(*report);
    else
        print_report(*report);
    return success;
}

}  // namespace

std::vector<Command> report_commands() {
    const auto option = [](const char* name, const char* value, const char* help,
                           const char* otherwise = "") {
        return OptionSpec{.name = name,
                          .value_name = value,
                          .default_value = otherwise,
                          .help = help,
                          .is_in_file = false};
    };
    return {asking(
        {.words = "report availability",
         .usage = "[--since 30d] [--until TIME] [--by LABEL] [--where SELECTOR] [--worst N]",
         .summary = "how available hosts were: outages, MTBF, MTTR, the worst hosts",
         .options = {option("since", "TIME",
                            "the last 30d, or since a time such as '2024-05-01 12:00' (UTC); 90 "
                            "days are kept",
                            "30d"),
                     option("until", "TIME", "where the time ends; otherwise now"),
                     option("by", "LABEL", "one line for each value of a label, as of today"),
                     option("where", "SELECTOR",
                            "such as 'zone=z1 && !has(gpu)' or 'host in n[1-9]'"),
                     option("worst", "N",
                            "so many hosts one by one, the worst first; 10, with --json 1000")}},
        availability)};
}

}  // namespace coppice::cli
