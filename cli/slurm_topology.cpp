// Lines become switches, switches become a forest, and each host a way down through it.

#include "cli/slurm_topology.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <utility>

#include "common/hostlist.h"
#include "common/limits.h"

namespace coppice::cli {
namespace {

constexpr std::size_t names_max = 2 * limits::host_list_hosts_max;

struct Switch {
    std::string name;
    std::size_t line = 0;
    std::vector<std::string> switches;
    std::vector<std::string> nodes;
    std::optional<std::size_t> above;
};

Error at_line(std::size_t line, const std::string& sentence) {
    return Error{"line " + std::to_string(line) + ": " + sentence};
}

std::string lower(std::string_view text) {
    std::string small{text};
    std::transform(small.begin(), small.end(), small.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return small;
}

class Reader {
public:
    Result<std::vector<WiredHost>> read(std::string_view text) {
        if (text.size() > topology_bytes_max)
            return Error{"the file has more than " +
                         std::to_string(topology_bytes_max / 1024 / 1024) +
                         " MiB; is it a topology.conf?"};
        if (const auto done = read_lines(text); !done.ok()) return done.error();
        if (switches_.empty())
            return Error{
                "the file names no switch; it should have lines such as "
                "SwitchName=s1 Nodes=n[001-040]"};
        if (const auto done = connect(); !done.ok()) return done.error();
        if (const auto done = check_cycles(); !done.ok()) return done.error();
        return wire();
    }

private:
    Result<Done> read_lines(std::string_view text) {
        std::string statement;
        std::size_t first = 0;
        for (std::size_t number = 1; !text.empty(); ++number) {
            std::string_view line = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(text.size(), line.size() + 1));
            line = line.substr(0, line.find('#'));
            while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0)
                line.remove_suffix(1);
            if (statement.empty()) first = number;
            const bool is_continued = !line.empty() && line.back() == '\\';
            if (is_continued) line.remove_suffix(1);
            statement += line;
            if (is_continued) continue;
            if (const auto taken = take(std::exchange(statement, {}), first); !taken.ok())
                return taken;
        }
        return take(statement, first);
    }

    Result<Done> take(const std::string& statement, std::size_t line) {
        Switch found{.line = line};
        bool is_empty = true;
        for (std::size_t start = 0; start < statement.size();) {
            const std::size_t end =
                std::min(statement.find_first_of(" \t", start), statement.size());
            const std::string word = statement.substr(start, end - start);
            start = end + 1;
            if (word.empty()) continue;
            is_empty = false;
            if (const auto taken = take_word(word, found); !taken.ok())
                return at_line(line, taken.error().message);
        }
        if (is_empty) return Done{};
        if (found.name.empty()) return at_line(line, "no SwitchName; begin with SwitchName=NAME");
        if (found.switches.empty() == found.nodes.empty())
            return at_line(
                line, "switch '" + found.name + "' needs either Switches= or Nodes=, and not both");
        const auto [known, is_new] = by_name_.emplace(found.name, switches_.size());
        if (!is_new)
            return at_line(line, "switch '" + found.name + "' is on line " +
                                     std::to_string(switches_[known->second].line) +
                                     " already; describe each switch once");
        switches_.push_back(std::move(found));
        return Done{};
    }

    Result<Done> take_word(const std::string& word, Switch& found) {
        const std::size_t equals = word.find('=');
        const std::string key = lower(word.substr(0, equals));
        if (equals == std::string::npos)
            return Error{"'" + word + "' is not KEY=VALUE, such as Nodes=n[001-040]"};
        const std::string value = word.substr(equals + 1);
        if (key == "linkspeed") return Done{};
        if (key == "switchname") {
            found.name = value;
            const bool is_one = value.find_first_of("[],") == std::string::npos;
            return is_one ? Result<Done>{Done{}}
                          : Error{"'" + value + "' is not the name of one switch"};
        }
        if (key != "switches" && key != "nodes")
            return Error{"'" + word.substr(0, equals) +
                         "' is unknown; lines have SwitchName, Switches or Nodes, and LinkSpeed"};
        Result<std::vector<std::string>> names = expand_host_list(value);
        if (!names.ok()) return Error{word.substr(0, equals) + ": " + names.error().message};
        names_ += names->size();
        if (names_ > names_max)
            return Error{"more than " + std::to_string(names_max) +
                         " nodes and switches up to here; split the file"};
        (key == "nodes" ? found.nodes : found.switches) = std::move(*names);
        return Done{};
    }

