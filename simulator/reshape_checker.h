#pragma once
// Rule 12: every move is in the history of the tree as it was, in the commit that makes it; and
// what people ask for moves no more than its bound, nobody twice, no two hosts of one path, and
// nobody to a parent that is not well.

#include <map>
#include <set>
#include <span>
#include <vector>

#include "simulator/complaints.h"
#include "simulator/fleet_model.h"

namespace coppice {

class ReshapeChecker {
public:
    ReshapeChecker(const Fleet& fleet, const FleetModel& model, Complaints& complaints);

    /// Of the manager.
    void on_input(const Input& input);
    void on_step();
    void on_commit(std::span<const Write> writes, const std::vector<RecordChange>& changes);

    /// In the newest commit.
    [[nodiscard]] bool is_moved_by_people(HostId host) const { return by_people_.contains(host); }

private:
    using Moves = std::vector<std::pair<std::uint64_t, TreeChangeRecord::Move>>;  // by generation

    void take(const TreeChangeRecord& part);
    void check_remembered(const RecordChange& change, Moves& moves);
    void check_by_people(const TreeChangeRecord::Move& move);
    void check_health(HostId host, const std::string& moved);
    void check_path(HostId host, const std::string& moved);

    const Fleet& fleet_;
    const FleetModel& model_;
    Complaints& complaints_;
    std::set<RecordKey> parts_;     // that were written
    std::uint64_t generation_ = 0;  // of the cell, as committed
    std::uint64_t allowed_ = 0;     // moves by the commands of the step that goes on
    std::uint64_t inputs_ = 0;      // of that step
    Moves moves_;                   // of the newest commit
    std::set<HostId> by_people_;    // moved so in the newest commit
    std::uint64_t made_ = 0;        // moves by people in the newest commit
};

}  // namespace coppice
