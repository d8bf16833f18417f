// Reads blocks, runs their commands and writes them back with what came out.
#include "simulator/scenario.h"

#include <sstream>
#include <vector>

#include "simulator/storyteller.h"

namespace coppice {

namespace {

const std::string separator = "----";

bool is_command(const std::string& line) { return !line.empty() && line[0] != '#'; }

void append_lines(std::string& text, const std::vector<std::string>& lines) {
    for (const std::string& line : lines) text += line + '\n';
}

}  // namespace

std::string run_scenario(const std::string& text) {
    std::istringstream input{text};
    std::string output;
    std::vector<std::string> commands;
    Storyteller teller;
    for (std::string line; std::getline(input, line);) {
        if (line != separator) {
            if (is_command(line)) commands.push_back(line);
            output += line + '\n';
            continue;
        }
        output += separator + '\n';
        for (const std::string& command : commands) append_lines(output, teller.tell(command));
        commands.clear();
        while (std::getline(input, line) && !line.empty()) continue;
        if (input) output += '\n';
    }
    if (!commands.empty()) output += "error: The last commands do not end with \"----\".\n";
    return output;
}

}  // namespace coppice
