#include "simulator/commands/fleet_options.h"

#include <algorithm>

#include "options/agent_options.h"
#include "options/manager_options.h"
#include "simulator/commands/command.h"
#include "simulator/number_text.h"

namespace coppice {

namespace {

constexpr std::uint64_t hosts_max = 1'000'000;

}  // namespace

std::vector<OptionSpec> fleet_options(std::uint32_t hosts) {
    std::vector<OptionSpec> options = flags_only({
        {"hosts", "N", std::to_string(hosts), "hosts of the fleet, 1 to 1000000"},
        {"seed", "N", "1", "the same options and seed give the same run"},
        {"loss", "SHARE", "0", "of frames that TCP has to send again: 0.01 or 1%"},
        {"frame-loss", "SHARE", "0", "of frames that vanish, which TCP does not allow: a stress"},
        {"hop", "DURATION", "", "that each frame takes; without it by distance, and random"},
        {"bandwidth", "BYTES", "", "that a host can send in a second, and receive: 10MiB"},
        {"no-codec", "", "", "do not encode frames: faster, proves less, counts no bytes"},
        {"skip-quiet", "", "", "leap over stretches in which only heartbeats pass; same hash"},
        {"config", "FILE", "", "of coppice-manager or coppice-agent; flags win over it"},
    });
    for (OptionSpec& option : manager_program().options)
        if (option.name == "fanout" || option.name == "interval" || option.name == "cool-down" ||
            option.name == "domain-path" || option.name == "may-lead")
            options.push_back(std::move(option));
    return options;
}

Result<FleetOptions> fleet_of(const Options& options) {
    const Result<std::uint64_t> hosts = options.number("hosts");
    if (!hosts.ok()) return hosts.error();
    if (*hosts < 1 || *hosts > hosts_max)
        return Error{"--hosts: " + options.text("hosts") + " is not in 1 to " +
                     std::to_string(hosts_max)};
    Result<FleetOptions> fleet = traced_fleet_of(options);
    if (!fleet.ok()) return fleet;
    fleet->hosts = static_cast<std::uint32_t>(*hosts);
    fleet->is_passing_over = options.is_set("skip-quiet");
    return fleet;
}

Result<FleetOptions> traced_fleet_of(const Options& options) {
    const Result<ManagerConfig> manager = manager_config(options);
    if (!manager.ok()) return manager.error();
    const Result<std::uint64_t> seed = options.number("seed");
    if (!seed.ok()) return seed.error();
    const Result<double> loss = options.share("loss");
    if (!loss.ok()) return loss.error();
    const Result<double> frame_loss = options.share("frame-loss");
    if (!frame_loss.ok()) return frame_loss.error();
    const Result<Labels> labels = agent_labels(options);
    if (!labels.ok()) return labels.error();
    FleetOptions fleet;
    fleet.labels = *labels;
    fleet.fanout = manager->fanout;
    fleet.seed = *seed;
    fleet.interval = manager->interval;
    fleet.cool_down = manager->cool_down;
    fleet.domain_path = manager->domain_path;
    fleet.may_lead = manager->may_lead;
    fleet.network.loss = *loss;
    fleet.network.frame_loss = *frame_loss;
    fleet.network.is_coding = !options.is_set("no-codec");
    if (options.is_set("hop")) {
        const Result<Duration> hop = options.duration("hop");
        if (!hop.ok()) return hop.error();
        const Latency same{*hop, *hop, *hop, *hop};
        fleet.network.same_rack = fleet.network.same_site = fleet.network.far = same;
    }
    if (options.is_set("bandwidth")) {
        const Result<std::uint64_t> bandwidth = size_option(options, "bandwidth");
        if (!bandwidth.ok()) return bandwidth.error();
        fleet.network.bytes_per_second = *bandwidth;
    }
    return fleet;
}

void show(const FleetOptions& fleet, Report& report) {
    report.options = {
        {"hosts", grouped(fleet.hosts)},          {"fan-out", grouped(fleet.fanout)},
        {"interval", time_text(fleet.interval)},  {"cool-down", time_text(fleet.cool_down)},
        {"loss", share_text(fleet.network.loss)}, {"seed", std::to_string(fleet.seed)}};
    if (fleet.network.frame_loss > 0)
        report.options.emplace_back("frame loss", share_text(fleet.network.frame_loss));
    if (fleet.network.bytes_per_second > 0)
        report.options.emplace_back(
            "bandwidth",
            bytes_text(static_cast<double>(fleet.network.bytes_per_second)) + "/s for each host");
    if (!fleet.network.is_coding)
        report.notes.emplace_back(
            "The codec was left out: frames were not encoded, and no bytes were counted.");
    if (fleet.is_passing_over)
        report.notes.emplace_back(
            "Quiet stretches were leapt over; loads are of the rest of the time.");
}

}  // namespace coppice
