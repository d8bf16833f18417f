#pragma once
// coppice-sim check: see docs/simulator.md.

#include <string>
#include <vector>

namespace coppice {

/// The exit code: 0, 1 when something is broken, 2 for wrong usage.
[[nodiscard]] int check_command(const std::vector<std::string>& arguments);

}  // namespace coppice
