// What happened to a host is told apart: X29, and X33 but for the kernel's part of it.
#include <gtest/gtest.h>

#include <set>

#include "manager/registry.h"
#include "simulator/fleet.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

class Causes : public testing::Test {
protected:
    Causes() : fleet{{.hosts = 40, .fanout = 4, .seed = 3}} {
        fleet.start();
        EXPECT_TRUE(fleet.settle(60s));
        fleet.world().run_for(5s);
        for (HostIndex host = 1; host < fleet.world().size(); ++host) {
            const AgentView view = fleet.agent(host)->view();
            if (view.role == Role::leaf) leaf = host;
            if (view.role == Role::branch && view.children > 0) branch = host;
        }
    }
    [[nodiscard]] HostView view(HostIndex host) const {
        return *fleet.manager()->host(fleet.world().host(host).name());
    }
    /// Its cause once the manager calls it so; empty when it does not within half a minute.
    std::string cause_when(HostIndex host, HostState state) {
        const bool is_so = fleet.world().run_until([&] { return view(host).state == state; }, 30s);
        return is_so ? to_text(view(host).record.cause) : std::string{};
    }
    /// The cause of its newest event of that kind.
    [[nodiscard]] std::string told(HostIndex host, const std::string& kind) const {
        std::string cause = "not told";
        for (const EventView& event : fleet.manager()->events(0, 1'000'000))
            if (event.event.kind == kind && event.event.hosts.contains(view(host).record.id))
                cause = event.event.cause;
        return cause;
    }
    void come_to_rest() {
        EXPECT_TRUE(fleet.settle(60s));
        fleet.world().run_for(11min);  // nobody is unstable, no cool-down lasts
    }

    Fleet fleet;
    HostIndex leaf = 0;
    HostIndex branch = 0;
};

TEST_F(Causes, X29CrashCablePullDrainAndPauseAreFourDifferentCauses) {
    for (const HostIndex host : {leaf, branch}) {
        SCOPED_TRACE(fleet.world().host(host).name());
        fleet.crash(host);
        EXPECT_EQ(cause_when(host, HostState::lost), "crashed");
        fleet.start_host(host);
        come_to_rest();
        EXPECT_EQ(told(host, "host.restarted"), "crashed");

        fleet.unplug(host);
        EXPECT_EQ(cause_when(host, HostState::lost), "unreachable");
        fleet.plug(host);
        come_to_rest();
        EXPECT_EQ(told(host, "host.live"), "cut_off");

        fleet.pause(host);
        EXPECT_EQ(cause_when(host, HostState::lost), "silent");
        fleet.resume(host);
        come_to_rest();
        EXPECT_EQ(told(host, "host.live"), "paused");

        const std::string name = fleet.world().host(host).name();
        static_cast<void>(fleet.ask(DrainCommand{.host = name, .reason = "new disk"}));
        EXPECT_EQ(told(host, "host.drained"), "new disk");
        EXPECT_EQ(view(host).state, HostState::live);
        static_cast<void>(fleet.ask(DrainCommand{.host = name, .is_drained = false}));
    }
}

TEST_F(Causes, ThePowerOfAMachineIsToldApartFromTheEndOfItsProcess) {
    fleet.power_off(leaf);
    EXPECT_EQ(cause_when(leaf, HostState::lost), "unreachable");
    fleet.power_on(leaf);
    come_to_rest();
    EXPECT_EQ(told(leaf, "host.restarted"), "crashed") << "its run had not ended as planned";
}

TEST_F(Causes, APlannedStopHasLeftAndARestartWasPlanned) {
    for (const HostIndex host : {leaf, branch}) {
        fleet.stop(host);
        EXPECT_EQ(cause_when(host, HostState::left), "said_goodbye");
        fleet.start_host(host);
        come_to_rest();
        EXPECT_EQ(told(host, "host.restarted"), "restart");
        EXPECT_EQ(view(host).record.no_role_before, UnixMillis{});
    }
}

TEST_F(Causes, ARootThatWasPausedSaysSoToo) {
    const HostIndex root = *fleet.root();
    fleet.pause(root);
    EXPECT_EQ(cause_when(root, HostState::lost), "silent");
    fleet.resume(root);
    come_to_rest();
    EXPECT_EQ(told(root, "host.live"), "paused");
}

}  // namespace
}  // namespace coppice
