#include "cli/commands.h"

#include <utility>

namespace coppice::cli {

Command local(Words words, int (*run)(Session& session)) {
    ProgramSpec program{.program = "coppice " + words.words,
                        .usage = words.usage,
                        .summary = words.summary,
                        .options = std::move(words.options),
                        .positionals = std::move(words.positionals)};
    program.options.push_back(
        {.name = "json", .help = "print one JSON document", .is_in_file = false});
    return {std::move(words.words), std::move(program), run};
}

Command asking(Words words, int (*run)(Session& session)) {
    words.options.push_back({.name = "manager",
                             .value_name = "URL",
                             .help = "the manager's HTTP address; otherwise COPPICE_API, or "
                                     "http://127.0.0.1:7401",
                             .is_in_file = false});
    return local(std::move(words), run);
}

std::vector<Command> all_commands() {
    std::vector<Command> all;
    for (auto group : {init_commands, host_commands, report_commands, tree_commands, plan_commands,
                       push_commands, query_commands, top_commands, series_commands, event_commands,
                       token_commands, topology_commands, local_commands, doctor_commands})
        for (Command& command : group()) all.push_back(std::move(command));
    return all;
}

}  // namespace coppice::cli
