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

constexpr std::uint64_t days_max = 1'000'000;
constexpr std::uint64_t copies_max = 10'000;

ProgramSpec program() {
    std::vector<OptionSpec> of_fleet = fleet_options(1);
    std::erase_if(of_fleet, [](const OptionSpec& option) {
        return option.name == "hosts" || option.name == "skip-quiet";
    });
    ProgramSpec spec = simulator_program(
        "replay", "Lets a fleet live through a failure trace, which may be compressed with xz.",
        {flags_only({
             {"format", "FORMAT", "", "of the trace: lanl, or fta (Failure Trace Archive)"},
             {"systems", "LIST", "", "lanl: only these, such as 8,20"},
             {"sites", "LIST", "", "fta: only these, such as site1,site2"},
             {"from", "DAY", "0", "first day, counted from the first event of the selection"},
             {"days", "N", "", "how many days; otherwise to the end"},
             {"tile", "N", "1", "so many copies of the fleet, which fail at other times"},
             {"live-all", "", "", "live through quiet stretches, instead of leaping over them"},
         }),
         of_fleet});
    spec.usage = "--format FORMAT [OPTIONS] FILE";
    spec.positionals = {"FILE"};
    return spec;
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream list{text};
    for (std::string part; std::getline(list, part, ',');) parts.push_back(part);
    return parts;
}

/// A whole number from 1 to `most`, for the first day from 0; `otherwise` when it is not given.
Result<std::uint32_t> number_of(const Options& options, const std::string& name, std::uint64_t most,
                                std::uint64_t otherwise) {
    const Result<std::uint64_t> number =
        options.text(name).empty() ? Result<std::uint64_t>{otherwise} : options.number(name);
    if (!number.ok()) return number.error();
    if (*number == 0 && name != "from" && !options.text(name).empty())
        return Error{"--" + name + ": 0 is too few; give 1 or more, or leave it out"};
    if (*number > most)
        return Error{"--" + name + ": " + options.text(name) + " is above " + std::to_string(most)};
    return static_cast<std::uint32_t>(*number);
}

Result<Outages> read(const Options& options) {
    const std::string& format = options.text("format");
    if (format != "lanl" && format != "fta")
        return Error{"--format: say lanl or fta, whichever the trace is in; see docs/traces.md"};
    const bool is_lanl = format == "lanl";
    const std::string foreign = is_lanl ? "sites" : "systems";
    if (!options.text(foreign).empty())
        return Error{"--" + foreign + ": a trace of format " + format + " has none; take " +
                     (is_lanl ? "--systems" : "--sites")};
    const std::string& path = options.text("FILE");
    const Result<std::string> text = read_trace_file(path);
    if (!text.ok()) return text.error();
    const Result<Outages> outages = is_lanl ? read_lanl(*text, split(options.text("systems")))
                                            : read_fta(*text, split(options.text("sites")));
    if (!outages.ok()) return Error{path + ": " + outages.error().message};
    return outages;
}

/// The part and the copies that are asked for.
Result<Outages> prepared(const Options& options, std::uint64_t seed) {
    Result<Outages> outages = read(options);
    if (!outages.ok()) return outages;
    const Result<std::uint32_t> from = number_of(options, "from", days_max, 0);
    if (!from.ok()) return from.error();
    const Result<std::uint32_t> days = number_of(options, "days", days_max, days_max);
    if (!days.ok()) return days.error();
    const Result<std::uint32_t> copies = number_of(options, "tile", copies_max, 1);
    if (!copies.ok()) return copies.error();
    if (*from > 0 || *days < days_max) outages = cut_out(*outages, *from, *days);
    if (!outages.ok()) return outages;
    if (*copies > 1) outages = tile(*outages, *copies, seed);
    return outages;
}

