// The most frequent lines of a log over all hosts: each host contributes those of its own file, and
// wherever some come together on their way up they are added up. Ask for them with
// coppice query 'reduce(log_lines)'
//
// usage: own_reducer SOCKET FILE
#include <coppice/client.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <thread>

using namespace coppice::client;

namespace {

constexpr const char* name = "log_lines";
/// Lines that are kept. One that is rarer than these on every host is lost on the way, so keep far
/// more than are looked at.
constexpr std::size_t kept = 100;
constexpr std::size_t line_bytes_max = 120;  // 100 of them are less than the 16 KiB of a part

using Counts = std::map<std::string, std::uint64_t>;

/// "17 link is down", one a line, the most frequent first.
std::string text_of(const Counts& counts) {
    std::vector<std::pair<std::uint64_t, std::string>> order;
    for (const auto& [line, count] : counts) order.emplace_back(count, line);
    std::sort(order.begin(), order.end(), [](const auto& left, const auto& right) {
        return left.first == right.first ? left.second < right.second : left.first > right.first;
    });
    if (order.size() > kept) order.resize(kept);
    std::string text;
    for (const auto& [count, line] : order) text += std::to_string(count) + " " + line + "\n";
    return text;
}

void add(Counts& counts, const std::string& part) {
    std::istringstream lines{part};
    for (std::string text; std::getline(lines, text);) {
        std::istringstream line{text};
        std::uint64_t count = 0;
        std::string rest;
        if (!(line >> count) || !std::getline(line >> std::ws, rest))
            throw std::runtime_error{"'" + text + "' is not a number and a line"};
        counts[rest] += count;
    }
}

std::string added_up(const std::vector<std::string>& parts) {
    Counts counts;
    for (const std::string& part : parts) add(counts, part);
    return text_of(counts);
}

std::string counted(const std::string& path) {
    std::ifstream file{path};
    Counts counts;
    for (std::string line; std::getline(file, line);)
        if (!line.empty()) ++counts[line.substr(0, line_bytes_max)];
    return text_of(counts);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: own_reducer SOCKET FILE\n";
        return 2;
    }
    Client agent{argv[1]};
    agent.reduce(name, added_up);
    std::thread counting{[&agent, path = std::string{argv[2]}] {
        while (true) {
            const auto given =
                agent.contribute({.name = name, .bytes = counted(path)});  // for a minute
            if (!given) std::cerr << given.failure().sentence << std::endl;
            std::this_thread::sleep_for(std::chrono::seconds{given ? 20 : 1});
        }
    }};
    agent.run();
    counting.join();
    return 0;
}
