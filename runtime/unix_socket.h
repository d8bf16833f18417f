#pragma once
// Sockets with a name in the file system, and who is at their other end.

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <vector>

#include "common/result.h"
#include "runtime/file_descriptor.h"

namespace coppice {

struct UnixSocketConfig {
    std::filesystem::path path;  // of any length
    std::optional<gid_t> group;  // that owns it; the process' own without it
};

/// Listens with mode 0660. The file that a process has left behind which was killed is replaced;
/// that of a process that lives, or anything that is no socket, is an error that says so.
[[nodiscard]] Result<FileDescriptor> listen_at(const UnixSocketConfig& config);

/// Whoever connected, as the kernel has it: at the moment of connecting.
struct Peer {
    uid_t user = 0;
    std::vector<gid_t> groups;
};
/// Nothing when the kernel does not tell.
[[nodiscard]] std::optional<Peer> peer_of(int socket);

/// The id of a group by its name or number.
[[nodiscard]] Result<gid_t> group_of(const std::string& name);

}  // namespace coppice