    Result<Done> connect() {
        for (std::size_t index = 0; index < switches_.size(); ++index) {
            const Switch& above = switches_[index];
            for (const std::string& name : above.switches) {
                const auto below = by_name_.find(name);
                if (below == by_name_.end())
                    return at_line(above.line, "switch '" + name +
                                                   "' is described nowhere; add a line "
                                                   "SwitchName=" +
                                                   name + " Nodes=...");
                Switch& found = switches_[below->second];
                if (found.above)
                    return at_line(above.line, "switch '" + name + "' is below '" +
                                                   switches_[*found.above].name + "' (line " +
                                                   std::to_string(switches_[*found.above].line) +
                                                   ") already; keep one of the two");
                found.above = index;
            }
        }
        return Done{};
    }

    /// Every switch has at most one above it: who climbs for longer than there are switches goes
    /// round.
    Result<Done> check_cycles() const {
        for (const Switch& one : switches_) {
            std::size_t steps = 0;
            for (const Switch* next = &one; next->above; next = &switches_[*next->above])
                if (++steps > switches_.size())
                    return at_line(one.line, "switch '" + one.name +
                                                 "' is above itself; take it out of the Switches= "
                                                 "of one that is below it");
        }
        return Done{};
    }

    Result<std::vector<WiredHost>> wire() const {
        std::vector<WiredHost> hosts;
        std::map<std::string, const Switch*> leaf_of;
        for (const Switch& leaf : switches_) {
            const std::vector<std::string> way = way_to(leaf);
            for (const std::string& node : leaf.nodes) {
                const auto [known, is_new] = leaf_of.emplace(node, &leaf);
                if (!is_new)
                    return at_line(leaf.line, "node '" + node + "' is below '" +
                                                  known->second->name + "' (line " +
                                                  std::to_string(known->second->line) +
                                                  ") already; a node has one leaf switch");
                hosts.push_back({node, way});
            }
        }
        if (hosts.empty()) return Error{"no switch has Nodes=; hosts are below leaf switches"};
        leave_out_common(hosts);
        return hosts;
    }

    [[nodiscard]] std::vector<std::string> way_to(const Switch& leaf) const {
        std::vector<std::string> way;
        for (const Switch* next = &leaf;; next = &switches_[*next->above]) {
            way.push_back(next->name);
            if (!next->above) break;
        }
        std::reverse(way.begin(), way.end());
        return way;
    }

    static void leave_out_common(std::vector<WiredHost>& hosts) {
        const auto has_same_top = [&hosts](const WiredHost& host) {
            return host.switches.size() > 1 && host.switches.front() == hosts.front().switches[0];
        };
        while (std::all_of(hosts.begin(), hosts.end(), has_same_top))
            for (WiredHost& host : hosts) host.switches.erase(host.switches.begin());
    }

    std::vector<Switch> switches_;
    std::map<std::string, std::size_t> by_name_;
    std::size_t names_ = 0;
};

std::string key_of_level(std::size_t level) { return "switch_" + std::to_string(level + 1); }

}  // namespace

Result<std::vector<WiredHost>> parse_slurm_topology(std::string_view text) {
    return Reader{}.read(text);
}

Labels switch_labels(const WiredHost& host) {
    Labels labels;
    for (std::size_t level = 0; level < host.switches.size(); ++level)
        labels[key_of_level(level)] = host.switches[level];
    return labels;
}

std::vector<std::string> switch_path(const std::vector<WiredHost>& hosts) {
    std::size_t levels = 0;
    for (const WiredHost& host : hosts) levels = std::max(levels, host.switches.size());
    std::vector<std::string> path;
    const std::size_t outermost = levels - std::min(levels, limits::domain_keys_max);
    for (std::size_t level = outermost; level < levels; ++level)
        path.push_back(key_of_level(level));
    return path;
}

}  // namespace coppice::cli
