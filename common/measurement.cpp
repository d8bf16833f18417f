#include "common/measurement.h"

#include <algorithm>

namespace coppice {

bool fold(Partial& into, const Partial& other) {
    if (into.coverage.intersects(other.coverage)) return false;
    if (other.count == 0) return true;
    if (into.count == 0) {
        into = other;
        return true;
    }
    into.count += other.count;
    into.sum += other.sum;
    into.min = std::min(into.min, other.min);
    into.max = std::max(into.max, other.max);
    into.coverage |= other.coverage;
    return true;
}

Partial partial_of(HostId host, double value) {
    return {.count = 1, .sum = value, .min = value, .max = value, .coverage = {host}};
}

}  // namespace coppice
