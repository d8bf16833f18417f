#include "local/own_measurements.h"

#include <algorithm>
#include <cmath>

#include "common/limits.h"

namespace coppice {
namespace {

bool is_name(const std::string& name) {
    return !name.empty() && name.size() <= limits::measurement_name_bytes_max &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

}  // namespace

Result<Done> validate_own_name(const std::string& name) {
    if (is_name(name)) return Done{};
    return Error{"'" + name + "' is not a name of [a-z0-9_]{1," +
                 std::to_string(limits::measurement_name_bytes_max) + "}"};
}

Result<Done> OwnMeasurements::put(const Measurement& measurement, Duration lifetime, Instant now) {
    if (auto valid = validate_own_name(measurement.name); !valid.ok()) return valid;
    if (taken_.contains(measurement.name))
        return Error{measurement.name + " is measured by the agent itself; choose another name"};
    if (!std::isfinite(measurement.value)) return Error{"the value is not a finite number"};
    if (lifetime <= Duration::zero() || lifetime > lifetime_max)
        return Error{"a measurement counts for more than nothing and for 24h at most"};
    const std::lock_guard lock{mutex_};
    std::erase_if(values_, [now](const auto& entry) { return entry.second.expires <= now; });
    if (values_.size() >= count_max && !values_.contains(measurement.name))
        return Error{"this host has " + std::to_string(count_max) +
                     " measurements of its daemons already; wait until one expires"};
    values_.insert_or_assign(measurement.name, Value{measurement.value, now + lifetime});
    return Done{};
}

std::vector<OwnMeasurements::Entry> OwnMeasurements::list(Instant now) const {
    const std::lock_guard lock{mutex_};
    std::vector<Entry> all;
    for (const auto& [name, value] : values_)
        if (value.expires > now)
            all.push_back(
                {.measurement = {.name = name, .value = value.value}, .expires = value.expires});
    return all;
}

}  // namespace coppice
