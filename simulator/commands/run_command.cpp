#include "simulator/commands/run_command.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <sstream>

#include "simulator/campaign.h"
#include "simulator/commands/command.h"
#include "simulator/commands/figures.h"
#include "simulator/commands/fleet_options.h"
#include "simulator/commands/progress.h"
#include "simulator/commands/report_output.h"
#include "simulator/number_text.h"
#include "simulator/outage_watch.h"
#include "simulator/scenario.h"

namespace coppice {

namespace {

std::string all_faults() {
    std::string all;
    for (const auto& [name, kind] : fault_names()) all += (all.empty() ? "" : ",") + name;
    return all;
}

ProgramSpec program() {
    constexpr std::uint32_t hosts = 100;
    return simulator_program(
        "run", "Runs one fleet under faults and checks every rule.",
        {fleet_options(hosts),
         flags_only({
             {"duration", "DURATION", "1m", "virtual time with faults"},
             {"minutes", "N", "", "the same in minutes"},
             {"faults", "LIST", "", "some of " + all_faults()},
             {"fault-gap", "DURATION", "5s", "mean time between two faults"},
             {"work-gap", "DURATION", "3s",
              "longest time between two pushes or questions; 0ms: none"},
             {"fail", "SHARE", "0",
              "of the hosts that crash all at once after a third of the time"},
             {"scenario", "FILE", "", "a story to tell instead; see tests/scenarios"},
             {"no-checks", "", "",
              "neither checkers nor a recovery: for fleets that need all memory"},
             {"trace", "", "", "every input of every node on standard error"},
         })});
}

Result<std::vector<FaultKind>> faults_of(const std::string& text) {
    std::vector<FaultKind> kinds;
    std::istringstream list{text};
    for (std::string name; std::getline(list, name, ',');) {
        const auto found = fault_names().find(name);
        if (found == fault_names().end())
            return Error{"--faults: there is no fault \"" + name + "\"; take some of " +
                         all_faults()};
        kinds.push_back(found->second);
    }
    return kinds;
}

Result<Duration> duration_of(const Options& options) {
    if (!options.is_set("minutes")) return options.duration("duration");
    if (options.is_set("duration"))
        return Error{"--minutes and --duration say the same; give one of them"};
    const Result<Duration> minutes = parse_duration(options.text("minutes") + "m");
    if (!minutes.ok())
        return Error{"--minutes: \"" + options.text("minutes") +
                     "\" is not a number of minutes, such as 10 or 0.5"};
    return minutes;
}

Result<CampaignOptions> campaign_of(const Options& options) {
    const Result<FleetOptions> fleet = fleet_of(options);
    if (!fleet.ok()) return fleet.error();
    const Result<Duration> duration = duration_of(options);
    if (!duration.ok()) return duration.error();
    const Result<std::vector<FaultKind>> faults = faults_of(options.text("faults"));
    if (!faults.ok()) return faults.error();
    const Result<Duration> gap = options.duration("fault-gap");
    if (!gap.ok()) return gap.error();
    const Result<Duration> work_gap = options.duration("work-gap");
    if (!work_gap.ok()) return work_gap.error();
    CampaignOptions campaign;
    campaign.work_gap = *work_gap;
    campaign.is_checking = !options.is_set("no-checks");
    campaign.fleet = *fleet;
    campaign.faults.kinds = *faults;
    campaign.faults.gap = *gap;
    campaign.duration = *duration;
    return campaign;
}

Result<int> tell(const std::string& path) {
    std::ifstream file{path};
    if (!file) return Error{"--scenario: cannot read " + path + "; is the path right?"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    std::cout << run_scenario(text);
    return 0;
}

/// The mass failure of --fail: so many hosts of this fleet crash in one instant.
void fail_later(Fleet& fleet, double share, Duration after) {
    std::vector<HostIndex> hosts;
    for (HostIndex host = 1; host < fleet.world().size(); ++host) hosts.push_back(host);
    Random random{scramble(fleet.options().seed + 21)};
    const auto count = static_cast<std::size_t>(share * static_cast<double>(hosts.size()));
    for (std::size_t i = 0; i < count; ++i)
        std::swap(hosts[i], hosts[i + random.below(hosts.size() - i)]);
    hosts.resize(count);
    fleet.world().schedule().after(after, [&fleet, hosts] {
        for (const HostIndex host : hosts)
            if (fleet.world().host(host).phase() != VirtualHost::Phase::down) fleet.crash(host);
    });
}

/// Of detection; none when the manager may be down, or frames may be late or lost.
std::optional<Duration> bound_of(const CampaignOptions& campaign) {
    const std::vector<FaultKind>& kinds = campaign.faults.kinds;
    const bool is_calm = campaign.fleet.network.loss <= 0 &&
                         campaign.fleet.network.frame_loss <= 0 &&
                         std::all_of(kinds.begin(), kinds.end(),
                                     [](FaultKind kind) { return kind == FaultKind::crash; });
    if (!is_calm) return std::nullopt;
    return outage_bound(Timing{.interval = campaign.fleet.interval}).known;
}

Report report_of(const CampaignReport& found, const CampaignOptions& campaign, double wall_s) {
    const Findings& findings = found.findings;
    Report report;
    report.kind = "run";
    report.title = counted(campaign.fleet.hosts, "host") + " for " + time_text(campaign.duration);
    show(campaign.fleet, report);
    report.broken = findings.broken;
    report.distributions.push_back({.key = "detection_ms",
                                    .title = "Detection",
                                    .what = "from a crash until the manager calls the host lost",
                                    .things = "crashes",
                                    .times = findings.detections,
                                    .bound = bound_of(campaign)});
    report.figures = run_figures({.hosts = campaign.fleet.hosts,
                                  .simulated = found.simulated,
                                  .wall_s = wall_s,
                                  .events = found.events,
                                  .hash = found.hash});
    const auto count = [&report](const char* key, const char* label, std::uint64_t value) {
        report.figures.push_back({key, label, value});
    };
    count("faults", "faults", found.faults);
    count("pushes", "pushes", found.pushes);
    if (campaign.is_checking) {
        count("answers", "questions answered", found.findings.answers);
        count("heard", "messages of daemons heard", found.findings.heard);
        count("detected", "crashes detected", findings.detections.size());
        count("false_lost", "falsely called lost", findings.false_lost);
        count("double_counted", "answers that count a host twice", findings.double_counted);
        report.figures.push_back({"recovered_after_s", "whole again after",
                                  std::chrono::duration<double>{found.recovered_after}.count(),
                                  Unit::seconds, true});
    } else {
        count("lost", "lost at the end", found.lost);
        report.verdict = "Nothing was checked.";
        report.notes.emplace_back("Without checkers: no rule was checked, no recovery proven.");
    }
    count("messages", "messages", found.network.frames);
    if (campaign.fleet.network.is_coding)
        report.figures.push_back({"bytes", "bytes sent", found.network.bytes, Unit::bytes});
    return report;
}

Result<int> run(const Invocation& given) {
    const Options& options = given.options;
    if (options.is_set("scenario")) return tell(options.text("scenario"));
    const Result<CampaignOptions> campaign = campaign_of(options);
    if (!campaign.ok()) return campaign.error();
    const Result<double> fail = options.share("fail");
    if (!fail.ok()) return fail.error();

    std::unique_ptr<Meter> meter;
    std::unique_ptr<Progress> progress;
    FleetHooks hooks;
    if (options.is_set("trace"))
        hooks.sink = [](const std::string& line) { std::cerr << line << '\n'; };
    hooks.on_made = [&meter, &progress](Fleet& fleet) {
        meter = std::make_unique<Meter>(fleet);
        progress = std::make_unique<Progress>(fleet.world());
        fleet.add_witness(*meter);
        fleet.world().add_witness(*progress);
    };
    hooks.on_started = [&](Fleet& fleet) {
        meter->begin_loads();
        progress->begin({.what = "under faults",
                         .end = fleet.world().now() + campaign->duration,
                         .then = "after the faults"});
        if (*fail > 0) fail_later(fleet, *fail, campaign->duration / 3);
    };
    const Stopwatch watch;
    const CampaignReport found = run_campaign(*campaign, hooks);
    const double wall_s = watch.seconds();
    progress.reset();

    Report report = report_of(found, *campaign, wall_s);
    report.command = given.command;
    report.meter = meter->readings();
    report.options.emplace_back("faults",
                                options.text("faults").empty() ? "none" : options.text("faults"));
    add_memory(report, campaign->fleet.hosts);
    return give(report, options);
}

}  // namespace

int run_command(const std::vector<std::string>& arguments) {
    return run_with_options(program(), arguments, run);
}

}  // namespace coppice
