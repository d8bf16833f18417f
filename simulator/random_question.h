#pragma once
// What the hosts of a campaign are asked.

#include <string>

#include "common/random.h"

namespace coppice {

/// Something that virtual hosts have values of, of the hosts that `where` selects; empty: of all.
[[nodiscard]] std::string random_question(Random& random, const std::string& where);

}  // namespace coppice
