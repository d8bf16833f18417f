#pragma once
// Rule 7 and the promise of detection: nobody is called lost who runs and is left in peace, and
// nobody accuses another without having listened for as long as the protocol says, awake.

#include <map>
#include <set>
#include <vector>

#include "common/timing.h"
#include "simulator/complaints.h"
#include "simulator/excuses.h"
#include "simulator/fleet_model.h"

namespace coppice {

class LossChecker {
public:
    LossChecker(const Fleet& fleet, const FleetModel& model, const Excuses& excuses,
                Complaints& complaints);

    void on_process(HostIndex host, bool is_up);
    void on_input(HostIndex host, const Input& input);
    void on_step(HostIndex host, const Node& node) {
        watches_[host].stepped = fleet_.world().now();
        watches_[host].due = node.next_deadline();
    }
    void on_leap(Instant from, Instant to);
    void on_send(HostIndex host, const Send& send);
    void on_records(const std::vector<RecordChange>& changes);

    [[nodiscard]] std::uint64_t false_lost() const { return false_lost_; }
    /// From crashes to the commits that call them lost, in the order of these.
    [[nodiscard]] const std::vector<Duration>& detections() const { return detections_; }

private:
    /// When a node was awake: stepped no later than an interval after it wanted to be.
    struct Watch {
        Instant awake_since{};
        Instant stepped{};
        Instant due = never;  // by its own clock
    };
    struct Joining {
        HostIndex child = 0;
        Incarnation incarnation;
        Attachment attachment;
    };
    /// How a host is heard by its parent.
    struct Heard {
        HostIndex observer = Fleet::manager_index;
        LinkId link;
        Joining join;
        Instant last{};
        Duration longest_silence{};  // that the observer listened to, awake
        bool has_died = false;       // since it was admitted
    };
    void hear(HostIndex observer, const Received& received);
    void check_accusation(HostIndex observer, const HostFact& fact);
    void on_gap(HostIndex observer);
    /// Of a silence that lasts until then, what the observer listened to.
    static void note_silence(Heard& heard, const Watch& watch, Instant until);
    void check_loss(const RecordChange& change);
    /// TCP was so unlucky that its parent heard nothing of it for as long as it takes.
    [[nodiscard]] bool is_cut_off_by_loss(HostIndex host);
    void check_own_loss(const RecordChange& change);
    void time_detection(const RecordChange& change);

    const Fleet& fleet_;
    const FleetModel& model_;
    const Excuses& excuses_;
    Complaints& complaints_;
    const Timing timing_;
    std::vector<Watch> watches_;
    std::vector<Heard> heard_;  // by child
    std::map<LinkId, Joining> joining_;
    std::set<std::pair<HostIndex, Instant>> detected_;  // crashes that the manager knows of
    std::uint64_t false_lost_ = 0;
    std::vector<Duration> detections_;
};

}  // namespace coppice
