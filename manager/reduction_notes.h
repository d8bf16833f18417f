#pragma once
// What to know of an answer to reduce() before one believes it.

#include <string>
#include <vector>

#include "common/partial.h"

namespace coppice {

/// Sentences: reducers that failed, contributions that were dropped, parts that are not one.
[[nodiscard]] std::vector<std::string> reduction_notes(const Inquiry& inquiry,
                                                       const Partial& partial);

}  // namespace coppice
