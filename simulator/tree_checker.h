#pragma once
// Rule 1: one parent each or a reason for none, no ring, bounded depth, bounded fan-out; as the
// manager has it and as the hosts live it.

#include <map>
#include <vector>

#include "simulator/complaints.h"
#include "simulator/fleet_model.h"

namespace coppice {

class TreeChecker {
public:
    TreeChecker(const Fleet& fleet, const FleetModel& model, Complaints& complaints)
        : fleet_{fleet}, model_{model}, complaints_{complaints}, hangs_on_(fleet.world().size()) {}

    void on_process(HostIndex host) { hangs_on_[host] = manager_host; }
    void on_glance(HostIndex host, const AgentGlance& glance);
    void on_records(const std::vector<RecordChange>& changes);
    /// Looks at what may be so for a while, but not for long.
    void sweep();

private:
    void count(const RecordChange& change);
    void check_place(const RecordChange& change, const std::vector<RecordChange>& changes);
    void check_children(HostId parent);
    [[nodiscard]] bool is_ring(HostIndex host) const;
    [[nodiscard]] bool is_record_ring(HostId host) const;
    void check_depths();
    void check_rings();

    const Fleet& fleet_;
    const FleetModel& model_;
    Complaints& complaints_;
    std::vector<HostId> hangs_on_;              // manager_host: on nobody who could be in a ring
    std::map<HostId, std::uint32_t> assigned_;  // children by the records
    std::map<HostId, HostId> counted_below_;    // what `assigned_` was made of
    std::map<HostIndex, Instant> rings_;        // since when a host is above itself
    std::map<HostId, Duration> too_deep_;       // for so long, while a manager could help
    Instant swept_at_{};
};

}  // namespace coppice
