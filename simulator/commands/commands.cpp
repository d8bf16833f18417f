#include "simulator/commands/commands.h"

#include <algorithm>
#include <iostream>

#include "simulator/commands/check_command.h"
#include "simulator/commands/command.h"
#include "simulator/commands/deaths_command.h"
#include "simulator/commands/push_command.h"
#include "simulator/commands/query_command.h"
#include "simulator/commands/replay_command.h"
#include "simulator/commands/run_command.h"

namespace coppice {

namespace {

std::string overview() {
    std::string text =
        "usage: coppice-sim COMMAND [OPTIONS]\n\n"
        "A fleet in a virtual world: the real state machines, repeatable from a seed.\n\n";
    constexpr std::size_t column = 10;
    for (const SimulatorCommand& command : simulator_commands())
        text += "  " + command.name + std::string(column - command.name.size(), ' ') +
                command.summary + '\n';
    return text +
           "\n`coppice-sim COMMAND --help` tells more. Exit codes: 0 all held, 1 something is "
           "broken,\n2 wrong usage.\n";
}

int misused(const std::string& sentence) {
    std::cerr << "coppice-sim: " << sentence << "; `coppice-sim --help` lists the commands\n";
    return exit_usage;
}

}  // namespace

std::vector<SimulatorCommand> simulator_commands() {
    return {{"run", "one fleet under faults, all rules checked", run_command},
            {"replay", "a failure trace of a real fleet, judged by the truth", replay_command},
            {"deaths", "how soon the manager knows of a death", deaths_command},
            {"push", "one push to a whole fleet: how long, how many messages", push_command},
            {"query", "one question to a whole fleet: how long, how much on a link", query_command},
            {"check", "many seeds with all faults; the first that breaks a rule", check_command}};
}

int run_simulator(const std::vector<std::string>& words) {
    if (words.empty()) return misused("a command is missing");
    const std::string& word = words.front();
    if (word == "--help" || word == "-h" || word == "help") {
        std::cout << overview();
        return 0;
    }
    if (word == "--version") {
        std::cout << "coppice-sim " COPPICE_VERSION "\n";
        return 0;
    }
    const std::vector<SimulatorCommand> commands = simulator_commands();
    const auto found =
        std::find_if(commands.begin(), commands.end(),
                     [&word](const SimulatorCommand& command) { return command.name == word; });
    if (found == commands.end()) return misused("there is no command '" + word + "'");
    return found->run({words.begin() + 1, words.end()});
}

}  // namespace coppice
