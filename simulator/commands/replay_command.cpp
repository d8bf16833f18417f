// Options, the run, and its figures.
#include "simulator/commands/replay_command.h"

#include <algorithm>
#include <memory>
#include <sstream>

#include "simulator/commands/command.h"
#include "simulator/commands/figures.h"
#include "simulator/commands/fleet_options.h"
#include "simulator/commands/progress.h"
#include "simulator/commands/report_output.h"
#include "simulator/commands/trace_file.h"
#include "simulator/fta_trace.h"
#include "simulator/lanl_trace.h"
#include "simulator/number_text.h"
#include "simulator/replay.h"

namespace coppice {

namespace {

ProgramSpec program() {
    std::vector<OptionSpec> options{
        {"format", "NAME", "", "lanl or fta (Failure Trace Archive); see docs/traces.md", false,
         false},
        {"systems", "LIST", "", "lanl: only these, such as 8,20", false, false},
        {"sites", "LIST", "", "fta: only these, such as site1,site2", false, false},
        {"from", "DAY", "0", "first day, counted from the first event of the selection", false,
         false},
        {"days", "N", "", "how many days; all when it is not given", false, false},
        {"tile", "N", "1", "so many copies of the fleet, at different times", false, false},
        {"live-through", "", "", "live through quiet stretches too; the same hash, much slower",
         false, false}};
    for (OptionSpec& option : fleet_options()) options.push_back(std::move(option));
    for (OptionSpec& option : output_options()) options.push_back(std::move(option));
    ProgramSpec spec = simulator_program(
        "replay", "A fleet lives through the outages of a real failure trace.", std::move(options));
    spec.usage = "FILE --format lanl|fta [OPTIONS]";
    spec.positionals = {"FILE"};
    return spec;
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream list{text};
    for (std::string part; std::getline(list, part, ',');) parts.push_back(part);
    return parts;
}

Result<Outages> read(const Options& options) {
    const std::string& format = options.text("format");
    const bool is_lanl = format == "lanl";
    if (format.empty()) return Error{"--format is missing; say --format lanl or --format fta"};
    if (!is_lanl && format != "fta")
        return Error{"--format: there is no format \"" + format + "\"; take lanl or fta"};
    if (!is_lanl && options.is_set("systems"))
        return Error{"--systems is for --format lanl; take --sites"};
    if (is_lanl && options.is_set("sites"))
        return Error{"--sites is for --format fta; take --systems"};
    const std::string& path = options.text("FILE");
    const Result<std::string> text = read_trace_file(path);
    if (!text.ok()) return text.error();
    const Result<Outages> outages = is_lanl
                                        ? read_lanl(text.value(), split(options.text("systems")))
                                        : read_fta(text.value(), split(options.text("sites")));
    if (!outages.ok()) return Error{path + ": " + outages.error().message};
    return outages;
}

/// The part of the trace that was asked for, as often as it was asked for.
Result<Outages> prepared(const Outages& whole, const Options& options, std::uint64_t seed) {
    constexpr std::uint64_t days_max = 1'000'000;
    constexpr std::uint64_t copies_max = 10'000;
    const Result<std::uint64_t> from = options.number("from");
    if (!from.ok()) return from.error();
    std::uint64_t days = days_max;
    if (options.is_set("days")) {
        const Result<std::uint64_t> given = options.number("days");
        if (!given.ok()) return given.error();
        if (*given < 1 || *given > days_max)
            return Error{"--days: " + options.text("days") + " is not in 1 to 1000000"};
        days = *given;
    }
    if (*from > days_max) return Error{"--from: " + options.text("from") + " is above 1000000"};
    const Result<std::uint64_t> copies = options.number("tile");
    if (!copies.ok()) return copies.error();
    if (*copies < 1 || *copies > copies_max)
        return Error{"--tile: " + options.text("tile") + " is not in 1 to 10000"};
    const bool is_whole = *from == 0 && !options.is_set("days");
    const Result<Outages> part = is_whole ? whole
                                          : cut_out(whole, static_cast<std::uint32_t>(*from),
                                                    static_cast<std::uint32_t>(days));
    if (!part.ok()) return part.error();
    return tile(part.value(), static_cast<std::uint32_t>(*copies), seed);
}

void add_notes(const Outages& outages, const ReplayReport& found, Report& report) {
    for (const RejectedRows& rows : outages.rejected)
        report.notes.push_back(counted(rows.rows, "row") + " not used: " + rows.reason +
                               "; the first is line " + std::to_string(rows.first_line) + ": " +
                               rows.example);
    if (found.late_starts > 0)
        report.notes.push_back(counted(found.late_starts, "host") +
                               " joined later: down, or not there yet, when the trace begins.");
}

Report report_of(const ReplayReport& found, const Outages& outages, double wall_s) {
    const OutageFindings& findings = found.findings;
    std::uint64_t moves_most = 0;
    for (const std::uint64_t moves : findings.moves_per_death)
        moves_most = std::max(moves_most, moves);
    Report report;
    report.kind = "replay";
    report.title = counted(found.hosts, "host") + " through " +
                   time_text(std::chrono::duration_cast<Duration>(outages.span)) + " of outages";
    report.broken = found.broken;
    if (findings.missed + findings.false_lost + findings.unreachable_over_bound +
            found.double_counted >
        0)
        report.broken.insert(report.broken.end(), findings.examples.begin(),
                             findings.examples.end());
    report.verdict = "Every outage longer than the bound was detected, nobody was lost by mistake.";
    report.figures = run_figures({.hosts = found.hosts,
                                  .simulated = found.simulated,
                                  .wall_s = wall_s,
                                  .events = found.events,
                                  .hash = found.hash});
    const auto count = [&report](const char* key, const char* label, std::uint64_t value,
                                 bool is_key = false) {
        report.figures.push_back({key, label, value, Unit::none, is_key});
    };
    count("rows", "rows of the trace", outages.rows);
    count("outages", "outages", findings.outages, true);
    count("outages_over_bound", "outages longer than the bound", findings.outages_over_bound);
    count("outages_in_the_dark", "that nobody was up to notice", findings.outages_in_the_dark);
    count("detected", "outages detected", findings.detected, true);
    count("missed", "outages missed", findings.missed, true);
    count("false_lost", "falsely called lost", findings.false_lost, true);
    count("late_lost", "called lost late", findings.late_lost);
    count("interior_deaths", "deaths of interior hosts", findings.interior_deaths);
    count("moves", "moves", findings.moves);
    count("moves_max_per_death", "most moves for one death", moves_most);
    count("unreachable_over_bound", "hosts unreachable beyond the bound",
          findings.unreachable_over_bound);
    count("answers", "questions answered", found.answers);
    count("double_counted", "answers that count a host twice", found.double_counted);
    report.distributions.push_back({.key = "detection_ms",
                                    .title = "Detection",
                                    .what = "from an outage until the manager calls the host lost",
                                    .things = "outages",
                                    .times = findings.detections,
                                    .bound = found.bound.parent_too});
    add_notes(outages, found, report);
    return report;
}

Result<int> replay(const Invocation& given) {
    const Options& options = given.options;
    const Result<FleetOptions> fleet = fleet_of(options);
    if (!fleet.ok()) return fleet.error();
    const Result<Outages> whole = read(options);
    if (!whole.ok()) return whole.error();
    const Result<Outages> outages = prepared(whole.value(), options, fleet->seed);
    if (!outages.ok()) return outages.error();

    std::unique_ptr<Meter> meter;
    std::unique_ptr<Progress> progress;
    ReplayOptions replayed;
    replayed.fleet = *fleet;
    replayed.fleet.is_passing_over = !options.is_set("live-through");
    replayed.hooks.on_made = [&](Fleet& made) {
        meter = std::make_unique<Meter>(made);
        progress = std::make_unique<Progress>(made.world());
        made.world().add_witness(*meter);
        made.world().add_witness(*progress);
    };
    replayed.hooks.on_started = [&](Fleet& made) {
        meter->begin_loads();
        progress->begin({.what = "replaying",
                         .end = made.world().now() + Duration{outages->span},
                         .then = "after the trace"});
    };
    const Stopwatch watch;
    const ReplayReport found = run_replay(outages.value(), replayed);
    const double wall_s = watch.seconds();
    progress.reset();

    Report report = report_of(found, outages.value(), wall_s);
    replayed.fleet.hosts = static_cast<std::uint32_t>(found.hosts);
    show(replayed.fleet, report);
    report.command = given.command;
    report.meter = meter->readings();
    add_memory(report, found.hosts);
    return give(report, options);
}

}  // namespace

int replay_command(const std::vector<std::string>& arguments) {
    return run_with_options(program(), arguments, replay);
}

}  // namespace coppice
