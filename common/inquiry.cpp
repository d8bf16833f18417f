#include "common/inquiry.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "common/limits.h"

namespace coppice {

std::span<const std::string> known_facts() {
    static const std::array<std::string, 5> known{"arch", "host", "kernel", "os", "release"};
    return known;
}

const std::string* HostValues::text(const std::string& wanted) const {
    if (wanted == "host") return &name;
    if (wanted == "release") return &release;
    if (const auto fact = facts.find(wanted); fact != facts.end()) return &fact->second;
    const auto label = labels.find(wanted);
    return label == labels.end() ? nullptr : &label->second;
}

const double* HostValues::number(const std::string& wanted) const {
    static constexpr double one = 1;
    if (wanted.empty()) return &one;
    const auto found =
        std::find_if(measurements.begin(), measurements.end(),
                     [&](const Measurement& measurement) { return measurement.name == wanted; });
    if (found == measurements.end()) return nullptr;
    // False of what is not a number, too.
    const bool is_usable = std::abs(found->value) <= limits::measurement_magnitude_max;
    return is_usable ? &found->value : nullptr;
}

const Bytes* HostValues::contribution(const std::string& wanted) const {
    if (contributions == nullptr) return nullptr;
    const auto found = contributions->find(wanted);
    const bool is_usable =
        found != contributions->end() && found->second->size() <= limits::part_bytes_max;
    return is_usable ? found->second.get() : nullptr;
}

}  // namespace coppice
