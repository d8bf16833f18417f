#pragma once
// Whose orders name a host as a spare: so that a death concerns those, and nobody else is looked
// at.

#include <map>
#include <vector>

#include "common/host_set.h"

namespace coppice {

/// Holds `spares_max` entries a host at most, about 2 bytes each.
class SpareUsers {
public:
    /// The order of `user` named `before`, and names `after`.
    void change(HostId user, const std::vector<HostId>& before, const std::vector<HostId>& after);
    [[nodiscard]] const HostSet& of(HostId spare) const;

private:
    std::map<HostId, HostSet> users_;  // of spares that have some
};

}  // namespace coppice
