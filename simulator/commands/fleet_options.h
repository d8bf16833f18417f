#pragma once
// The options that describe a fleet: the same for every command that makes one.

#include "runtime/command_line.h"
#include "simulator/fleet.h"
#include "simulator/report.h"

namespace coppice {

/// seed, loss, bandwidth, no-codec; fanout, interval, cool-down and config as coppice-manager has
/// them.
[[nodiscard]] std::vector<OptionSpec> fleet_options();
[[nodiscard]] Result<FleetOptions> fleet_of(const Options& options);

/// The same and, for a fleet of hosts that are all alike: hosts (that many by default), skip-quiet.
[[nodiscard]] std::vector<OptionSpec> sized_fleet_options(std::uint32_t hosts);
[[nodiscard]] Result<FleetOptions> sized_fleet_of(const Options& options);

/// Options and notes of a report.
void show(const FleetOptions& fleet, Report& report);

}  // namespace coppice
