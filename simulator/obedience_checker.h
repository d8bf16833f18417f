#pragma once
// Rules 2 and 4, on the side of the hosts: an agent does only what its manager has ordered, never
// goes back to an older order, and takes no role that it had in an earlier run.

#include <vector>

#include "simulator/complaints.h"
#include "simulator/fleet_model.h"

namespace coppice {

class ObedienceChecker {
public:
    ObedienceChecker(const Fleet& fleet, FleetModel& model, Complaints& complaints);

    void on_process(HostIndex host, bool is_up);
    void on_glance(HostIndex host, const AgentGlance& before, const AgentGlance& after);

private:
    struct Obeyed {
        Stamp newest;
        Stamp at_start;  // newest when this run began
    };
    void check_role(HostIndex host, const AgentGlance& before, const AgentGlance& after,
                    const KnownOrder& order);

    const Fleet& fleet_;
    FleetModel& model_;
    Complaints& complaints_;
    std::vector<Obeyed> obeyed_;
};

}  // namespace coppice
