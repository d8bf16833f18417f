#pragma once
// Measurements of hosts and their fold over many hosts, with coverage.

#include <cstdint>
#include <string>
#include <vector>

#include "common/host_set.h"
#include "common/ids.h"

namespace coppice {

/// One value measured on one host. Names are [a-z0-9_]{1,63}; values are finite.
struct Measurement {
    std::string name;
    double value = 0;
    friend bool operator==(const Measurement&, const Measurement&) = default;
};

/// Numbered by the cell's root: a window of another root or term is another window.
struct WindowId {
    Stamp root;  // the root's own order
    std::uint64_t number = 0;
    friend auto operator<=>(const WindowId&, const WindowId&) = default;
};

/// count, sum, min and max of one measurement over the hosts of `coverage`.
struct Partial {
    std::uint64_t count = 0;
    double sum = 0;
    double min = 0;  // meaningless when count is zero
    double max = 0;
    HostSet coverage;
    friend bool operator==(const Partial&, const Partial&) = default;
};

/// Folds `other` into `into`. Refuses, changing nothing and returning false, when a host would be
/// counted twice.
[[nodiscard]] bool fold(Partial& into, const Partial& other);
[[nodiscard]] Partial partial_of(HostId host, double value);

}  // namespace coppice
