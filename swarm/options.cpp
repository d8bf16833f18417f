#include "swarm/options.h"

#include <algorithm>
#include <utility>

#include "common/names.h"
#include "options/agent_options.h"
#include "runtime/shared_link.h"

namespace coppice {
namespace {

constexpr std::uint64_t agents_max = 200'000;

std::size_t agents_of_process(std::size_t descriptors_max) {
    const std::size_t usable = descriptors_max - std::min(descriptors_max, descriptors_spare);
    return static_cast<std::size_t>(static_cast<double>(usable) / descriptors_per_agent);
}

Result<Done> read_strikes(const Options& options, SwarmConfig& config) {
    const Result<double> killed = options.share("kill");
    if (!killed.ok()) return killed.error();
    const Result<double> paused = options.share("pause");
    if (!paused.ok()) return paused.error();
    const Result<Duration> round = options.duration("round");
    if (!round.ok()) return round.error();
    const Result<Duration> down = options.duration("down");
    if (!down.ok()) return down.error();
    config.killed = *killed;
    config.paused = *paused;
    config.down = *down;
    config.is_root_killed = options.is_set("kill-root");
    if (config.killed > 0 || config.paused > 0 || config.is_root_killed) config.round = *round;
    if (config.round > Duration{} && config.round <= config.down)
        return Error{"--round: it must be longer than --down, so that the agents return"};
    return Done{};
}

Result<SwarmConfig> common_config(const Options& options) {
    SwarmConfig config;
    Result<JoinToken> token = parse_join_token(options.text("token"));
    if (!token.ok())
        return Error{"--token: " + token.error().message + "; make one: coppice token create"};
    config.token = std::move(*token);
    config.managers = options.all("manager");
    if (config.managers.empty())
        return Error{"--manager is missing: where a manager listens, such as tcp://127.0.0.1:7400"};
    for (const std::string& address : config.managers)
        if (const auto valid = validate_address(address); !valid.ok())
            return Error{"--manager: " + valid.error().message};
    Result<Labels> labels = agent_labels(options);
    if (!labels.ok()) return labels.error();
    config.labels = std::move(*labels);
    config.prefix = options.text("prefix");
    if (const auto valid = validate_host_name(config.prefix + "1"); !valid.ok())
        return Error{"--prefix: " + valid.error().message};
    for (const auto& [name, number] :
         {std::pair{"joining", &config.joining}, std::pair{"first", &config.first}}) {
        const Result<std::uint64_t> given = options.number(name);
        if (!given.ok()) return given.error();
        if (*given == 0 || *given > agents_max)
            return Error{std::string{"--"} + name + ": 1 to " + std::to_string(agents_max)};
        *number = static_cast<std::uint32_t>(*given);
    }
    const Result<std::uint64_t> seed = options.number("seed");
    if (!seed.ok()) return seed.error();
    config.seed = *seed;
    if (const auto read = read_strikes(options, config); !read.ok()) return read.error();
    return config;
}

}  // namespace

ProgramSpec swarm_program() {
    ProgramSpec program{
        .program = "coppice-swarm",
        .usage = "--manager ADDRESS --token TOKEN --agents N",
        .summary =
            "Joins many real agents from a few processes of this machine to a manager on "
            "it; they live in memory and end with it.",
        .options =
            {
                {"manager", "ADDRESS", "", "where the manager listens for hosts", true},
                {"token", "TOKEN", "", "from `coppice init` or `coppice token create`"},
                {"agents", "N", "1000", "how many agents"},
                {"processes", "N", "",
                 "in how many processes; as many as the limit of open files needs without it"},
                {"prefix", "TEXT", "s", "of the agents' names: s00001"},
                {"first", "N", "1", "number of the first agent"},
                {"label", "KEY=VALUE", "", "a label of every agent", true},
                {"joining", "N", "64", "agents that look for their first place at one time"},
                {"kill", "SHARE", "0", "of the agents that are killed in each round"},
                {"pause", "SHARE", "0", "of the agents that are paused in each round"},
                {"kill-root", "", "", "kill the root of the tree in each round, too"},
                {"round", "DURATION", "30s",
                 "between rounds; the first comes so long after all "
                 "are live"},
                {"down", "DURATION", "10s", "until the killed start again and the paused go on"},
                {"seed", "N", "1", "who is struck"},
                {"for", "DURATION", "", "end after this time; at SIGTERM without it"},
                {"report", "DURATION", "5s", "between lines that tell how it is"},
                {"json", "", "",
                 "one document at the end; a line of JSON at each --report that "
                 "is given"},
            },
        .positionals = {}};
    for (OptionSpec& option : standard_options()) program.options.push_back(std::move(option));
    return program;
}

Result<std::vector<SwarmConfig>> swarm_configs(const Options& options,
                                               std::size_t descriptors_max) {
    const Result<SwarmConfig> common = common_config(options);
    if (!common.ok()) return common.error();
    const Result<std::uint64_t> agents = options.number("agents");
    if (!agents.ok()) return agents.error();
    if (*agents == 0 || *agents > agents_max)
        return Error{"--agents: 1 to " + std::to_string(agents_max)};
    const std::size_t most = std::max<std::size_t>(agents_of_process(descriptors_max), 1);
    std::uint64_t processes = (*agents + most - 1) / most;
    if (options.is_set("processes")) {
        const Result<std::uint64_t> given = options.number("processes");
        if (!given.ok()) return given.error();
        if (*given < processes)
            return Error{"--processes: " + std::to_string(*agents) + " agents need " +
                         std::to_string(processes) + " processes, for each may open " +
                         std::to_string(descriptors_max) + " files; see ulimit -n"};
        processes = std::min(*given, *agents);
    }
    if (processes > SharedLink::processes_max)
        return Error{"--agents: they need " + std::to_string(processes) + " processes, at most " +
                     std::to_string(SharedLink::processes_max) +
                     " are possible; raise the limit of open files (ulimit -n)"};
    std::vector<SwarmConfig> configs;
    std::uint32_t first = common->first;
    for (std::uint64_t process = 0; process < processes; ++process) {
        SwarmConfig config = *common;
        config.process = static_cast<std::uint32_t>(process);
        config.agents = static_cast<std::uint32_t>(*agents / processes +
                                                   (process < *agents % processes ? 1 : 0));
        config.first = std::exchange(first, first + config.agents);
        config.seed += process;
        configs.push_back(std::move(config));
    }
    return configs;
}

}  // namespace coppice
