#include "simulator/commands/check_command.h"

#include <iostream>

#include "simulator/campaign.h"
#include "simulator/commands/command.h"
#include "simulator/commands/figures.h"
#include "simulator/commands/report_output.h"

namespace coppice {

namespace {

ProgramSpec program() {
    std::vector<OptionSpec> options{
        {"seeds", "N", "100", "how many seeds", false, false},
        {"hosts", "N", "60", "hosts of each fleet", false, false},
        {"first-seed", "N", "1", "the first of the seeds", false, false},
        {"trace", "", "", "every input of every node on standard error", false, false}};
    for (OptionSpec& option : output_options()) options.push_back(std::move(option));
    return simulator_program("check", "Runs many seeds with all faults until one breaks a rule.",
                             std::move(options));
}

Result<int> check(const Invocation& given) {
    const Options& options = given.options;
    const Result<std::uint64_t> seeds = options.number("seeds");
    if (!seeds.ok()) return seeds.error();
    const Result<std::uint64_t> first = options.number("first-seed");
    if (!first.ok()) return first.error();
    const Result<std::uint64_t> hosts = options.number("hosts");
    if (!hosts.ok()) return hosts.error();
    FleetHooks hooks;
    if (options.is_set("trace"))
        hooks.sink = [](const std::string& line) { std::cerr << line << '\n'; };
    const Stopwatch watch;
    std::uint64_t events = 0;
    Report report;
    std::uint64_t seed = *first;
    for (; seed < *first + *seeds && report.broken.empty(); ++seed) {
        const CampaignReport found =
            run_campaign(campaign_of_seed(seed, static_cast<std::uint32_t>(*hosts)), hooks);
        events += found.events;
        report.broken = found.findings.broken;
    }
    report.kind = "check";
    report.title = std::to_string(seed - *first) + " seeds";
    report.command = given.command;
    report.figures = {{"hosts", "hosts", *hosts},
                      {"seeds", "seeds", seed - *first},
                      {"wall_s", "real time", watch.seconds(), Unit::seconds},
                      {"events", "events", events}};
    if (!report.broken.empty()) {
        report.figures.push_back({"failing_seed", "failing seed", seed - 1});
        report.command = "coppice-sim check --seeds 1 --hosts " + std::to_string(*hosts) +
                         " --first-seed " + std::to_string(seed - 1) + " --trace";
    }
    return give(report, options);
}

}  // namespace

int check_command(const std::vector<std::string>& arguments) {
    return run_with_options(program(), arguments, check);
}

}  // namespace coppice
