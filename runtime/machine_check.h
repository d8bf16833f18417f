#pragma once
// What this machine offers to a daemon: files, ports, disk, clock, peers. Nothing here needs one.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"
#include "common/time.h"
#include "runtime/tcp_address.h"

namespace coppice {

/// Files that a process may open when it raises its limit to the hard one: of this process, or of
/// the one that runs as `process`. None when it cannot be known.
[[nodiscard]] std::optional<std::uint64_t> open_files_max(std::optional<pid_t> process);

struct PortHolder {
    std::optional<pid_t> process;  // none: of another user, whom this one may not see
    std::string program;           // empty: not known
};

/// Who listens on a TCP port of this machine, on any address; none: it is free.
[[nodiscard]] std::optional<PortHolder> port_holder(std::uint16_t port);

/// The arguments of a process, without its name; empty when it cannot be seen.
[[nodiscard]] std::vector<std::string> arguments_of(pid_t process);

struct DiskRoom {
    std::uint64_t free_bytes = 0;  // for this user
    std::uint64_t free_files = 0;
};
[[nodiscard]] Result<DiskRoom> disk_room(const std::filesystem::path& folder);

/// How long it takes to write a small file into the folder durably; the file is removed again.
[[nodiscard]] Result<Duration> durable_write_time(const std::filesystem::path& folder);

/// A TCP connection, within the time. An error says what the system says.
[[nodiscard]] Result<Done> try_connect(const TcpAddress& address, Duration time_limit);

/// When the newest of the files in the folder was changed.
[[nodiscard]] std::optional<UnixMillis> newest_change(const std::filesystem::path& folder);

}  // namespace coppice
