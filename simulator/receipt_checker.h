#pragma once
// Receipts: the target stays as it was committed, nobody is counted in two ways, who is counted as
// applied has it on its disk, complete means all, and nobody is to go back to an older version.
// Rule 3 on the side of pushes.

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
        PushId rule;
        PushPhase phase = PushPhase::in_force;
        bool is_withdrawal = false;
        HostSet target;
        HostSet effective;
        HostSet applied;
        UnixMillis offered{};
        bool is_late = false;
    };
    void check(const PushRecord& push);
    void check(const ReceiptRecord& receipt);
    void check_order(const PushRecord& push, const HostSet& before);
    void check_limits();
    void check_disks(const Known& push, PushId id, const HostSet& hosts);
    [[nodiscard]] std::string flaw_of_disk(const Known& push, HostIndex host) const;

    const Fleet& fleet_;
    const FleetModel& model_;
    Complaints& complaints_;
    std::map<PushId, Known> pushes_;
    std::map<std::string, std::map<HostId, std::uint64_t>> desired_;  // newest version, by topic
};

}  // namespace coppice
