#pragma once
// Deaths in a fleet of which a share is dead already: how soon the manager knows of each.

#include <cstdint>
#include <string>
#include <vector>

#include "simulator/fleet.h"

namespace coppice {

struct DyingOptions {
    FleetOptions fleet;
    /// Of the hosts, drawn at random, that lose their power at one time, long before the others.
    double dead = 0;
    /// Of each kind. They come in rounds of at most one in 200 of those who live, none of them
    /// the parent of another, within one interval; who died runs again for the next round.
    std::uint64_t deaths = 200;
};

struct DyingReport {
    std::vector<std::string> broken;
    std::uint64_t dead = 0;
    Duration dead_known{};         // from the end of their power until all of them are called lost
    Duration dead_mended{};        // until every other host is attached again
    std::vector<Duration> killed;  // the process ends, its machine refuses connections; ascending
    std::vector<Duration> silent;  // the machine loses its power; ascending
    std::uint64_t interior = 0;    // deaths of hosts that had children to serve
    std::uint64_t false_lost = 0;  // times that a host which ran was called lost
    std::uint64_t hash = 0;
    std::uint64_t events = 0;
    Duration simulated{};
};

/// Deterministic. The hooks are called as by run_campaign().
[[nodiscard]] DyingReport run_deaths(const DyingOptions& options, const FleetHooks& hooks = {});

}  // namespace coppice
