#pragma once
// Receipts: the target stays as it was committed, nobody is counted in two ways, who is counted as
// applied has it on its disk, and complete means all. Rule 3 on the side of pushes.

#include <map>
#include <span>

#include "simulator/complaints.h"
#include "simulator/fleet_model.h"

namespace coppice {

class ReceiptChecker {
public:
    /// Begins with the pushes that there are.
    ReceiptChecker(const Fleet& fleet, const FleetModel& model, Complaints& complaints);

    /// Of the manager.
    void on_commit(std::span<const Write> writes);

private:
    struct Known {
        std::string topic;
        std::uint64_t version = 0;
        std::uint64_t payload_bytes = 0;
        bool is_in_force = false;
        HostSet target;
        HostSet applied;
    };
    void check(const PushRecord& push);
    void check(const ReceiptRecord& receipt);
    void check_limits();
    void check_disks(const Known& push, PushId id, const HostSet& hosts);

    const Fleet& fleet_;
    const FleetModel& model_;
    Complaints& complaints_;
    std::map<PushId, Known> pushes_;
};

}  // namespace coppice
