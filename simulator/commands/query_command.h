#pragma once
// coppice-sim query: see docs/simulator.md.

#include <string>
#include <vector>

namespace coppice {

/// The exit code: 0, 1 when something is broken, 2 for wrong usage.
[[nodiscard]] int query_command(const std::vector<std::string>& arguments);

}  // namespace coppice
