#pragma once
// coppice-sim replay: see docs/traces.md.

#include <string>
#include <vector>

namespace coppice {

/// The exit code: 0, 1 when something is broken, 2 for wrong usage.
[[nodiscard]] int replay_command(const std::vector<std::string>& arguments);

}  // namespace coppice
