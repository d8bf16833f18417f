#pragma once
// coppice-sim deaths: how soon the manager knows of a death, with some of the fleet dead before.

#include <string>
#include <vector>

namespace coppice {

[[nodiscard]] int deaths_command(const std::vector<std::string>& arguments);

}  // namespace coppice
