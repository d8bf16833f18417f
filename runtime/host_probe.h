#pragma once
// Measures this host from /proc and its root file system.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/measurement.h"

namespace coppice {

/// What cannot be read is absent, never zero. Reads files anew on each call; takes well below a
/// millisecond.
class HostProbe {
public:
    /// `root` is where proc/ and etc/ are looked for.
    explicit HostProbe(std::filesystem::path root = "/") : root_{std::move(root)} {}

    /// load1, load5, load15; mem_total, mem_available, mem_used; disk_total, disk_used (of the
    /// root file system); net_rx, net_tx (without loopback), all in bytes since the start of the
    /// machine where they count; uptime in seconds; cores; mem_free_part, from 0 to 1, of the
    /// machine's memory or of what this process's control group may use, whichever is less. Sorted
    /// by name.
    [[nodiscard]] std::vector<Measurement> measure() const;

    /// The part that does not change while the machine runs: cores, disk_total, mem_total.
    [[nodiscard]] std::vector<Measurement> resources() const;

    /// How often the kernel has killed in this process's control group for want of memory (cgroup
    /// v2, memory.events); zero when that cannot be read.
    [[nodiscard]] std::uint64_t oom_kills() const;

    /// Of systemd; empty when there is none.
    [[nodiscard]] std::string machine_id() const;

private:
    [[nodiscard]] std::filesystem::path control_group() const;

    std::filesystem::path root_;
};

}  // namespace coppice
