// coppice: the command line of people and scripts.

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/session.h"

namespace {

using coppice::cli::Command;

std::string overview(const std::vector<Command>& commands) {
    std::string text = "usage: coppice COMMAND [ARGUMENTS] [--manager URL] [--json]\n\n";
    std::size_t width = 0;
    for (const Command& command : commands) width = std::max(width, command.words.size());
    for (const Command& command : commands)
        text += "  " + command.words + std::string(width - command.words.size() + 2, ' ') +
                command.program.summary + "\n";
    text +=
        "\n`coppice COMMAND --help` tells more. Exit codes: 0 success, 1 the answer is no,\n"
        "2 wrong usage, 3 no manager can be reached.\n";
    return text;
}

/// The command with the most words that the arguments start with.
const Command* find(const std::vector<Command>& commands, const std::vector<std::string>& words) {
    const Command* found = nullptr;
    for (const Command& command : commands) {
        std::string start;
        const auto count = static_cast<std::size_t>(
            1 + std::count(command.words.begin(), command.words.end(), ' '));
        for (std::size_t i = 0; i < std::min(count, words.size()); ++i)
            start += (i == 0 ? "" : " ") + words[i];
        const bool is_longer = found == nullptr || command.words.size() > found->words.size();
        if (start == command.words && is_longer) found = &command;
    }
    return found;
}

int misused(const std::string& sentence) {
    std::cerr << "coppice: " << sentence
              << "\nusage: coppice COMMAND ...; `coppice help` lists them\n";
    return coppice::cli::wrong_usage;
}

int run(const Command& command, const std::vector<std::string>& arguments) {
    if (std::find(arguments.begin(), arguments.end(), "--help") != arguments.end()) {
        std::cout << coppice::help_text(command.program) << '\n';
        return coppice::cli::success;
    }
    auto options = coppice::parse_options(command.program, arguments);
    if (!options.ok()) {
        std::cerr << command.program.program << ": " << options.error().message << '\n';
        return coppice::cli::wrong_usage;
    }
    coppice::cli::Session session{command.program, std::move(options.value())};
    return command.run(session);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const std::vector<Command> commands = coppice::cli::all_commands();
    if (words.empty()) return misused("a command is missing");
    if (words.front() == "help" || words.front() == "--help" || words.front() == "-h") {
        std::cout << overview(commands);
        return coppice::cli::success;
    }
    if (words.front() == "--version") {
        std::cout << "coppice " COPPICE_VERSION "\n";
        return coppice::cli::success;
    }
    const Command* command = find(commands, words);
    if (command == nullptr) return misused("there is no command '" + words.front() + "'");
    const auto count = 1 + std::count(command->words.begin(), command->words.end(), ' ');
    return run(*command, {words.begin() + count, words.end()});
}
