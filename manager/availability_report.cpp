#include "manager/availability_report.h"

#include <iterator>
#include <tuple>

namespace coppice {
namespace {

double rank(const HostAvailability& host) {
    constexpr double better_than_any = 2;
    return host.found.availability().value_or(better_than_any);
}

}  // namespace

bool operator<(const HostAvailability& left, const HostAvailability& right) {
    return std::forward_as_tuple(rank(left), right.found.failures, left.name) <
           std::forward_as_tuple(rank(right), left.found.failures, right.name);
}

void AvailabilityReport::add(const HostAvailability& host) {
    all_.add(host.found);
    worst_.insert(host);
    if (worst_.size() > worst_max_) worst_.erase(std::prev(worst_.end()));
}

void AvailabilityReport::add_to_group(const std::optional<std::string>& value,
                                      const Availability& found) {
    groups_[value].add(found);
}

}  // namespace coppice
