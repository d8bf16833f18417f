#pragma once
// The options that describe a fleet: the same for every command that makes one.

#include "runtime/command_line.h"
#include "simulator/fleet.h"
#include "simulator/report.h"

namespace coppice {

/// hosts, seed, loss, hop, bandwidth, no-codec, skip-quiet; fanout, interval, cool-down and config
/// as coppice-manager has them.
[[nodiscard]] std::vector<OptionSpec> fleet_options(std::uint32_t hosts);

[[nodiscard]] Result<FleetOptions> fleet_of(const Options& options);
/// The same without hosts and skip-quiet: a trace has its own hosts.
[[nodiscard]] Result<FleetOptions> traced_fleet_of(const Options& options);

/// Options and notes of a report.
void show(const FleetOptions& fleet, Report& report);

}  // namespace coppice
