#include "simulator/commands/deaths_command.h"

#include <memory>

#include "simulator/commands/command.h"
#include "simulator/commands/figures.h"
#include "simulator/commands/fleet_options.h"
#include "simulator/commands/progress.h"
#include "simulator/commands/report_output.h"
#include "simulator/dying.h"
#include "simulator/number_text.h"

namespace coppice {

namespace {

ProgramSpec program() {
    constexpr std::uint32_t hosts = 1000;
    return simulator_program(
        "deaths", "Times how soon the manager knows of a death.",
        {fleet_options(hosts),
         flags_only({
             {"dead", "SHARE", "0", "of the hosts that are dead before: 0.5 or 50%"},
             {"deaths", "N", "200", "killed processes, and as many silent hosts"},
         })});
}

Result<DyingOptions> dying_of(const Options& options) {
    const Result<FleetOptions> fleet = fleet_of(options);
    if (!fleet.ok()) return fleet.error();
    const Result<double> dead = options.share("dead");
    if (!dead.ok()) return dead.error();
    const Result<std::uint64_t> deaths = options.number("deaths");
    if (!deaths.ok()) return deaths.error();
    return DyingOptions{.fleet = *fleet, .dead = *dead, .deaths = *deaths};
}

Report report_of(const DyingReport& found, const DyingOptions& options, double wall_s) {
    Report report;
    report.kind = "deaths";
    report.title = counted(options.deaths, "death") + " of each kind among " +
                   counted(options.fleet.hosts, "host");
    show(options.fleet, report);
    report.options.emplace_back("dead before", share_text(options.dead));
    report.broken = found.broken;
    if (found.false_lost > 0)
        report.broken.push_back(counted(found.false_lost, "time") +
                                " a host that ran was called lost.");
    report.verdict = "Every death is known, and nobody else is called lost.";
    report.figures = run_figures({.hosts = options.fleet.hosts,
                                  .simulated = found.simulated,
                                  .wall_s = wall_s,
                                  .events = found.events,
                                  .hash = found.hash});
    std::vector<Figure>& figures = report.figures;
    figures.push_back({"dead", "dead before", found.dead, Unit::none, true});
    if (found.dead > 0) {
        const auto seconds_of = [](Duration time) {
            return std::chrono::duration<double>{time}.count();
        };
        figures.push_back({"dead_known_s", "until all of those were called lost",
                           seconds_of(found.dead_known), Unit::seconds});
        figures.push_back({"dead_mended_s", "until everybody else was attached",
                           seconds_of(found.dead_mended), Unit::seconds});
    }
    figures.push_back({"interior", "deaths of hosts with children", found.interior});
    figures.push_back({"false_lost", "falsely called lost", found.false_lost, Unit::none, true});
    report.distributions.push_back({.key = "killed_ms",
                                    .title = "Killed",
                                    .what = "from the end of a process until its host is lost",
                                    .things = "processes",
                                    .times = found.killed,
                                    .missing = options.deaths - found.killed.size()});
    report.distributions.push_back({.key = "silent_ms",
                                    .title = "Silent",
                                    .what = "from the end of the power until the host is lost",
                                    .things = "hosts",
                                    .times = found.silent,
                                    .missing = options.deaths - found.silent.size()});
    return report;
}

Result<int> deaths(const Invocation& given) {
    const Result<DyingOptions> options = dying_of(given.options);
    if (!options.ok()) return options.error();
    std::unique_ptr<Progress> progress;
    const FleetHooks hooks = showing(progress, "dying");
    const Stopwatch watch;
    const DyingReport found = run_deaths(*options, hooks);
    const double wall_s = watch.seconds();
    progress.reset();

    Report report = report_of(found, *options, wall_s);
    report.command = given.command;
    add_memory(report, options->fleet.hosts);
    return give(report, given.options);
}

}  // namespace

int deaths_command(const std::vector<std::string>& arguments) {
    return run_with_options(program(), arguments, deaths);
}

}  // namespace coppice
