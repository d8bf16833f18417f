#pragma once
// What every command of coppice-sim does first: read its options, answer --help, explain mistakes.

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "runtime/command_line.h"

namespace coppice {

inline constexpr int exit_broken = 1;
inline constexpr int exit_usage = 2;

struct Invocation {
    Options options;
    std::string command;  // the line that repeats the run
};

/// Runs the body with the options, or prints help (0), or says what is wrong with them: a sentence
/// that names the option (2). An error of the body is such a mistake too.
[[nodiscard]] int run_with_options(const ProgramSpec& program,
                                   const std::vector<std::string>& arguments,
                                   const std::function<Result<int>(const Invocation&)>& body);

/// The program of a command, `name` is "run", with these options and those of every output. Its
/// file, when it has the option "config", is that of coppice-manager or of coppice-agent.
[[nodiscard]] ProgramSpec simulator_program(
    const std::string& name, const std::string& summary,
    std::initializer_list<std::vector<OptionSpec>> option_groups);

/// "1KiB", "64 KiB", "500": bytes. Errors name the option.
[[nodiscard]] Result<std::uint64_t> size_option(const Options& options, const std::string& name);

}  // namespace coppice
