#pragma once
// Values of questions and series, as people look at them.

#include <optional>
#include <string>
#include <vector>

#include "cli/session.h"

namespace coppice::cli {

/// "zone=z1, rack=r2" of a group; "(other)" of the rest.
[[nodiscard]] std::string key_text(const Json& group);
/// "39 of 40 hosts inside; missing: n017".
[[nodiscard]] std::string covered_text(const Json& coverage);

/// The newest values as bars of eight heights between the least and the greatest of them, a
/// character each and at most `width`; a space where there is none.
[[nodiscard]] std::string sparkline(const std::vector<std::optional<double>>& values,
                                    std::size_t width);

}  // namespace coppice::cli
