// What the daemons of a host say to those of its neighbours, and hear from them.
#include "tests/unit/agent/agent_bench.h"

namespace coppice {
namespace {

class Talk : public AgentTest {
protected:
    void say(LocalSaid::To to, HostId host = {}) {
        before = sent.size();
        step(LocalSaid{.to = to, .host = host, .message = message});
    }
    /// To whom the last words went.
    [[nodiscard]] std::vector<Route> told() const {
        std::vector<Route> routes;
        for (std::size_t i = before; i < sent.size(); ++i)
            if (sent[i].frame.body == Message{message}) routes.push_back(sent[i].route);
        return routes;
    }
    [[nodiscard]] Route parent() const {
        for (const auto& [route, peer] : peers)
            if (peer.host == HostId{2}) return route;
        return {};
    }

    const LocalMessage message{.channel = "c", .body = {1, 2}};
    const Route child{40};
    std::size_t before = 0;
};

TEST_F(Talk, GoesToTheParentOrToTheChildrenOrToOneOfThem) {
    become_branch_with_child();
    say(LocalSaid::To::parent);
    EXPECT_EQ(told(), std::vector{parent()});
    say(LocalSaid::To::children);
    EXPECT_EQ(told(), std::vector{child});
    say(LocalSaid::To::host, HostId{8});
    EXPECT_EQ(told(), std::vector{child});
    say(LocalSaid::To::host, HostId{2});
    EXPECT_EQ(told(), std::vector{parent()});
    say(LocalSaid::To::host, HostId{99});
    EXPECT_TRUE(told().empty()) << "no neighbour";
}

TEST_F(Talk, GoesNowhereWithoutAParentAndNeverToAManager) {
    start();
    say(LocalSaid::To::parent);
    EXPECT_TRUE(told().empty());
    Order root = testing::order_for(self, manager_host);
    root.role = Role::root;
    root.managers = config().managers;
    order(root);
    receive(manager_host, Welcome{});
    ASSERT_TRUE(agent->view().is_attached);
    say(LocalSaid::To::parent);
    EXPECT_TRUE(told().empty());
}

TEST_F(Talk, IsHeardFromBothSides) {
    become_branch_with_child();
    receive(HostId{2}, message);
    ASSERT_EQ(out.heard.size(), 1U);
    EXPECT_EQ(out.heard[0].from, HostId{2});
    EXPECT_TRUE(out.heard[0].is_from_parent);
    EXPECT_EQ(out.heard[0].message, message);
    const Header header{.sender = HostId{8}, .incarnation = {1}, .link = {77}, .sequence = 2};
    step(Received{child, testing::key_of_host(HostId{8}), {header, message}});
    ASSERT_EQ(out.heard.size(), 1U);
    EXPECT_EQ(out.heard[0].from, HostId{8});
    EXPECT_FALSE(out.heard[0].is_from_parent);
}

TEST_F(Talk, OfAStrangerIsNotHeard) {
    become_branch_with_child();
    const Header header{.sender = HostId{9}, .incarnation = {1}, .link = {78}, .sequence = 1};
    step(Received{Route{42}, testing::key_of_host(HostId{9}), {header, message}});
    EXPECT_TRUE(out.heard.empty());
}

}  // namespace
}  // namespace coppice
