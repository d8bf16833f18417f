#pragma once
// Gives a report to whoever asked: summary or JSON on standard output, a page into a file.

#include "runtime/command_line.h"
#include "simulator/report.h"

namespace coppice {

/// --json and --html, which every command that reports takes.
[[nodiscard]] std::vector<OptionSpec> output_options();

/// One field a line; series are arrays in one line.
[[nodiscard]] std::string report_json(const Report& report);

/// The exit code of the command: 0, or 1 when something is broken or the page cannot be written.
[[nodiscard]] int give(const Report& report, const Options& options);

/// The command line that was given, quoted for a shell, without those options of output_options().
[[nodiscard]] std::string command_text(const std::string& program,
                                       const std::vector<std::string>& arguments);

}  // namespace coppice
