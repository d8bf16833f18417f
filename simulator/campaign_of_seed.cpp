// What the random lives of a seed are.
#include <array>

#include "common/host_pattern.h"
#include "simulator/campaign.h"

namespace coppice {

namespace {

constexpr std::uint32_t zones = 3;
constexpr std::uint32_t hosts_per_rack = 5;
constexpr Duration reshape_gap = std::chrono::seconds{2};
/// Ten minutes in a real fleet.
constexpr std::array<Duration, 3> cool_downs{std::chrono::seconds{5}, std::chrono::seconds{20},
                                             std::chrono::seconds{60}};

/// Of what every host measures.
std::vector<SeriesRecord> series_of_lives() {
    using std::chrono::seconds;
    return {{"all", "avg(load1), max(load1), count()", seconds{1}, seconds{20}},
            {"by_zone", "sum(load1), p90(load1) by zone where zone!=z2", seconds{3}, seconds{60}}};
}

}  // namespace

CampaignOptions campaign_of_seed(std::uint64_t seed, std::uint32_t hosts, Duration duration) {
    CampaignOptions options;
    for (std::uint32_t number = 1; number <= hosts; ++number)
        options.fleet.roster.push_back(
            {.name = "n" + padded_number(number, 3),
             .labels = {{"zone", "z" + std::to_string(number % zones + 1)},
                        {"rack", "r" + std::to_string(number / hosts_per_rack)}}});
    options.fleet.hosts = hosts;
    options.fleet.seed = seed;
    options.fleet.fanout = static_cast<std::uint32_t>(2 + seed % 5);
    options.fleet.network.frame_loss = seed % 4 == 0 ? 0.01 : 0;
    options.fleet.cool_down = cool_downs[seed % cool_downs.size()];
    if (seed % 2 == 0) {
        options.fleet.failures_max = 1;
        options.fleet.isolation_pause = std::chrono::seconds{5};
    }
    // Racks are across zones: a path of both gives domains of one host or two.
    if (seed % 6 == 1) options.fleet.domain_path = {"rack"};
    if (seed % 6 == 4) options.fleet.domain_path = {"zone", "rack"};
    if (seed % 5 == 2) options.fleet.may_lead = "zone!=z3";
    options.duration = duration;
    options.faults.kinds = {
        FaultKind::crash,   FaultKind::crash,    FaultKind::power,     FaultKind::pause,
        FaultKind::pause,   FaultKind::overload, FaultKind::partition, FaultKind::partition,
        FaultKind::flap,    FaultKind::group,    FaultKind::disk,      FaultKind::manager,
        FaultKind::manager, FaultKind::loss,     FaultKind::loss,      FaultKind::drain,
        FaultKind::drain,   FaultKind::writer,   FaultKind::writer,    FaultKind::writer};
    options.reshape_gap = reshape_gap;
    if (seed % 3 != 0) options.series = series_of_lives();
    return options;
}

}  // namespace coppice
