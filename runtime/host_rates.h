#pragma once
// Rates out of counters that are read from time to time.

#include <map>
#include <optional>
#include <span>
#include <string>

#include "common/time.h"

namespace coppice {

/// Of the last two readings that are a second apart it keeps both, so that two questions soon after
/// each other have a base.
class HostRates {
public:
    using Values = std::map<std::string, double>;

    static constexpr Duration age_min = std::chrono::seconds{1};
    static constexpr Duration age_max = std::chrono::minutes{5};

    /// What is added to `values`, ascending: cpu_used and the rates of disks and of the network.
    [[nodiscard]] static std::span<const std::string> names();
    /// Adds the rates since the newest reading of age_min to age_max. Absent is what has no such
    /// reading, what was not counted then or now, and what has gone back, as when a device is
    /// gone. `cpu_all` and `cpu_idle`: time of the processors since the start, in any unit.
    void add(Values& values, std::optional<double> cpu_all, std::optional<double> cpu_idle,
             Instant now);

private:
    struct Reading {
        Instant time;
        Values counters;
    };
    [[nodiscard]] const Reading* base(Instant now) const;

    std::optional<Reading> older_;
    std::optional<Reading> newer_;
};

}  // namespace coppice
