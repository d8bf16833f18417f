#pragma once
// Rules 4 and 5, on the side of the manager: no role for who is suspect, lost or drained; no move
// without a failure or the word of people, and each failure moves each child once.

#include <map>
#include <string>
#include <vector>

#include "common/selector.h"
#include "simulator/complaints.h"
#include "simulator/excuses.h"
#include "simulator/fleet_model.h"
#include "simulator/reshape_checker.h"

namespace coppice {

/// What the death of one host moved.
struct DeathMoves {
    std::string name;
    Instant time{};
    std::uint32_t children = 0;  // at its death, by the manager's records
    std::uint32_t moves = 0;     // of these to other parents
};

class PlacementChecker {
public:
    PlacementChecker(const Fleet& fleet, const FleetModel& model, const Excuses& excuses,
                     const ReshapeChecker& reshapes, Complaints& complaints)
        : fleet_{fleet},
          model_{model},
          excuses_{excuses},
          reshapes_{reshapes},
          complaints_{complaints},
          leaders_{Selector::parse(fleet.options().may_lead)} {}

    /// Of the manager.
    void on_input() { ++inputs_; }
    void on_step() { inputs_ = 0; }
    void on_records(const std::vector<RecordChange>& changes);

    /// Changes of a placed host's parent.
    [[nodiscard]] std::uint64_t moves() const { return moves_; }
    /// Of interior hosts, oldest first.
    [[nodiscard]] const std::vector<DeathMoves>& deaths() const { return deaths_; }

private:
    void check_role(const RecordChange& change);
    void note_death(const RecordChange& change, const std::vector<RecordChange>& changes);
    void check_move(const RecordChange& change, const std::vector<RecordChange>& changes);
    [[nodiscard]] bool has_reason(const RecordChange& change,
                                  const std::vector<RecordChange>& changes) const;

    const Fleet& fleet_;
    const FleetModel& model_;
    const Excuses& excuses_;
    const ReshapeChecker& reshapes_;
    Complaints& complaints_;
    const Result<Selector> leaders_;
    std::uint64_t inputs_ = 0;  // of the step that goes on
    std::uint64_t moves_ = 0;
    std::vector<DeathMoves> deaths_;
    std::map<HostId, std::size_t> newest_death_;  // of a host, in `deaths_`
    std::map<HostId, HostId> last_parent_;
};

}  // namespace coppice
