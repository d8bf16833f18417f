#pragma once
// Every command of `coppice`: what it is called, what it takes, what it does.

#include <string>
#include <vector>

#include "cli/session.h"

namespace coppice::cli {

struct Command {
    std::string words;  // "tree check"
    ProgramSpec program;
    int (*run)(Session& session);
};

/// In the order of the help text.
[[nodiscard]] std::vector<Command> all_commands();

// Each group of commands, in the file of that name.
[[nodiscard]] std::vector<Command> init_commands();
[[nodiscard]] std::vector<Command> host_commands();
[[nodiscard]] std::vector<Command> report_commands();
[[nodiscard]] std::vector<Command> tree_commands();
[[nodiscard]] std::vector<Command> plan_commands();
[[nodiscard]] std::vector<Command> push_commands();
[[nodiscard]] std::vector<Command> query_commands();
[[nodiscard]] std::vector<Command> top_commands();
[[nodiscard]] std::vector<Command> series_commands();
[[nodiscard]] std::vector<Command> event_commands();
[[nodiscard]] std::vector<Command> token_commands();
[[nodiscard]] std::vector<Command> topology_commands();
[[nodiscard]] std::vector<Command> local_commands();
[[nodiscard]] std::vector<Command> doctor_commands();

/// What `top` shows unless told otherwise: the question of the series that every fleet begins with.
[[nodiscard]] std::string usual_question();

struct Words {
    std::string words;
    std::string usage;
    std::string summary;
    std::vector<std::string> positionals;
    std::vector<OptionSpec> options;
};

/// A command that asks nobody: takes --json besides its own options.
[[nodiscard]] Command local(Words words, int (*run)(Session& session));
/// A command that asks a manager: takes --manager and --json besides its own options.
[[nodiscard]] Command asking(Words words, int (*run)(Session& session));

}  // namespace coppice::cli
