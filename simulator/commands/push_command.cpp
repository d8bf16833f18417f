#include "simulator/commands/push_command.h"

#include <iostream>
#include <memory>

#include "common/limits.h"
#include "simulator/commands/command.h"
#include "simulator/commands/figures.h"
#include "simulator/commands/fleet_options.h"
#include "simulator/commands/progress.h"
#include "simulator/commands/report_output.h"
#include "simulator/number_text.h"
#include "simulator/pushing.h"

namespace coppice {

namespace {

ProgramSpec program() {
    constexpr std::uint32_t hosts = 1000;
    return simulator_program(
        "push", "Pushes to a whole fleet and times every host.",
        {fleet_options(hosts),
         flags_only({
             {"size", "BYTES", "1KiB", "of the payload: 500, 1KiB, up to 64KiB"},
             {"pushes", "N", "1", "one after the other"},
             {"apply", "DURATION", "0ms", "time that a host's writer takes"},
         })});
}

Result<PushingOptions> pushing_of(const Options& options) {
    Result<FleetOptions> fleet = fleet_of(options);
    if (!fleet.ok()) return fleet.error();
    const Result<std::uint64_t> size = size_option(options, "size");
    if (!size.ok()) return size.error();
    if (*size > limits::payload_bytes_max)
        return Error{"--size: " + options.text("size") + " is above the limit of a push, " +
                     bytes_text(limits::payload_bytes_max)};
    const Result<std::uint64_t> pushes = options.number("pushes");
    if (!pushes.ok()) return pushes.error();
    const Result<Duration> apply = options.duration("apply");
    if (!apply.ok()) return apply.error();
    fleet->host.apply_min = *apply;
    fleet->host.apply_max = *apply;
    return PushingOptions{.fleet = *fleet, .payload_bytes = *size, .pushes = *pushes};
}

Report report_of(const PushingReport& found, const PushingOptions& options, double wall_s) {
    const auto hosts = static_cast<double>(options.fleet.hosts);
    Report report;
    report.kind = "push";
    report.title = counted(options.pushes, "push") + (options.pushes == 1 ? " of " : "es of ") +
                   bytes_text(static_cast<double>(options.payload_bytes)) + " to " +
                   counted(options.fleet.hosts, "host");
    show(options.fleet, report);
    report.options.emplace_back("payload", bytes_text(static_cast<double>(options.payload_bytes)));
    report.options.emplace_back("writer", time_text(options.fleet.host.apply_max));
    report.broken = found.broken;
    report.verdict = "Every host has applied, every receipt is complete.";
    report.figures = run_figures({.hosts = options.fleet.hosts,
                                  .simulated = found.simulated,
                                  .wall_s = wall_s,
                                  .events = found.events,
                                  .hash = found.hash});
    report.distributions.push_back({.key = "time_ms",
                                    .title = "Delivery",
                                    .what = "from the manager's commit until a host has it durably",
                                    .things = "hosts",
                                    .times = found.applied,
                                    .missing = found.missing});
    report.distributions.push_back({.key = "complete_ms",
                                    .title = "Completion",
                                    .what = "from the commit until the receipt is complete",
                                    .things = "receipts",
                                    .times = found.completed});
    Sent all;
    for (const Sent& sent : found.sent) {
        all.frames += sent.frames;
        all.bytes += sent.bytes;
    }
    const Sent& root = found.sent[static_cast<std::size_t>(Sender::root)];
    std::vector<Figure>& figures = report.figures;
    figures.push_back({"messages", "messages until complete", all.frames, Unit::none, true});
    figures.push_back(
        {"messages_per_host", "messages per host", static_cast<double>(all.frames) / hosts});
    if (!options.fleet.network.is_coding) return report;
    figures.push_back({"bytes", "bytes sent", all.bytes, Unit::bytes});
    figures.push_back({"bytes_root", "bytes sent by the root", root.bytes, Unit::bytes, true});
    figures.push_back({"bytes_per_host", "bytes sent per host",
                       static_cast<double>(all.bytes) / hosts, Unit::bytes});
    return report;
}

Result<int> push(const Invocation& given) {
    const Result<PushingOptions> options = pushing_of(given.options);
    if (!options.ok()) return options.error();
    std::unique_ptr<Progress> progress;
    const FleetHooks hooks = showing(progress, "pushing");
    const Stopwatch watch;
    const PushingReport found = run_pushes(*options, hooks);
    const double wall_s = watch.seconds();
    progress.reset();

    Report report = report_of(found, *options, wall_s);
    report.command = given.command;
    report.meter = found.meter;
    add_memory(report, options->fleet.hosts);
    return give(report, given.options);
}

}  // namespace

int push_command(const std::vector<std::string>& arguments) {
    return run_with_options(program(), arguments, push);
}

}  // namespace coppice
