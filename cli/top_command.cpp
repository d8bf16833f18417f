// top: what the fleet does now, and did lately, by group.

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <iostream>
#include <limits>
#include <map>
#include <thread>

#include "cli/commands.h"
#include "cli/render.h"
#include "cli/values.h"
#include "runtime/clock.h"
#include "runtime/time_text.h"

namespace coppice::cli {
namespace {

constexpr std::size_t narrow_picture = 16;
constexpr std::size_t wide_picture = 60;
/// Lines around the groups.
constexpr std::size_t lines_around = 5;

/// One thing that is shown, and how.
struct Shown {
    std::string head;
    std::string formula;
    std::string unit;  // a measurement whose unit it has; "%": a share; empty: a plain number
    bool has_picture = false;
};

const std::vector<Shown>& usual() {
    static const std::vector<Shown> all{
        {"load", "avg(load1)", "load1", true},
        {"max load", "max(load1)", "load1"},
        {"cpu", "avg(cpu_used)", "%", true},
        {"memory", "sum(mem_used) / sum(mem_total)", "%", true},
        {"disk", "sum(disk_used) / sum(disk_total)", "%"},
        {"net in", "sum(net_rx_rate)", "net_rx_rate"},
        {"net out", "sum(net_tx_rate)", "net_tx_rate"},
        {"hottest", "max(temperature)", "temperature"},
    };
    return all;
}

std::string text_of(const std::optional<double>& value, const std::string& unit) {
    if (!value) return "-";
    if (unit == "%") return number_text(std::round(*value * 1000) / 10) + " %";
    return measured_text(unit, *value);
}

/// One look at the fleet.
struct Look {
    struct Group {
        std::uint64_t hosts = 0;
        std::vector<std::optional<double>> values;  // by Shown
    };
    std::map<std::string, Group> groups;  // by key_text(); one, with an empty key, of all hosts
    Json coverage;
};
/// Newest last, at most `wide_picture` of them.
using Looks = std::deque<Look>;

std::vector<std::optional<double>> numbers_of(const Json& row) {
    const Json values =
        row.contains("values") ? row.at("values") : Json::array({row.value("value", Json())});
    std::vector<std::optional<double>> numbers;
    for (const Json& value : values)
        numbers.push_back(value.is_number() ? std::optional{value.get<double>()} : std::nullopt);
    return numbers;
}

/// Of an answer, or of a window of a series.
Look look_of(const Json& answer) {
    Look look{.groups = {}, .coverage = answer.at("coverage")};
    if (answer.contains("groups"))
        for (const Json& row : answer.at("groups"))
            look.groups[key_text(row)] = {row.at("hosts").get<std::uint64_t>(), numbers_of(row)};
    else
        look.groups[{}] = {look.coverage.at("included").get<std::uint64_t>(), numbers_of(answer)};
    return look;
}

void keep(Looks& looks, Look look) {
    looks.push_back(std::move(look));
    if (looks.size() > wide_picture) looks.pop_front();
}

std::string picture(const Looks& looks, const std::string& group, std::size_t column,
                    std::size_t width) {
    std::vector<std::optional<double>> values;
    for (const Look& look : looks) {
        const auto found = look.groups.find(group);
        const bool has_value = found != look.groups.end() && column < found->second.values.size();
        values.push_back(has_value ? found->second.values[column] : std::nullopt);
    }
    return sparkline(values, width);
}

// --- what is seen -------------------------------------------------------------------------------

/// One group: a line for each value, with room for what it was.
std::string values_text(const std::vector<Shown>& shown, const Looks& looks) {
    const auto& [key, group] = *looks.back().groups.begin();
    Table table{{"", "now", "lately"}};
    for (std::size_t at = 0; at < shown.size(); ++at)
        table.add({shown[at].head, text_of(group.values.at(at), shown[at].unit),
                   picture(looks, key, at, wide_picture)});
    return table.text();
}

/// Those with the greatest first values first, as many as there is room for.
std::string groups_text(const std::vector<Shown>& shown, const Looks& looks, std::size_t rows_max) {
    std::vector<std::pair<std::optional<double>, std::string>> order;
    for (const auto& [key, group] : looks.back().groups)
        order.emplace_back(group.values.front(), key);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& left, const auto& right) { return left.first > right.first; });
    const std::size_t rows = std::min(order.size(), rows_max);
    std::vector<std::string> heads{"group", "hosts"};
    for (const Shown& one : shown) {
        heads.push_back(one.head);
        if (one.has_picture) heads.emplace_back("");
    }
    Table table{heads};
    for (std::size_t row = 0; row < rows; ++row) {
        const std::string& key = order[row].second;
        const Look::Group& group = looks.back().groups.at(key);
        std::vector<std::string> cells{key, std::to_string(group.hosts)};
        for (std::size_t at = 0; at < shown.size(); ++at) {
            cells.push_back(text_of(group.values.at(at), shown[at].unit));
            if (shown[at].has_picture) cells.push_back(picture(looks, key, at, narrow_picture));
        }
        table.add(cells);
    }
    const std::size_t more = order.size() - rows;
    return table.text() + (more > 0 ? "and " + counted(more, "further group") + "\n" : "");
}

