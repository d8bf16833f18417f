#pragma once
// The availability of many hosts: of each group, of all, and of those with the worst.

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "manager/availability.h"

namespace coppice {

struct HostAvailability {
    std::string name;
    Availability found;
    /// The worse is less: by availability, then by failures; last who was not observed.
    friend bool operator<(const HostAvailability& left, const HostAvailability& right);
};

class AvailabilityReport {
public:
    /// None: of hosts without the label.
    using Groups = std::map<std::optional<std::string>, Availability>;

    explicit AvailabilityReport(std::size_t worst_max) : worst_max_{worst_max} {}

    void add(const HostAvailability& host);
    void add_to_group(const std::optional<std::string>& value, const Availability& found);

    [[nodiscard]] const Availability& all() const { return all_; }
    [[nodiscard]] const Groups& groups() const { return groups_; }
    /// At most `worst_max` of all, the worst first.
    [[nodiscard]] const std::set<HostAvailability>& worst() const { return worst_; }

private:
    std::size_t worst_max_;
    Availability all_;
    Groups groups_;
    std::set<HostAvailability> worst_;
};

}  // namespace coppice
