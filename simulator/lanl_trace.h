#pragma once
// Reads the node outages of Los Alamos National Laboratory (LA-UR-05-7318).
//
// Separated by commas, fields quoted where need be, one header line. Columns used, by name: System,
// nodes (size of the system), nodenumz (number of the node from zero), Prob Started and Prob Fixed
// (month/day/year hour:minute, taken for UTC). A system of so many nodes is so many hosts, called
// s20-n000, s20-n001, ..., with the label system=20, whether rows speak of them or not.

#include <string>
#include <string_view>
#include <vector>

#include "simulator/outages.h"

namespace coppice {

/// Only these systems; all when there are none. Rows of other systems count nowhere. An error
/// names a missing column, or a system that the trace does not have.
[[nodiscard]] Result<Outages> read_lanl(std::string_view text,
                                        const std::vector<std::string>& systems);

}  // namespace coppice
