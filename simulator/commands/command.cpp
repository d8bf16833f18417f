#include "simulator/commands/command.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iostream>
#include <optional>
#include <utility>

#include "options/agent_options.h"
#include "options/manager_options.h"
#include "simulator/commands/report_output.h"

namespace coppice {

namespace {

constexpr double kibibyte = 1024;

int misused(const ProgramSpec& program, const std::string& sentence) {
    std::cerr << program.program << ": " << sentence << '\n';
    return exit_usage;
}

bool has(const std::vector<OptionSpec>& options, const std::string& name) {
    return std::any_of(options.begin(), options.end(),
                       [&name](const OptionSpec& option) { return option.name == name; });
}

/// The number at the start, and the unit behind it without blanks.
std::optional<std::pair<double, std::string_view>> split_number(std::string_view text) {
    double number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || !std::isfinite(number) || number < 0) return std::nullopt;
    std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    unit.remove_prefix(std::min(unit.find_first_not_of(' '), unit.size()));
    return std::pair{number, unit};
}

}  // namespace

int run_with_options(const ProgramSpec& program, const std::vector<std::string>& arguments,
                     const std::function<Result<int>(const Invocation&)>& body) {
    Result<Options> options = parse_options(program, arguments);
    if (!options.ok()) return misused(program, options.error().message);
    if (options->is_set("help")) {
        std::cout << help_text(program);
        return 0;
    }
    const Result<int> code =
        body({.options = std::move(*options), .command = command_text(program.program, arguments)});
    return code.ok() ? *code : misused(program, code.error().message);
}

ProgramSpec simulator_program(const std::string& name, const std::string& summary,
                              std::initializer_list<std::vector<OptionSpec>> option_groups) {
    std::vector<OptionSpec> options;
    for (const std::vector<OptionSpec>& group : option_groups)
        options.insert(options.end(), group.begin(), group.end());
    for (OptionSpec& option : output_options()) options.push_back(std::move(option));
    std::vector<OptionSpec> file_options;
    const auto add_file_options = [&](const ProgramSpec& daemon) {
        for (const OptionSpec& option : daemon.options)
            if (option.is_in_file && !has(options, option.name) && !has(file_options, option.name))
                file_options.push_back(option);
    };
    if (has(options, "config")) {
        add_file_options(manager_program());
        add_file_options(agent_program(""));
    }
    return {.program = "coppice-sim " + name,
            .usage = "[OPTIONS]",
            .summary = summary,
            .options = std::move(options),
            .positionals = {},
            .file_options = std::move(file_options)};
}

Result<std::uint64_t> size_option(const Options& options, const std::string& name) {
    static constexpr std::array<std::pair<std::string_view, double>, 5> units{
        {{"", 1},
         {"B", 1},
         {"KiB", kibibyte},
         {"MiB", kibibyte * kibibyte},
         {"GiB", kibibyte * kibibyte * kibibyte}}};
    if (const auto parts = split_number(options.text(name)); parts.has_value())
        for (const auto& [unit, bytes] : units)
            if (parts->second == unit && parts->first * bytes < 1e15)
                return static_cast<std::uint64_t>(std::llround(parts->first * bytes));
    return Error{"--" + name + ": \"" + options.text(name) +
                 "\" is not a size; write bytes or a unit, such as 500, 1KiB or 2MiB"};
}

}  // namespace coppice
