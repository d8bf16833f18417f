#pragma once
// Whose orders name a host as a spare: so that a death concerns those, and nobody else is looked
// at.

#include <vector>

#include "common/host_set.h"

namespace coppice {

/// At most `spares_max` entries a host, about 2 bytes each, and an empty set for each host.
class SpareUsers {
public:
    /// The order of `user` named `before`, and names `after`.
    void change(HostId user, const std::vector<HostId>& before, const std::vector<HostId>& after);
    [[nodiscard]] const HostSet& of(HostId spare) const;

private:
    std::vector<HostSet> users_;  // by the id of the spare; ids are dense
};

}  // namespace coppice
