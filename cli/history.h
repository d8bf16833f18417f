#pragma once
// What hosts were: `coppice host NAME --history` and `coppice hosts --at TIME`.

#include "cli/session.h"
#include "common/time.h"

namespace coppice::cli {

/// The time that an option names; an error when it cannot be read, or is still to come.
[[nodiscard]] Result<UnixMillis> past_of(const Session& session, const std::string& option);

/// Runs the command; returns its exit code.
[[nodiscard]] int host_history(Session& session);
[[nodiscard]] int hosts_at(Session& session);

}  // namespace coppice::cli
