#include "simulator/outage_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr OutageBound bound{.known = 17s, .newcomer = 41s};

/// A fleet that was never started: what happens in it is told by hand.
class Watched : public testing::Test {
protected:
    Watched() {
        for (HostIndex host = 1; host <= 4; ++host) {
            watch.on_process(host, true);
            says(host, HostState::live);
        }
    }

    void says(HostIndex host, HostState state, Role role = Role::leaf) {
        const HostRecord record{.id = HostId{static_cast<std::uint32_t>(host)},
                                .name = fleet.world().host(host).name(),
                                .state = state,
                                .role = role};
        const std::vector<Write> writes{Put{record}};
        watch.on_commit(Fleet::manager_index, writes);
    }
    void fails(HostIndex host) {
        watch.on_power_off(host);
        watch.on_process(host, false);
    }
    void returns(HostIndex host) {
        watch.on_power_on(host);
        watch.on_process(host, true);
    }
    void is_out_and_told_after(Duration time) {
        fails(1);
        wait(time);
        says(1, HostState::lost);
        wait(60s);
        returns(1);
    }
    void wait(Duration time) { fleet.world().run_for(time); }

    Fleet fleet{{.hosts = 4}};
    OutageWatch watch{fleet, bound};
};

TEST_F(Watched, AnOutageThatIsToldInTimeIsDetected) {
    is_out_and_told_after(4s);
    const OutageFindings found = watch.findings();
    EXPECT_EQ(found.outages_over_bound, 1U);
    EXPECT_EQ(found.detected, 1U);
    EXPECT_EQ(found.missed, 0U);
    EXPECT_THAT(found.detections, ElementsAre(4s));
}

TEST_F(Watched, AnOutageThatIsNeverToldIsMissed) {
    fails(1);
    wait(18s);
    returns(1);
    EXPECT_EQ(watch.findings().missed, 1U);
    EXPECT_THAT(watch.findings().examples.at(0), HasSubstr("never called lost"));
}

TEST_F(Watched, AnOutageThatIsNotOverIsJudgedToo) {
    fails(1);
    wait(18s);
    EXPECT_EQ(watch.findings().missed, 1U);
    EXPECT_EQ(watch.findings().missed, 1U);
}

TEST_F(Watched, AnOutageThatIsToldTooLateIsMissed) {
    is_out_and_told_after(18s);
    EXPECT_EQ(watch.findings().missed, 1U);
    EXPECT_THAT(watch.findings().examples.at(0), HasSubstr("called lost after 18"));
}

TEST_F(Watched, ADeadHostThatIsCalledLiveAgainIsMissed) {
    fails(1);
    wait(4s);
    says(1, HostState::lost);
    wait(30s);
    says(1, HostState::live);
    says(1, HostState::lost);
    returns(1);
    EXPECT_EQ(watch.findings().missed, 1U);
}

TEST_F(Watched, ADeadNewcomerIsMissedWhenItIsNeverCalledLost) {
    fails(1);
    wait(1s);
    says(1, HostState::joining);
    wait(38s);
    EXPECT_EQ(watch.findings().missed, 0U);
    wait(5s);
    EXPECT_EQ(watch.findings().missed, 1U);
}

TEST_F(Watched, AShortOutageNeedNotBeTold) {
    fails(1);
    wait(17s);
    returns(1);
    EXPECT_EQ(watch.findings().outages, 1U);
    EXPECT_EQ(watch.findings().outages_over_bound, 0U);
    EXPECT_THAT(watch.findings().examples, IsEmpty());
}

TEST_F(Watched, ARunningHostThatIsCalledLostIsFalselyLost) {
    wait(60s);
    says(1, HostState::lost);
    says(2, HostState::left);
    EXPECT_EQ(watch.findings().false_lost, 2U);
}

TEST_F(Watched, ALossThatIsToldJustAfterTheReturnIsLate) {
    fails(1);
    wait(5s);
    returns(1);
    wait(5s);
    says(1, HostState::lost);
    says(1, HostState::live);
    EXPECT_EQ(watch.findings().late_lost, 1U);
    EXPECT_EQ(watch.findings().false_lost, 0U);
    wait(20s);
    says(1, HostState::lost);
    EXPECT_EQ(watch.findings().false_lost, 1U);
}

TEST_F(Watched, ARunningHostWithoutAParentIsUnreachableAfterTheBound) {
    EXPECT_EQ(watch.unreachable(), 4U);  // none of them has ever joined a parent
    wait(19s);
    EXPECT_EQ(watch.findings().unreachable_over_bound, 0U);
    wait(1s);
    EXPECT_EQ(watch.findings().unreachable_over_bound, 4U);
}

TEST_F(Watched, TheBoundBeginsAnewWhenARootDies) {
    says(4, HostState::live, Role::root);
    fails(1);
    wait(10s);
    fails(4);
    wait(15s);
    says(1, HostState::lost);
    wait(10s);
    returns(1);
    EXPECT_EQ(watch.findings().interior_deaths, 1U);
    EXPECT_EQ(watch.findings().detected, 1U);
    EXPECT_EQ(watch.findings().detection_longest, 25s);
}

TEST_F(Watched, NobodyCanTellWhileNobodyRuns) {
    for (HostIndex host = 1; host <= 4; ++host) fails(host);
    wait(1h);
    returns(2);
    wait(16s);
    says(1, HostState::lost);
    wait(10s);
    const OutageFindings found = watch.findings();
    EXPECT_EQ(found.outages_over_bound, 4U);
    EXPECT_EQ(found.outages_in_the_dark, 1U);  // of the one that ended the dark
    EXPECT_EQ(found.detected, 1U);
    EXPECT_EQ(found.missed, 2U);
}

}  // namespace
}  // namespace coppice
