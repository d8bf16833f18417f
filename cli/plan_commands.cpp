// plan detection: how soon the death of a host is known, and what would have to be set.

#include <array>
#include <charconv>
#include <iostream>

#include "cli/commands.h"
#include "cli/render.h"

namespace coppice::cli {
namespace {

struct Unit {
    std::string_view name;
    double bytes;
};
constexpr std::array<Unit, 5> rates{
    {{"B/s", 1}, {"kB/s", 1e3}, {"MB/s", 1e6}, {"KiB/s", 1024}, {"MiB/s", 1048576}}};

struct Death {
    const char* name;
    const char* what;
};
constexpr std::array<Death, 6> deaths{
    {{"killed", "its process is killed"},
     {"silent", "it falls silent: power, cable"},
     {"parent_too", "the same, and its parent with it"},
     {"parent_later", "the same, and its parent before it could tell"},
     {"mass", "it falls silent with most of its siblings"},
     {"mass_later", "the same, and its parent before it could tell"}}};

/// The number and what follows it; nothing when there is no number above zero.
std::optional<std::pair<double, std::string_view>> parse_number(std::string_view text) {
    double number = 0;
    const char* last = text.data() + text.size();
    const auto [end, failure] = std::from_chars(text.data(), last, number);
    if (failure != std::errc{} || number <= 0) return std::nullopt;
    return std::pair{number, text.substr(static_cast<std::size_t>(end - text.data()))};
}

/// "50kB/s" in bytes a second.
Result<double> parse_rate(const std::string& option, const std::string& text) {
    const auto number = parse_number(text);
    for (const Unit& unit : rates)
        if (number && number->second == unit.name) return number->first * unit.bytes;
    return Error{"--" + option + ": \"" + text +
                 "\" is not a rate above 0; write a number and a unit, such as 500B/s, 50kB/s or "
                 "64KiB/s"};
}

Result<double> parse_count(const std::string& option, const std::string& text) {
    const auto number = parse_number(text);
    if (number && number->second.empty()) return number->first;
    return Error{"--" + option + ": \"" + text + "\" is not a number above 0, such as 0.01"};
}

Result<double> parse_milliseconds(const Options& options, const std::string& option) {
    const Result<Duration> time = options.duration(option);
    if (!time.ok()) return time.error();
    if (*time == Duration::zero()) return Error{"--" + option + ": give more than nothing"};
    return std::chrono::duration<double, std::milli>{*time}.count();
}

/// The address with its query.
Result<std::string> path_of(const Options& options) {
    std::string path = "/v1/plan/detection?host=" + escaped(options.text("host"));
    const auto add = [&](const char* option, const char* parameter,
                         auto parse) -> std::optional<Error> {
        if (options.text(option).empty()) return std::nullopt;
        const Result<double> number = parse(option);
        if (!number.ok()) return number.error();
        path += std::string{"&"} + parameter + "=" + Json(*number).dump();
        return std::nullopt;
    };
    const auto time = [&](const char* option) { return parse_milliseconds(options, option); };
    const auto count = [&](const char* option) {
        return parse_count(option, options.text(option));
    };
    const auto rate = [&](const char* option) { return parse_rate(option, options.text(option)); };
    const auto share = [&](const char* option) { return options.share(option); };
    for (const auto& mistake :
         {add("message", "message_ms", time), add("detect", "detect_ms", time),
          add("false-deaths-per-host-year", "false_deaths_per_host_year", count),
          add("loss", "loss", share), add("bytes-per-branch", "bytes_per_branch", rate)})
        if (mistake) return *mistake;
    if (options.is_set("false-deaths-per-host-year") != options.is_set("loss"))
        return Error{"--false-deaths-per-host-year and --loss go together"};
    return path;
}

std::string time_text(double milliseconds) {
    return milliseconds < 1000 ? number_text(milliseconds) + " ms"
                               : number_text(milliseconds / 1000) + " s";
}

std::string bounds_text(const Json& answer) {
    Table bounds{{"KNOWN WITHIN", "WHEN", "FORMULA"}};
    for (const Death& death : deaths) {
        const Json& bound = answer.at("bound_ms").at(death.name);
        if (bound.is_null()) continue;
        bounds.add({time_text(bound), death.what, answer.at("formula").at(death.name)});
    }
    Table terms{{"WORD", "TIME", "MADE OF", "MEANING"}};
    for (const Json& term : answer.at("terms")) {
        const std::string formula = term.at("formula");
        terms.add({term.at("name"), time_text(term.at("ms")), formula, term.at("meaning")});
    }
    return bounds.text() + '\n' + terms.text();
}

std::string plan_text(const Json& plan) {
    const std::string sentence = plan.at("sentence");
    const Json& deaths_a_year = plan.at("false_deaths_per_host_year");
    return (sentence.empty() ? "These settings meet the targets:"
                             : sentence + ".\nThe nearest settings:") +
           "\n  --interval " + plan.at("interval_ms").dump() + "ms --fanout " +
           plan.at("fanout").dump() + "\n  a silent host is known within " +
           time_text(plan.at("silent_ms")) +
           (deaths_a_year.is_null()
                ? ""
                : ", " + number_text(deaths_a_year) + " false deaths a host and year") +
           ", " + number_text(plan.at("bytes_per_branch")) + " B/s for a branch\n";
}

int plan_detection(Session& session) {
    const Result<std::string> path = path_of(session.options());
    if (!path.ok()) return session.misused(path.error().message);
    const auto answer = session.get(*path);
    if (!answer) return session.exit_code();
    const bool is_no = answer->contains("plan") && !answer->at("plan").at("met").get<bool>();
    if (session.wants_json()) {
        Session::print(*answer);
        return is_no ? answer_is_no : success;
    }
    const std::string parent = answer->at("parent");
    std::cout << answer->at("host").get<std::string>()
              << (parent.empty() ? " is the root"
                                 : ", at depth " + answer->at("depth").dump() + " below " + parent)
              << (answer->at("understudy").get<bool>() ? ", the understudy of the root" : "")
              << "\n\n"
              << bounds_text(*answer);
    if (parent.empty())
        std::cout << "\nIts parent is the manager: when both are down, its death is known some "
                     "time after a manager runs again.\n";
    if (answer->contains("plan")) std::cout << '\n' << plan_text(answer->at("plan"));
    return is_no ? answer_is_no : success;
}

}  // namespace

std::vector<Command> plan_commands() {
    const auto option = [](const char* name, const char* value, const char* help) {
        return OptionSpec{.name = name, .value_name = value, .help = help, .is_in_file = false};
    };
    return {asking(
        {.words = "plan detection",
         .usage = "HOST [--detect DURATION] [--false-deaths-per-host-year N --loss SHARE] "
                  "[--bytes-per-branch RATE]",
         .summary = "how soon the death of a host is known at the latest; settings for targets",
         .positionals = {"host"},
         .options =
             {option("message", "DURATION",
                     "what one message may take until it is dealt with; otherwise 50ms"),
              option("detect", "DURATION", "target: a host that falls silent is known within this"),
              option("false-deaths-per-host-year", "N", "target: at most so many; needs --loss"),
              option("loss", "SHARE",
                     "of beats that are not there when the next is due: up to 50%; TCP turns lost "
                     "packets into late ones, so it is far less than theirs"),
              option("bytes-per-branch", "RATE",
                     "target: at most so many on the links of a branch while nothing happens, such "
                     "as 50kB/s")}},
        plan_detection)};
}

}  // namespace coppice::cli
