#pragma once
// Settings of coppice-manager as flags and file: one definition for the daemon and the simulator.

#include "manager/config.h"
#include "runtime/command_line.h"

namespace coppice {

[[nodiscard]] ProgramSpec manager_program();

/// Reads name, listen, interval, fanout, cool-down, domain-path and may-lead, and validates them.
/// The caller knows better than --listen what hosts are told, and draws the seed.
[[nodiscard]] Result<ManagerConfig> manager_config(const Options& options);

}  // namespace coppice