void add_figures(const ReplayReport& found, Report& report) {
    const OutageFindings& findings = found.findings;
    const auto count = [&report](const char* key, const char* label, std::uint64_t value,
                                 bool is_key = false) {
        report.figures.push_back({key, label, value, Unit::none, is_key});
    };
    count("outages", "outages", findings.outages, true);
    count("outages_over_bound", "outages over the bound", findings.outages_over_bound);
    count("outages_in_the_dark", "of those, with nobody there to tell",
          findings.outages_in_the_dark);
    count("detected", "of those, detected within the bound", findings.detected);
    count("missed", "of those, missed", findings.missed, true);
    count("false_lost", "falsely called lost", findings.false_lost, true);
    count("late_lost", "called lost just after they were back", findings.late_lost);
    report.figures.push_back(
        {"detection_longest_ms", "longest from outage to detection",
         std::chrono::duration<double, std::milli>{findings.detection_longest}.count(),
         Unit::millis});
    count("bursts", "bursts: ten hosts of a group in a minute", found.bursts.bursts);
    count("bursts_grouped", "of those, told as one event", found.bursts.bursts_grouped);
    report.figures.push_back({"group_precision", "hosts in such events that are of its group",
                              found.bursts.group_precision, Unit::share});
    const auto share = [&report](const char* key, const char* label, double value) {
        report.figures.push_back({key, label, value, Unit::share});
    };
    share("availability_error_max", "share of the time in which a history is wrong, of any host",
          found.availability.max);
    share("availability_error_p99", "of 99 of 100 hosts", found.availability.p99);
    share("availability_error_mean", "in the mean", found.availability.mean);
    report.notes.push_back("The history that is wrong for longest is that of " +
                           found.availability.worst + ".");
    count("late_starts", "hosts that came later", found.late_starts);
    count("interior_deaths", "outages of interior hosts", findings.interior_deaths);
    std::uint64_t most = 0;
    for (const std::uint64_t moves : found.meter.moves_per_death) most = std::max(most, moves);
    count("moves", "moves", found.meter.moves);
    count("moves_max_per_death", "most moves for one death", most);
    count("unreachable_over_bound", "unreachable for too long", findings.unreachable_over_bound);
    count("answers", "questions answered", found.answers);
    count("double_counted", "answers that count a host twice", found.double_counted);
}

void add_rows(const Outages& outages, Report& report) {
    std::uint64_t rejected = 0;
    for (const RejectedRows& rows : outages.rejected) {
        rejected += rows.rows;
        report.notes.push_back(
            counted(rows.rows, "row") + " of the trace could not be used: " + rows.reason +
            ". The first, line " + std::to_string(rows.first_line) + ": " + rows.example);
    }
    report.figures.push_back({"rows", "rows of the trace", outages.rows});
    report.figures.push_back({"rows_rejected", "rows that could not be used", rejected});
}

Report report_of(const ReplayReport& found, const Outages& outages, const FleetOptions& fleet,
                 double wall_s) {
    constexpr std::chrono::hours day{24};
    Report report;
    report.kind = "replay";
    report.title = counted(found.hosts, "host") + " through " +
                   counted(static_cast<std::uint64_t>(outages.span / day), "day") +
                   " of a failure trace";
    FleetOptions shown = fleet;
    shown.hosts = static_cast<std::uint32_t>(found.hosts);
    show(shown, report);
    report.broken = found.broken;
    for (const std::string& example : found.findings.examples) report.broken.push_back(example);
    report.verdict =
        "Every outage over the bound was detected, and nobody was falsely called lost.";
    report.figures = run_figures({.hosts = found.hosts,
                                  .simulated = found.simulated,
                                  .wall_s = wall_s,
                                  .events = found.events,
                                  .hash = found.hash});
    add_figures(found, report);
    add_rows(outages, report);
    report.distributions.push_back(
        {.key = "detection_ms",
         .title = "Detection",
         .what = "from an outage, or the later start of its bound, until the host is called lost",
         .things = "outages",
         .times = found.findings.detections,
         .missing = found.findings.missed,
         .bound = found.bound.known});
    report.meter = found.meter;
    return report;
}

Result<int> replay(const Invocation& given) {
    const Result<FleetOptions> fleet = traced_fleet_of(given.options);
    if (!fleet.ok()) return fleet.error();
    const Result<Outages> outages = prepared(given.options, fleet->seed);
    if (!outages.ok()) return outages.error();
    ReplayOptions options{.fleet = *fleet};
    options.fleet.is_passing_over = !given.options.is_set("live-all");
    std::unique_ptr<Progress> progress;
    options.on_made = [&progress](Fleet& made) {
        progress = std::make_unique<Progress>(made.world());
        made.world().add_witness(*progress);
    };
    options.on_started = [&progress, &outages](Fleet& started) {
        progress->begin({.what = "replaying", .end = started.world().now() + outages->span});
    };
    const Stopwatch watch;
    const ReplayReport found = run_replay(*outages, options);
    const double wall_s = watch.seconds();
    progress.reset();
    Report report = report_of(found, *outages, options.fleet, wall_s);
    report.command = given.command;
    add_memory(report, found.hosts);
    return give(report, given.options);
}

}  // namespace

int replay_command(const std::vector<std::string>& arguments) {
    return run_with_options(program(), arguments, replay);
}

}  // namespace coppice
