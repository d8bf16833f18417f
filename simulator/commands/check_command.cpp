#include "simulator/commands/check_command.h"

#include <algorithm>
#include <iostream>
#include <sstream>
#include <thread>

#include "simulator/commands/command.h"
#include "simulator/commands/figures.h"
#include "simulator/commands/report_output.h"
#include "simulator/seed_check.h"

namespace coppice {

namespace {

constexpr double line_period_s = 0.5;
constexpr std::uint64_t jobs_max = 256;

ProgramSpec program() {
    std::vector<OptionSpec> options{
        {"seeds", "N", "100", "how many seeds", false, false},
        {"hosts", "N", "60", "hosts of each fleet", false, false},
        {"first-seed", "N", "1", "the first of the seeds", false, false},
        {"duration", "DURATION", "3m", "virtual time with faults, of each seed", false, false},
        {"jobs", "N", "", "seeds at one time (default: as many as processors)", false, false},
        {"trace", "", "", "the first seed alone, every input of every node on standard error",
         false, false}};
    for (OptionSpec& option : output_options()) options.push_back(std::move(option));
    return simulator_program("check", "Runs many seeds with all faults until one breaks a rule.",
                             std::move(options));
}

Result<CheckOptions> options_of(const Options& options) {
    const Result<std::uint64_t> seeds = options.number("seeds");
    if (!seeds.ok()) return seeds.error();
    const Result<std::uint64_t> first = options.number("first-seed");
    if (!first.ok()) return first.error();
    const Result<std::uint64_t> hosts = options.number("hosts");
    if (!hosts.ok()) return hosts.error();
    const Result<Duration> duration = options.duration("duration");
    if (!duration.ok()) return duration.error();
    CheckOptions check{.first_seed = *first,
                       .seeds = *seeds,
                       .hosts = static_cast<std::uint32_t>(*hosts),
                       .duration = *duration,
                       .jobs = std::max(1U, std::thread::hardware_concurrency())};
    if (!options.is_set("jobs")) return check;
    const Result<std::uint64_t> jobs = options.number("jobs");
    if (!jobs.ok()) return jobs.error();
    check.jobs = static_cast<unsigned>(std::clamp<std::uint64_t>(*jobs, 1, jobs_max));
    return check;
}

/// Tells how far it is, on standard error.
class SeedProgress {
public:
    explicit SeedProgress(std::uint64_t seeds) : seeds_{seeds} {}
    ~SeedProgress() {
        if (is_drawn_) std::cerr << '\n';
    }
    SeedProgress(const SeedProgress&) = delete;
    SeedProgress& operator=(const SeedProgress&) = delete;

    void show(std::uint64_t ended) {
        if (watch_.seconds() < next_) return;
        next_ = watch_.seconds() + line_period_s;
        is_drawn_ = true;
        const double rate = static_cast<double>(ended) / watch_.seconds();
        const double left = static_cast<double>(seeds_ - ended) / rate;
        std::cerr << '\r' << ended << " of " << seeds_ << " seeds, " << static_cast<int>(rate)
                  << " a second, " << static_cast<int>(left) << " s left   " << std::flush;
    }

private:
    std::uint64_t seeds_;
    Stopwatch watch_;
    double next_ = line_period_s;
    bool is_drawn_ = false;
};

Report report_of(const CheckReport& found, const CheckOptions& check, double wall_s) {
    std::ostringstream hash;
    hash << std::hex << found.hash;
    Report report;
    report.kind = "check";
    report.title = std::to_string(found.seeds) + " seeds";
    report.broken = found.broken;
    report.figures = {{"hosts", "hosts", std::uint64_t{check.hosts}},
                      {"seeds", "seeds", found.seeds},
                      {"simulated_s", "virtual time",
                       std::chrono::duration<double>{found.simulated}.count(), Unit::seconds},
                      {"wall_s", "real time", wall_s, Unit::seconds},
                      {"events", "events", found.events},
                      {"hash", "hash", hash.str()},
                      {"faults", "faults", found.faults}};
    if (found.failing_seed) {
        report.figures.push_back({"failing_seed", "failing seed", *found.failing_seed});
        report.command = replay_command(check, *found.failing_seed);
    }
    return report;
}

Result<int> check(const Invocation& given) {
    const Result<CheckOptions> options = options_of(given.options);
    if (!options.ok()) return options.error();
    const Stopwatch watch;
    const bool is_story = given.options.is_set("trace");
    SeedProgress progress{options->seeds};
    const CheckReport found =
        is_story ? tell_seed(*options, [](const std::string& line) { std::cerr << line << '\n'; })
                 : run_check(*options, [&progress](std::uint64_t ended) { progress.show(ended); });
    Report report = report_of(found, *options, watch.seconds());
    if (report.command.empty()) report.command = given.command;
    return give(report, given.options);
}

}  // namespace

int check_command(const std::vector<std::string>& arguments) {
    return run_with_options(program(), arguments, check);
}

}  // namespace coppice
