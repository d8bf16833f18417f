#pragma once
// Facts about hosts on their way to the manager: held until the manager has them.

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "common/message.h"

namespace coppice {

/// Keeps the newest fact per host under a revision that grows with every addition. At most one
/// entry a host.
class FactLog {
public:
    /// Adds a fact unless a newer one of that host is held. The returned revision is
    /// acknowledged when this fact, or the newer one, is.
    std::uint64_t add(const HostFact& fact);
    /// Everything up to `revision` has reached the manager.
    void acknowledge(std::uint64_t revision);

    struct Batch {
        std::vector<HostFact> facts;  // oldest first
        std::uint64_t revision = 0;   // of the last; what acknowledging the batch acknowledges
    };
    [[nodiscard]] Batch oldest(std::size_t count_max) const;
    [[nodiscard]] bool empty() const { return by_revision_.empty(); }
    [[nodiscard]] std::uint64_t newest_revision() const { return revision_; }
    [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }

private:
    struct Entry {
        HostFact fact;
        std::uint64_t revision = 0;
    };
    std::map<HostId, Entry> by_host_;
    std::map<std::uint64_t, HostId> by_revision_;
    std::uint64_t revision_ = 0;
    std::uint64_t acknowledged_ = 0;
};

}  // namespace coppice
