// Until when a host may act in its role.
#include "tests/unit/agent/agent_bench.h"

namespace coppice {
namespace {

using std::chrono::seconds;
using testing::order_for;

class RoleExpiry : public AgentTest {
protected:
    [[nodiscard]] Duration left() const { return agent->role_expires_at() - now; }
    [[nodiscard]] std::uint32_t newest_sequence(HostId to) const {
        std::uint64_t newest = 0;
        for (const Send& one : sent)
            if (const auto peer = peers.find(one.route); peer != peers.end())
                if (peer->second.host == to) newest = one.frame.header.sequence;
        return static_cast<std::uint32_t>(newest);
    }
    void answer(std::uint32_t heard, Duration root_age = {}) {
        receive(
            HostId{2},
            HeartbeatAnswer{.path = {HostId{1}, HostId{2}}, .root_age = root_age, .heard = heard});
    }

    static constexpr Duration lease = seconds{2};
};

TEST_F(RoleExpiry, ALeafHasNone) {
    start();
    join_parent();
    EXPECT_EQ(agent->role_expires_at(), never);
}

TEST_F(RoleExpiry, ABranchIsConfirmedByTheWelcomeFromTheMomentOfItsJoin) {
    start();
    Order branch = order_for(self, HostId{2});
    branch.role = Role::branch;
    order(branch);
    EXPECT_EQ(agent->role_expires_at(), Instant::min());
    now += std::chrono::milliseconds{100};
    receive(HostId{2}, Welcome{.path = {HostId{1}, HostId{2}}});
    EXPECT_EQ(left(), lease - std::chrono::milliseconds{100});
}

TEST_F(RoleExpiry, AnAnswerCountsFromTheBeatThatItAnswers) {
    become_branch_with_child();
    const std::uint32_t first = newest_sequence(HostId{2});
    const Instant sent_at = now;
    wait(std::chrono::milliseconds{700});
    answer(first);
    EXPECT_EQ(agent->role_expires_at(), sent_at + lease);
    answer(first);
    EXPECT_EQ(agent->role_expires_at(), sent_at + lease) << "a repeat proves nothing newer";
}

TEST_F(RoleExpiry, AParentThatDoesNotSayWhatItHeardConfirmsNothing) {
    become_branch_with_child();
    const Instant before = agent->role_expires_at();
    wait(std::chrono::milliseconds{1500});
    answer(0);
    EXPECT_EQ(agent->role_expires_at(), before);
}

TEST_F(RoleExpiry, AParentThatHasLostTheRootConfirmsNothing) {
    become_branch_with_child();
    const Instant before = agent->role_expires_at();
    wait(std::chrono::milliseconds{1500});
    answer(newest_sequence(HostId{2}), seconds{10});
    EXPECT_EQ(agent->role_expires_at(), before);
}

TEST_F(RoleExpiry, WhoeverIsAskedToStopHasNoRoleAnyMore) {
    become_branch_with_child();
    EXPECT_GT(left(), Duration::zero());
    step(StopRequested{});
    EXPECT_EQ(agent->role_expires_at(), Instant::min());
}

TEST_F(RoleExpiry, ABranchThatIsToBeALeafHasNoRoleAnyMore) {
    become_branch_with_child();
    order(order_for(self, HostId{2}, 2));
    EXPECT_EQ(agent->view().role, Role::branch) << "it still has a child";
    EXPECT_EQ(agent->role_expires_at(), Instant::min());
}

}  // namespace
}  // namespace coppice
