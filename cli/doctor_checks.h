#pragma once
// What the doctor makes of what it finds: each check is a judgement over values.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "common/result.h"
#include "common/time.h"
#include "runtime/machine_check.h"
#include "runtime/store_inspection.h"

namespace coppice::cli {

struct Check {
    std::string check;
    bool ok = false;
    std::string detail;  // what was found
    std::string mend;    // what to do; empty when it is ok
};

/// `limit`: of the daemon, or of this shell when it does not run. `needed`: by whom is in `why`.
[[nodiscard]] Check check_limits(std::optional<std::uint64_t> limit, std::uint64_t needed,
                                 const std::string& why);

/// `daemon`: the process that should hold the port; none: it does not run, and the port is free
/// for it.
[[nodiscard]] Check check_port(const std::string& name, std::uint16_t port,
                               const std::optional<PortHolder>& holder,
                               std::optional<pid_t> daemon);

/// `mistake`: of the parts that must fit; none: they do. `file` must be its owner's alone.
[[nodiscard]] Check check_key(const std::filesystem::path& file,
                              const std::optional<Error>& mistake);

[[nodiscard]] Check check_daemon(const std::string& program, std::optional<pid_t> daemon,
                                 const std::string& command);
[[nodiscard]] Check check_store(const std::filesystem::path& file,
                                const Result<StoreFindings>& findings);
[[nodiscard]] Check check_disk_space(const Result<DiskRoom>& room);
/// `longest`: what the daemon can bear.
[[nodiscard]] Check check_disk_write(const std::filesystem::path& folder,
                                     const Result<Duration>& taken, Duration longest);

/// The wall clock against the newest file of the daemon, and the monotonic clock against itself.
[[nodiscard]] Check check_clock(UnixMillis now, std::optional<UnixMillis> newest_file,
                                Duration monotonic_step);
/// The wall clock against the manager's; `round_trip` is how far that can be off.
[[nodiscard]] Check check_clock_of_manager(UnixMillis now, UnixMillis theirs, Duration round_trip);
[[nodiscard]] Check check_reachable(const std::string& name, const std::string& address,
                                    const Result<Done>& connected, const std::string& mend);
[[nodiscard]] Check check_versions(const std::string& own, const std::string& theirs);

}  // namespace coppice::cli
