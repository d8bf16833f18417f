#pragma once
// Rules 6, 8 and 9 on the links: heartbeats go on whatever else is under way, a bounded part of a
// push is unheld per child, partials count each host once, and no frame is larger than may be.

#include <map>
#include <vector>

#include "simulator/complaints.h"
#include "simulator/fleet_model.h"

namespace coppice {

class FlowChecker {
public:
    FlowChecker(const Fleet& fleet, const FleetModel& model, Complaints& complaints)
        : fleet_{fleet}, model_{model}, complaints_{complaints}, beaten_(fleet.world().size()) {}

    void on_process(HostIndex host) { beaten_[host] = {}; }
    /// It hangs on another parent now, or on none.
    void on_new_parent(HostIndex host) { beaten_[host] = {}; }
    /// Beats were passed over.
    void on_leap() { beaten_.assign(beaten_.size(), Instant{}); }
    void on_input(HostIndex host, const Input& input);
    void on_send(HostIndex host, const Send& send);

private:
    struct Unheld {
        std::uint64_t sequence = 0;  // of the frame that carries it
        std::size_t bytes = 0;
    };
    void check_beat(HostIndex host, const Heartbeat& heartbeat);
    void check_push(HostIndex host, const Frame& frame, const PushDown& push);
    void check_partial(HostIndex host, LinkId link, const WindowClosed& answer);
    void check_size(HostIndex host, const Frame& frame);

    const Fleet& fleet_;
    const FleetModel& model_;
    Complaints& complaints_;
    std::vector<Instant> beaten_;  // last; zero when there was none since it was attached
    std::map<LinkId, std::map<PushId, Unheld>> unheld_;
    std::map<LinkId, std::map<WindowId, HostSet>> asked_;  // whom the newest windows ask
};

}  // namespace coppice
