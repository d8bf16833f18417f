// What a parent and a child do about each other's silence before they give up.

#include <gtest/gtest.h>

#include "tests/support/link_bench.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::LinkBench;
using testing::TestChild;

class LatePeers : public ::testing::Test, protected LinkBench {
protected:
    void join_children(std::uint32_t last) {
        for (std::uint32_t host = 2; host <= last; ++host) join(host);
    }
    void silence(std::uint32_t first, std::uint32_t last) {
        for (std::uint32_t host = first; host <= last; ++host) asleep.insert(HostId{host});
    }
    [[nodiscard]] Duration silence_of(std::uint32_t host) {
        return now - hub.links().find(HostId{host})->silence.heard();
    }
};

TEST_F(LatePeers, AChildWhoseBeatsWereLostIsAskedAndNobodyIsSuspect) {
    join(2);
    const std::uint64_t news = hub.links().facts().newest_revision();
    for (int times = 0; times < 20; ++times) {
        lose = {"Heartbeat"};
        run(milliseconds{1200});
        lose.clear();
        run(timing.ask_gap());
        EXPECT_LT(silence_of(2), timing.ask_after() + timing.ask_gap());
        run(seconds{2});
    }
    EXPECT_EQ(hub.links().facts().newest_revision(), news);
}

TEST_F(LatePeers, AChildWhoseAnswersWereLostAsksForOne) {
    const TestChild& child = join(2);
    for (int times = 0; times < 20; ++times) {
        lose = {"HeartbeatAnswer"};
        run(milliseconds{3000});
        lose.clear();
        run(milliseconds{450});
        ASSERT_TRUE(child.uplink.is_attached());
    }
}

TEST_F(LatePeers, AChildThatIsNotHeardLeavesBeforeItIsCalledLost) {
    const TestChild& child = join(2);
    lose = {"Heartbeat"};
    run(timing.leave_after() - timing.interval);
    EXPECT_TRUE(child.uplink.is_attached());
    run(timing.interval);
    EXPECT_FALSE(child.uplink.is_attached()) << "to be asked is not to be answered";
    EXPECT_EQ(state(2), HostState::suspect);
}

TEST_F(LatePeers, WhenMostChildrenAreSilentTheirParentDoubtsItself) {
    join_children(8);
    silence(2, 5);
    run(timing.lost_after() + timing.interval);
    for (std::uint32_t host = 2; host <= 5; ++host) EXPECT_EQ(state(host), HostState::suspect);
    EXPECT_EQ(state(6), HostState::live);
    run(timing.not_back_after() - timing.lost_after());
    for (std::uint32_t host = 2; host <= 5; ++host) EXPECT_EQ(state(host), HostState::lost);
    EXPECT_EQ(state(6), HostState::live);
}

TEST_F(LatePeers, AFewSilentChildrenRaiseNoDoubt) {
    standing.children_max = 9;
    join_children(9);
    silence(2, 5);  // half of them
    run(timing.lost_after() + timing.interval);
    for (std::uint32_t host = 2; host <= 5; ++host) EXPECT_EQ(state(host), HostState::lost);
    silence(6, 8);  // most of them, but only three
    run(timing.lost_after() + timing.interval);
    for (std::uint32_t host = 6; host <= 8; ++host) EXPECT_EQ(state(host), HostState::lost);
}

TEST_F(LatePeers, AParentThatIsCutOffItselfAccusesNobody) {
    join_children(7);
    silence(2, 5);
    standing.is_fresh = false;
    run(timing.not_back_after() + timing.interval);
    EXPECT_EQ(hub.links().children().size(), 2U) << "doubt ends all the same";
    for (const HostFact& fact : hub.links().facts().oldest(100).facts)
        EXPECT_NE(fact.state, HostState::lost) << fact.host.value;
}

TEST_F(LatePeers, DoubtIsTold) {
    join_children(7);
    silence(2, 5);
    Outputs out;
    now += timing.suspect_after();
    hub.links().on_deadline(standing, now, out);
    ASSERT_EQ(out.notices.size(), 1U);
    EXPECT_EQ(out.notices.front().what, "agent.doubt");
    EXPECT_TRUE(out.notices.front().text.starts_with("6 of 6 children are silent"));
}

}  // namespace
}  // namespace coppice
