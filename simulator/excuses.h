#pragma once
// Who may be moved or called lost although it runs: everybody to whom something was done, and
// nobody else.

#include <vector>

#include "simulator/fleet_model.h"

namespace coppice {

/// A host is excused
/// * from the beginning of what was done to it (crash, pause, cut, overload) until 20 intervals
///   after its end: so long may news of it be under way through hosts that suffer too;
/// * while it hangs, through however many parents, on such a host that still runs its old process,
///   and for 5 intervals after: it has to notice and to walk through its candidates;
/// * while it has no parent and the manager or the root is such a host, and for 5 intervals after:
///   without the word of a root nobody admits orphans.
/// A loss of frames excuses no loss of hosts, unless the parent listened to silence all the time
/// that it takes to call a host lost.
class Excuses {
public:
    /// Both outlive this.
    Excuses(const Fleet& fleet, const FleetModel& model)
        : fleet_{fleet}, model_{model}, until_(fleet.world().size()) {}

    /// Call about once an interval: who hangs on whom changes.
    void sample();
    /// It leaves the parent that it had.
    void on_left(HostIndex host, HostId parent);
    [[nodiscard]] bool covers(HostIndex host) const;

private:
    [[nodiscard]] bool suffers(HostIndex host) const;
    [[nodiscard]] bool nobody_admits() const;
    [[nodiscard]] Instant recovered() const;

    const Fleet& fleet_;
    const FleetModel& model_;
    std::vector<Instant> until_;
};

}  // namespace coppice
