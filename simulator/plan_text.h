#pragma once
// Plans of the tree and its history as lines of a story.

#include <string>
#include <vector>

#include "manager/manager.h"

namespace coppice {

[[nodiscard]] std::vector<std::string> lines_of(const TreePlan& plan, const Manager& manager);
[[nodiscard]] std::vector<std::string> lines_of(const std::vector<TreeChangeView>& changes);

}  // namespace coppice
