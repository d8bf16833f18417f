#pragma once
// Messages of daemons: heard at most once, by no host but those that they were sent to, and as from
// the host that said them.

#include <map>
#include <set>

#include "simulator/complaints.h"
#include "simulator/fleet_model.h"

namespace coppice {

class TalkChecker {
public:
    TalkChecker(Fleet& fleet, const FleetModel& model, Complaints& complaints)
        : fleet_{fleet}, model_{model}, complaints_{complaints} {}

    /// Has a daemon of that host say something to them that nobody has said before.
    void say(HostIndex host, LocalSaid::To to, HostId neighbour);
    void on_heard(HostIndex host, const LocalHeard& heard);
    [[nodiscard]] std::uint64_t heard() const { return heard_; }

private:
    struct Said {
        RequestId request;
        HostIndex host = 0;
        std::set<HostIndex> heard_by;
    };

    Fleet& fleet_;
    const FleetModel& model_;
    Complaints& complaints_;
    std::map<Bytes, Said> said_;  // by body
    std::uint64_t heard_ = 0;
};

}  // namespace coppice
