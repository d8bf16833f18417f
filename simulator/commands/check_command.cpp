#include "simulator/commands/check_command.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <thread>

#include "simulator/check.h"
#include "simulator/commands/command.h"
#include "simulator/commands/figures.h"
#include "simulator/commands/report_output.h"
#include "simulator/number_text.h"

namespace coppice {

namespace {

ProgramSpec program() {
    return simulator_program(
        "check", "Runs many seeds with all faults until one breaks a rule.",
        {flags_only({
            {"seeds", "N", "100", "how many seeds"},
            {"hosts", "N", "60", "hosts of each fleet"},
            {"first-seed", "N", "1", "the first of the seeds"},
            {"duration", "DURATION", "180s", "virtual time with faults, of each seed"},
            {"jobs", "N", "", "seeds at one time; as many as there are processors"},
            {"trace", "", "", "the story of the first seed alone, every input of every node"},
        })});
}

/// A number of at least one.
Result<std::uint64_t> count_of(const Options& options, const std::string& name,
                               std::uint64_t most) {
    const Result<std::uint64_t> number = options.number(name);
    if (!number.ok()) return number.error();
    if (*number < 1 || *number > most)
        return Error{"--" + name + ": " + options.text(name) + " is not in 1 to " +
                     std::to_string(most)};
    return number;
}

Result<CheckOptions> check_of(const Options& options) {
    constexpr std::uint64_t seeds_max = 1'000'000'000;
    constexpr std::uint64_t hosts_max = 100'000;
    constexpr std::uint64_t jobs_max = 1024;
    const Result<std::uint64_t> seeds = count_of(options, "seeds", seeds_max);
    if (!seeds.ok()) return seeds.error();
    const Result<std::uint64_t> hosts = count_of(options, "hosts", hosts_max);
    if (!hosts.ok()) return hosts.error();
    const Result<std::uint64_t> first = options.number("first-seed");
    if (!first.ok()) return first.error();
    const Result<Duration> duration = options.duration("duration");
    if (!duration.ok()) return duration.error();
    std::uint64_t jobs = std::max(1U, std::thread::hardware_concurrency());
    if (options.is_set("jobs")) {
        const Result<std::uint64_t> given = count_of(options, "jobs", jobs_max);
        if (!given.ok()) return given.error();
        jobs = *given;
    }
    return CheckOptions{.first_seed = *first,
                        .seeds = *seeds,
                        .hosts = static_cast<std::uint32_t>(*hosts),
                        .duration = *duration,
                        .jobs = static_cast<unsigned>(jobs)};
}

/// On a terminal one line that changes, otherwise a line every 10 s; nothing in the first second.
class SeedsProgress {
public:
    explicit SeedsProgress(std::uint64_t seeds) : seeds_{seeds} {}
    ~SeedsProgress() {
        if (is_drawn_ && is_terminal_) std::cerr << '\n';
    }
    SeedsProgress(const SeedsProgress&) = delete;
    SeedsProgress& operator=(const SeedsProgress&) = delete;

    void show(std::uint64_t ended) {
        constexpr double line_period_s = 10;
        constexpr double redraw_period_s = 0.2;
        const double passed_s = watch_.seconds();
        if (passed_s < next_s_) return;
        next_s_ = passed_s + (is_terminal_ ? redraw_period_s : line_period_s);
        is_drawn_ = true;
        const double rate = static_cast<double>(ended) / passed_s;
        const double left_s = static_cast<double>(seeds_ - ended) / rate;
        std::cerr << (is_terminal_ ? "\r" : "") << grouped(ended) << " of " << grouped(seeds_)
                  << " seeds, " << static_cast<std::uint64_t>(rate) << " a second, "
                  << static_cast<std::uint64_t>(left_s) << " s left"
                  << (is_terminal_ ? "   " : "\n") << std::flush;
    }

private:
    std::uint64_t seeds_;
    Stopwatch watch_;
    double next_s_ = 1;
    bool is_terminal_ = isatty(STDERR_FILENO) == 1;
    bool is_drawn_ = false;
};

Report report_of(const CheckReport& found, const CheckOptions& options, double wall_s) {
    Report report;
    report.kind = "check";
    report.title = counted(found.seeds, "seed") + " of " + counted(options.hosts, "host");
    report.options = {{"hosts", grouped(options.hosts)},
                      {"faults for", time_text(options.duration)},
                      {"first seed", std::to_string(options.first_seed)},
                      {"jobs", std::to_string(options.jobs)}};
    report.broken = found.broken;
    report.figures = run_figures({.hosts = options.hosts,
                                  .simulated = found.simulated,
                                  .wall_s = wall_s,
                                  .events = found.events,
                                  .hash = found.hash});
    report.figures.push_back({"seeds", "seeds", found.seeds, Unit::none, true});
    report.figures.push_back({"faults", "faults", found.faults});
    if (found.failing_seed)
        report.figures.push_back(
            {"failing_seed", "lowest failing seed", *found.failing_seed, Unit::none, true});
    return report;
}

Result<int> check(const Invocation& given) {
    const Result<CheckOptions> options = check_of(given.options);
    if (!options.ok()) return options.error();
    const Stopwatch watch;
    CheckReport found;
    if (given.options.is_set("trace")) {
        found = tell_seed(*options, [](const std::string& line) { std::cerr << line << '\n'; });
    } else {
        SeedsProgress progress{options->seeds};
        found = run_check(*options, [&progress](std::uint64_t ended) { progress.show(ended); });
    }
    Report report = report_of(found, *options, watch.seconds());
    report.command =
        found.failing_seed ? repeat_command(*options, *found.failing_seed) : given.command;
    return give(report, given.options);
}

}  // namespace

int check_command(const std::vector<std::string>& arguments) {
    return run_with_options(program(), arguments, check);
}

}  // namespace coppice
