#pragma once
// What the daemons of a host measure: beside the agent's own measurements for as long as they are
// repeated.

#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "common/measurement.h"
#include "common/result.h"
#include "common/time.h"

namespace coppice {

/// Names of what daemons of a host give to it: [a-z0-9_]{1,63}.
[[nodiscard]] Result<Done> validate_own_name(const std::string& name);

/// From any thread.
class OwnMeasurements {
public:
    /// `taken`: names of what the agent measures itself.
    explicit OwnMeasurements(std::set<std::string> taken) : taken_{std::move(taken)} {}

    /// Counts for so long; given again, it replaces what was there. An error is a sentence for
    /// whoever offered it.
    [[nodiscard]] Result<Done> put(const Measurement& measurement, Duration lifetime, Instant now);

    struct Entry {
        Measurement measurement;
        Instant expires{};
    };
    /// Those that have not expired, by name.
    [[nodiscard]] std::vector<Entry> list(Instant now) const;

    static constexpr std::size_t count_max = 64;
    static constexpr Duration lifetime_max = std::chrono::hours{24};

private:
    struct Value {
        double value = 0;
        Instant expires{};
    };

    const std::set<std::string> taken_;
    mutable std::mutex mutex_;
    std::map<std::string, Value> values_;
};

}  // namespace coppice
