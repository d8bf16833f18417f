// Hosts whose stores are gone, or went back in time, while their keys are still there
// (memberlist#345).
#include <gtest/gtest.h>

#include "simulator/fleet.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

TEST(LostState, LeavesThatAllForgetTheirCountersAtOnceAreLiveAgain) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        Fleet fleet{{.hosts = 10, .fanout = 3, .seed = seed}};
        fleet.start();
        ASSERT_TRUE(fleet.settle(10s));
        std::vector<HostIndex> leaves;
        for (HostIndex host = 1; host <= 10; ++host)
            if (fleet.agent(host)->view().role == Role::leaf) leaves.push_back(host);
        for (const HostIndex host : leaves) fleet.crash(host);
        for (const HostIndex host : leaves) {
            fleet.world().host(host).store().wipe();
            fleet.start_host(host);
        }
        EXPECT_TRUE(fleet.settle(30s));
        EXPECT_TRUE(fleet.is_all_live());
    }
}

}  // namespace
}  // namespace coppice
