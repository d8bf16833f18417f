#pragma once
// Every command of coppice-sim.

#include <string>
#include <vector>

namespace coppice {

struct SimulatorCommand {
    std::string name;
    std::string summary;  // one line
    int (*run)(const std::vector<std::string>& arguments);
};

/// In the order of the help text.
[[nodiscard]] std::vector<SimulatorCommand> simulator_commands();

/// Runs the command that the words start with; the exit code.
[[nodiscard]] int run_simulator(const std::vector<std::string>& words);

}  // namespace coppice