/// No more lines than the terminal has; any number without one.
std::size_t rows_of_screen() {
    winsize size{};
    if (!is_terminal(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return std::numeric_limits<std::size_t>::max();
    return size.ws_row > lines_around ? size.ws_row - lines_around : 1;
}

std::string screen_of(const std::vector<Shown>& shown, const Looks& looks,
                      const std::string& heading) {
    const Look& newest = looks.back();
    std::string text = heading + "  " + time_text(unix_now()).substr(11, 8) + "  " +
                       covered_text(newest.coverage) + "\n\n";
    if (newest.groups.empty()) return text + "nobody has answered\n";
    const bool is_whole = newest.groups.size() == 1 && newest.groups.begin()->first.empty();
    return text +
           (is_whole ? values_text(shown, looks) : groups_text(shown, looks, rows_of_screen()));
}

// --- the command --------------------------------------------------------------------------------

struct Asked {
    std::vector<Shown> shown;
    std::string question;
    std::chrono::milliseconds every{};
};

Result<Asked> read_options(const Options& options) {
    Asked asked;
    const Result<Duration> every = options.duration("every");
    if (!every.ok()) return every.error();
    asked.every = std::chrono::duration_cast<std::chrono::milliseconds>(*every);
    if (asked.every < std::chrono::milliseconds{100})
        return Error{"--every: the fleet is asked ten times a second at most"};
    if (const std::string own = options.text("of"); !own.empty()) {
        asked.question = own;
    } else {
        asked.shown = usual();
        asked.question = usual_question();
    }
    if (const std::string by = options.text("by"); !by.empty()) asked.question += " by " + by;
    if (const std::string where = options.text("where"); !where.empty())
        asked.question += " where " + where;
    return asked;
}

/// Formulas of people's own are headed by their text.
std::vector<Shown> shown_of(const Json& answer, const std::string& own) {
    std::vector<Shown> shown;
    if (!answer.contains("columns")) return {{own, own, answer.value("measurement", ""), true}};
    for (const Json& column : answer.at("columns"))
        shown.push_back({column.at("of"), column.at("of"), column.at("measurement"), true});
    return shown;
}

/// What a series with the same question has kept.
Looks begin_with_series(Session& session, const std::string& question) {
    Looks looks;
    const Answered all = session.look({.path = "/v1/series"});
    if (!all.document) return looks;
    for (const Json& series : *all.document) {
        if (series.at("question") != question) continue;
        const auto length = series.at("every_ms").get<std::int64_t>() *
                            static_cast<std::int64_t>(wide_picture) / 1000;
        const Answered kept =
            session.look({.path = "/v1/series/" + escaped(series.at("name").get<std::string>()) +
                                  "?since=" + std::to_string(length) + "s"});
        if (!kept.document) continue;
        for (const Json& window : kept.document->at("windows"))
            if (window.contains("groups")) keep(looks, look_of(window));
        return looks;
    }
    return looks;
}

void draw(const std::string& screen) {
    constexpr const char* home_and_clear = "\x1b[H\x1b[2J";
    if (is_terminal(STDOUT_FILENO)) std::cout << home_and_clear;
    std::cout << screen << std::flush;
}

int top(Session& session) {
    const Options& options = session.options();
    Result<Asked> asked = read_options(options);
    if (!asked.ok()) return session.misused(asked.error().message);
    const bool is_once = options.is_set("once");
    const Json body{{"expr", asked->question}, {"deadline_ms", 2000}};
    Looks looks = begin_with_series(session, asked->question);
    while (true) {
        const auto answer =
            session.ask({.method = "POST", .path = "/v1/query", .body = body.dump()});
        if (!answer) return session.exit_code();
        if (asked->shown.empty()) asked->shown = shown_of(*answer, options.text("of"));
        keep(looks, look_of(*answer));
        if (session.wants_json())
            std::cout << (is_once ? answer->dump(2) : answer->dump()) << std::endl;
        else
            draw(screen_of(asked->shown, looks, "every " + lasting_text(asked->every.count())));
        if (is_once) return success;
        if (!session.wants_json() && !is_terminal(STDOUT_FILENO)) std::cout << '\n';
        std::this_thread::sleep_for(asked->every);
    }
}

}  // namespace

std::string usual_question() {
    std::string question;
    for (const Shown& one : usual()) question += (question.empty() ? "" : ", ") + one.formula;
    return question;
}

std::vector<Command> top_commands() {
    const auto option = [](const char* name, const char* value, const char* fallback,
                           const char* help) {
        return OptionSpec{.name = name,
                          .value_name = value,
                          .default_value = fallback,
                          .help = help,
                          .is_in_file = false};
    };
    return {asking(
        {.words = "top",
         .usage = "[--by LABEL,...] [--where SELECTOR] [--of FORMULA,...]",
         .summary = "load, memory, disks and network of the fleet, live, by label",
         .options = {option("by", "LABEL,...", "", "a row for each group"),
                     option("where", "SELECTOR", "", "of these hosts; otherwise of all"),
                     option("of", "FORMULA,...", "",
                            "show these, such as 'avg(queue), max(queue)', in place of the usual"),
                     option("every", "DURATION", "2s", "ask so often"),
                     {.name = "once", .help = "look once, and end", .is_in_file = false}}},
        top)};
}

}  // namespace coppice::cli
