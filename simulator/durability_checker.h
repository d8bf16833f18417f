#pragma once
// Rules 3 and 10: what a node says is in its store before it says it, and nothing is written that
// is written there already.

#include <string>
#include <vector>

#include "simulator/complaints.h"
#include "simulator/fleet_model.h"

namespace coppice {

class DurabilityChecker {
public:
    /// `notary` opens the orders of the fleet; it outlives this.
    DurabilityChecker(const Fleet& fleet, const FleetModel& model, const Notary& notary,
                      Complaints& complaints);

    /// Of a host other than the manager.
    void on_commit(HostIndex host, std::span<const Write> writes);
    void on_records(const std::vector<RecordChange>& changes);
    void on_send(HostIndex host, const Send& send) {
        if (send.frame.header.incarnation > runs_[host]) check_run(host);
        check(host, send.frame.body);
    }

private:
    void check(HostIndex host, const Message& body);
    void check_run(HostIndex host);
    void check_timelines(const std::vector<RecordChange>& changes);
    void check_order(HostId of_whom, const Sealed& sealed);
    void check_push(HostIndex host, const PushDown& push);
    void check_reports(HostIndex host, const std::vector<SetReport>& reports);

    const Fleet& fleet_;
    const FleetModel& model_;
    const Notary& notary_;
    Complaints& complaints_;
    std::vector<Incarnation> runs_;        // that are durable
    std::vector<std::uint64_t> identity_;  // hash of the newest identity written
};

}  // namespace coppice
