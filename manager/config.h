#pragma once
// Settings of a manager; flags, file and --print-config use the same names.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/ids.h"
#include "common/time.h"

namespace coppice {

struct ManagerConfig {
    /// Shown to people as the owner of its cells.
    std::string name = "m1";
    /// Where hosts reach this manager, as put into orders: "tcp://host:port".
    std::vector<std::string> addresses;
    /// This manager's CURVE key, as put into orders.
    PublicKey key{};
    /// Heartbeat interval of the fleet, 0.1 s to 60 s. Detection of a silent host is 4 intervals.
    Duration interval = std::chrono::seconds{1};
    /// Links from an interior host to its children, 2 to 2,048. Depth is about log_fanout(hosts).
    std::uint32_t fanout = 32;
    /// Registrations wait this long for company, so that a burst is one generation.
    Duration join_batch = std::chrono::milliseconds{100};
    /// After a return a host gets no role for this long, unless nobody else is left.
    Duration cool_down = std::chrono::minutes{10};
    /// A host that fails more pushes in a row than this is isolated: pushes pass it by.
    std::uint32_t failures_max = 10;
    /// For so long, until it is tried again.
    Duration isolation_pause = std::chrono::seconds{60};
    /// Label keys that say what fails together, outermost first: site, cluster, rack. The tree
    /// follows them: a host's parent is in its own innermost domain when that is possible. Empty:
    /// placement does not look at labels.
    std::vector<std::string> domain_path;
    /// Hosts that this selector does not match hold no role while one that it matches can. Empty:
    /// every host may lead.
    std::string may_lead;
    /// Ties in placement are broken by this seed.
    std::uint64_t seed = 1;

    /// Every mistake, one sentence each; empty when the settings can be used.
    [[nodiscard]] std::vector<std::string> validate() const;

    /// Adopted orphans that a parent takes above the fan-out.
    [[nodiscard]] std::uint32_t slack() const { return fanout / 4 > 2 ? fanout / 4 : 2; }
    /// Children that placement gives a parent; the rest of the fan-out is kept for orphans.
    [[nodiscard]] std::uint32_t fill() const { return (fanout * 7 + 7) / 8; }
};

}  // namespace coppice
