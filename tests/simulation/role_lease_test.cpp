// Whoever stands still or is cut off knows that its role has expired before anybody else has it.
#include <gtest/gtest.h>

#include <set>

#include "simulator/fleet.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

class RoleLease : public testing::TestWithParam<std::uint64_t> {
protected:
    RoleLease() : fleet{{.hosts = 40, .fanout = 4, .seed = GetParam()}} {
        fleet.start();
        EXPECT_TRUE(fleet.settle(60s));
        fleet.world().run_for(5s);
        // Somewhere between two beats.
        fleet.world().run_for(GetParam() * 137ms);
    }

    [[nodiscard]] std::string name(HostIndex host) const { return fleet.world().host(host).name(); }
    /// A daemon of that host would act in its role now.
    [[nodiscard]] bool acts(HostIndex host) const {
        const Agent* agent = fleet.agent(host);
        return agent != nullptr && agent->view().role != Role::leaf &&
               agent->role_expires_at() > fleet.world().now();
    }
    [[nodiscard]] std::size_t acting_roots() const {
        std::size_t count = 0;
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            count += acts(host) && fleet.agent(host)->view().role == Role::root ? 1 : 0;
        return count;
    }
    /// What the manager calls a host in the role of which it acts.
    [[nodiscard]] bool has_lost_its_role(HostIndex host) const {
        return fleet.manager()->host(name(host))->record.role != fleet.agent(host)->view().role;
    }
    /// Lets time pass and looks at that host all the time. True when another got its role.
    bool watch(HostIndex host, Duration span) {
        bool is_replaced = false;
        for (Duration passed{}; passed < span; passed += 5ms) {
            fleet.world().run_for(5ms);
            EXPECT_LE(acting_roots(), 1U);
            if (fleet.agent(host)->view().role == Role::leaf || !has_lost_its_role(host)) continue;
            is_replaced = true;
            EXPECT_FALSE(acts(host))
                << "the manager has taken its role at " << passed / 1ms << " ms";
            if (acts(host)) break;
        }
        return is_replaced;
    }
    [[nodiscard]] HostIndex branch() const {
        for (HostIndex host = 1; host < fleet.world().size(); ++host)
            if (fleet.agent(host)->view().role == Role::branch) return host;
        return 0;
    }

    Fleet fleet;
};

TEST_P(RoleLease, OfARootThatRunsIsRenewedBeforeItEnds) {
    const HostIndex root = *fleet.root();
    for (Duration passed{}; passed < 20s; passed += 50ms) {
        fleet.world().run_for(50ms);
        ASSERT_TRUE(acts(root));
        ASSERT_TRUE(acts(branch()));
    }
}

TEST_P(RoleLease, OfARootThatStandsStillEndsBeforeAnotherIsNamed) {
    const HostIndex root = *fleet.root();
    fleet.pause(root);
    EXPECT_TRUE(watch(root, 20s));
    fleet.resume(root);
    watch(root, 5s);
    EXPECT_FALSE(acts(root));
}

TEST_P(RoleLease, OfARootThatIsCutOffEndsBeforeAnotherIsNamed) {
    const HostIndex root = *fleet.root();
    fleet.unplug(root);
    EXPECT_TRUE(watch(root, 20s));
}

TEST_P(RoleLease, OfARootThatNobodyHearsEndsBeforeAnotherIsNamed) {
    const HostIndex root = *fleet.root();
    for (HostIndex other = 0; other < fleet.world().size(); ++other)
        if (other != root) fleet.cut(root, other);
    EXPECT_TRUE(watch(root, 20s));
}

TEST_P(RoleLease, OfABranchThatStandsStillEndsBeforeItsRoleIsTaken) {
    const HostIndex paused = branch();
    fleet.pause(paused);
    EXPECT_TRUE(watch(paused, 30s));
}

TEST_P(RoleLease, OfARootThatIsAskedToStopEndsAtOnce) {
    const HostIndex root = *fleet.root();
    fleet.stop(root);
    fleet.world().run_for(5ms);
    EXPECT_LE(acting_roots(), 1U);
    EXPECT_FALSE(acts(root));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RoleLease, testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace coppice
