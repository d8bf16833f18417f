#pragma once
// The options that describe a fleet: the same for every command that makes one.

#include "runtime/command_line.h"
#include "simulator/fleet.h"

namespace coppice {

/// hosts, seed, loss; fanout, interval, cool-down and config as coppice-manager has them.
[[nodiscard]] std::vector<OptionSpec> fleet_options(std::uint32_t hosts);

[[nodiscard]] Result<FleetOptions> fleet_of(const Options& options);

/// Fan-out, interval, seed and so on for the head of a report.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> shown(const FleetOptions& fleet);

}  // namespace coppice
