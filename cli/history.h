#pragma once
// What hosts were: `coppice host NAME --history` and `coppice hosts --at TIME`.

#include "cli/session.h"

namespace coppice::cli {

/// Runs the command; returns its exit code.
[[nodiscard]] int host_history(Session& session);
[[nodiscard]] int hosts_at(Session& session);

}  // namespace coppice::cli
