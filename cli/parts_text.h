#pragma once
// What reduce() answers, as a person sees it.

#include <string>

#include "cli/session.h"

namespace coppice::cli {

/// Whether a value is that of reduce().
[[nodiscard]] bool is_parts(const Json& value);
/// Of such a value: lines, with a blank instead of what a terminal would obey.
[[nodiscard]] std::string parts_text(const Json& value);

}  // namespace coppice::cli
