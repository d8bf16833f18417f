#pragma once
// What hosts were: `coppice host NAME --history`, `coppice hosts --at TIME` and
// `coppice status --at TIME`.

#include "cli/session.h"
#include "common/time.h"

namespace coppice::cli {

/// The time that an option names; an error when it cannot be read, or is still to come.
[[nodiscard]] Result<UnixMillis> past_of(const Session& session, const std::string& option);

/// Runs the command; returns its exit code.
[[nodiscard]] int host_history(Session& session);
[[nodiscard]] int hosts_at(Session& session);
[[nodiscard]] int status_at(Session& session);
/// The address of the counts by state at the time that --at names, of the hosts of --where.
[[nodiscard]] Result<std::string> counts_path(const Session& session);
/// "12 hosts registered, 10 live, 2 lost": `hosts` by state.
[[nodiscard]] std::string counts_text(const Json& hosts);

}  // namespace coppice::cli
