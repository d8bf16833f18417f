#pragma once
// A fleet to which something is done as it was done to other systems, and what is asked of it then.

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "simulator/fleet.h"

namespace coppice {

using namespace std::chrono_literals;

class Procedure {
public:
    explicit Procedure(const FleetOptions& options) : fleet{options} {}

    void bring_up() {
        fleet.start();
        EXPECT_TRUE(fleet.settle(60s));
        fleet.world().run_for(20s);
    }
    [[nodiscard]] std::string name(HostIndex host) const { return fleet.world().host(host).name(); }
    [[nodiscard]] HostView view(HostIndex host) const { return *fleet.manager()->host(name(host)); }
    [[nodiscard]] double metric(const std::string& wanted) const {
        for (const MetricView& metric : fleet.manager()->metrics())
            if (metric.name == wanted) return metric.value;
        ADD_FAILURE() << "no metric " << wanted;
        return 0;
    }
    [[nodiscard]] double moves() const { return metric("coppice_moves_total"); }
    /// A branch with children, the last of them.
    [[nodiscard]] HostIndex a_branch() const {
        HostIndex found = 0;
        for (HostIndex host = 1; host < fleet.world().size(); ++host) {
            const Agent* agent = fleet.agent(host);
            if (agent == nullptr) continue;
            if (agent->view().role == Role::branch && agent->view().children > 0) found = host;
        }
        return found;
    }
    [[nodiscard]] std::set<HostIndex> children_of(HostIndex parent) const {
        std::set<HostIndex> children;
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            if (fleet.agent(host) != nullptr && view(host).parent == name(parent))
                children.insert(host);
        return children;
    }
    /// How often each kind of event told of that host.
    [[nodiscard]] std::size_t count(const std::string& kind, HostIndex host) const {
        std::size_t count = 0;
        for (const EventView& event : fleet.manager()->events(0, 1'000'000))
            count += event.event.kind == kind && event.event.hosts.contains(view(host).record.id)
                         ? 1
                         : 0;
        return count;
    }
    [[nodiscard]] bool is_lost(HostIndex host) const { return view(host).state == HostState::lost; }

    Fleet fleet;
};

}  // namespace coppice
