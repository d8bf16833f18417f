#pragma once
// Settings of coppice-swarm.

#include <cstddef>
#include <vector>

#include "runtime/command_line.h"
#include "swarm/swarm.h"

namespace coppice {

[[nodiscard]] ProgramSpec swarm_program();

/// One configuration for each process: as many as were asked for, or as the limit of open files
/// (`descriptors_max`) needs. A mistake is a sentence that names the option.
[[nodiscard]] Result<std::vector<SwarmConfig>> swarm_configs(const Options& options,
                                                             std::size_t descriptors_max);

/// What an agent takes: its port, its connection to its parent, and that connection's other end,
/// with something to spare for those that are joining or changing their parents.
inline constexpr double descriptors_per_agent = 3.6;
inline constexpr std::size_t descriptors_spare = 300;

}  // namespace coppice
