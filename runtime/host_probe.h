#pragma once
// Measures this host from /proc and its root file system.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/inquiry.h"
#include "runtime/host_rates.h"

namespace coppice {

/// What cannot be read is absent, never zero. Reads files anew on each call; takes well below a
/// millisecond.
class HostProbe {
public:
    /// `root` is where proc/ and etc/ are looked for.
    explicit HostProbe(std::filesystem::path root = "/") : root_{std::move(root)} {}

    /// Those of known_measurements() that this machine has. Sorted by name. `now` is of a monotonic
    /// clock: rates are those since an earlier call, see HostRates.
    [[nodiscard]] std::vector<Measurement> measure(Instant now);

    /// The part that does not change while the machine runs: cores, disk_total, mem_total.
    [[nodiscard]] std::vector<Measurement> resources() const;

    /// What the machine is, in words: kernel (its release), os ("debian 12"), arch. Read when a
    /// process starts: it does not change without a restart of one or the other.
    [[nodiscard]] Facts facts() const;

    /// How often the kernel has killed in this process's control group for want of memory (cgroup
    /// v2, memory.events); zero when that cannot be read.
    [[nodiscard]] std::uint64_t oom_kills() const;

    /// Of systemd; empty when there is none.
    [[nodiscard]] std::string machine_id() const;

private:
    [[nodiscard]] HostRates::Values read() const;
    [[nodiscard]] std::filesystem::path control_group() const;

    std::filesystem::path root_;
    HostRates rates_;
};

}  // namespace coppice
