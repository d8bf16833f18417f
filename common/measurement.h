#pragma once
// Measurements of hosts, and what those are that agents make themselves.

#include <span>
#include <string>
#include <vector>

namespace coppice {

/// One value measured on one host. Names are [a-z0-9_]{1,63}; values are finite.
struct Measurement {
    std::string name;
    double value = 0;
    friend bool operator==(const Measurement&, const Measurement&) = default;
};

/// Names of what agents measure themselves, ascending; docs/questions.md has their units. A host
/// lacks what it cannot read.
[[nodiscard]] std::span<const std::string> known_measurements();

}  // namespace coppice
