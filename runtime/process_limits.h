#pragma once
// What a daemon asks of the system before it does anything else.

#include "common/result.h"

namespace coppice {

/// Raises the soft limit of open files to the hard one (a socket at the limit spins a core), gives
/// threads small stacks and malloc few arenas. Call it first in main, before any thread starts.
/// Returns the number of files that may be open.
[[nodiscard]] Result<std::size_t> prepare_process();

}  // namespace coppice
