// What the daemons of a host say to those of its neighbours, and hear from them.
#include "common/limits.h"
#include "tests/unit/agent/agent_bench.h"

namespace coppice {
namespace {

using To = LocalSaid::To;
using Hosts = std::vector<HostId>;

constexpr HostId parent{2};
constexpr HostId child{8};

class Talk : public AgentTest {
protected:
    /// The hosts to which the agent says that it was sent; nobody when it was refused.
    Hosts say(To to, HostId host = {}) { return say({.to = to, .host = host, .message = message}); }
    Hosts say(LocalSaid said) {
        said.request = RequestId{++requests};
        before = sent.size();
        step(said);
        EXPECT_EQ(out.replies.size(), 1U);
        EXPECT_EQ(out.replies[0].request, said.request);
        if (const auto* told = std::get_if<MessageSent>(&out.replies[0].answer)) return told->to;
        EXPECT_TRUE(told().empty()) << "refused, and sent";
        return {};
    }
    [[nodiscard]] Problem refusal() const {
        const auto* problem = std::get_if<Problem>(&out.replies.at(0).answer);
        return problem == nullptr ? Problem{.detail = "it was sent"} : *problem;
    }
    /// The connections on which the last words went.
    [[nodiscard]] std::vector<Route> told() const {
        std::vector<Route> routes;
        for (std::size_t i = before; i < sent.size(); ++i)
            if (std::holds_alternative<LocalMessage>(sent[i].frame.body))
                routes.push_back(sent[i].route);
        return routes;
    }
    [[nodiscard]] Route route_to(HostId host) const {
        Route newest;
        for (const auto& [route, peer] : peers)
            if (peer.host == host) newest = route;
        return newest;
    }
    void hear_child(std::uint64_t number, LinkId link = {77}) {
        const Header header{.sender = child, .incarnation = {1}, .link = link, .sequence = number};
        step(Received{child_route, testing::key_of_host(child), {header, message}});
    }

    const LocalMessage message{.channel = "c", .body = {1, 2}};
    const Route child_route{40};
    std::size_t before = 0;
    std::uint64_t requests = 0;
};

TEST_F(Talk, GoesToTheParentOrToTheChildrenOrToOneOfThem) {
    become_branch_with_child();
    EXPECT_EQ(say(To::parent), Hosts{parent});
    EXPECT_EQ(told(), std::vector{route_to(parent)});
    EXPECT_EQ(say(To::children), Hosts{child});
    EXPECT_EQ(told(), std::vector{child_route});
    EXPECT_EQ(say(To::host, child), Hosts{child});
    EXPECT_EQ(told(), std::vector{child_route});
    EXPECT_EQ(say(To::host, parent), Hosts{parent});
    EXPECT_EQ(told(), std::vector{route_to(parent)});
    EXPECT_EQ(std::get<LocalMessage>(sent.back().frame.body), message);
}

TEST_F(Talk, SaysWhoIsNotThere) {
    start();
    EXPECT_EQ(say(To::parent), Hosts{});
    EXPECT_EQ(refusal().kind, Problem::Kind::conflict);
    EXPECT_EQ(refusal().detail, "this host has no parent now: it is the root, or looks for one");
    EXPECT_EQ(say(To::children), Hosts{});
    EXPECT_EQ(refusal().detail, "this host has no children now");
    EXPECT_EQ(say(To::host, HostId{99}), Hosts{});
    EXPECT_EQ(refusal().detail, "host 99 is neither the parent nor a child of this host now");
}

TEST_F(Talk, NeverGoesToAManager) {
    start();
    Order root = testing::order_for(self, manager_host);
    root.role = Role::root;
    root.managers = config().managers;
    order(root);
    receive(manager_host, Welcome{});
    ASSERT_TRUE(agent->view().is_attached);
    EXPECT_EQ(say(To::parent), Hosts{});
    EXPECT_EQ(say(To::host, manager_host), Hosts{});
    EXPECT_EQ(refusal().kind, Problem::Kind::conflict);
}

TEST_F(Talk, OfWhatCannotBeSentSaysWhy) {
    become_branch_with_child();
    LocalSaid said{.to = To::parent, .message = message};
    said.message.channel = "a b";
    say(said);
    EXPECT_EQ(refusal().kind, Problem::Kind::bad_request);
    said.message = {.channel = "c", .body = Bytes(limits::local_message_bytes_max + 1)};
    say(said);
    EXPECT_EQ(refusal().kind, Problem::Kind::too_large);
    EXPECT_EQ(refusal().detail, "a message has 4097 bytes; at most 4096");
}

TEST_F(Talk, IsBoundedOnEachLinkAndAllowedAgainLater) {
    become_branch_with_child();
    constexpr std::size_t at_once =
        limits::local_messages_burst_bytes / limits::local_message_cost_min;
    for (std::size_t i = 0; i < at_once; ++i) ASSERT_EQ(say(To::children), Hosts{child}) << i;
    EXPECT_EQ(say(To::children), Hosts{});
    EXPECT_EQ(refusal().kind, Problem::Kind::unavailable);
    EXPECT_EQ(say(To::parent), Hosts{parent}) << "another link";
    wait(std::chrono::milliseconds{20});
    EXPECT_EQ(say(To::children), Hosts{child});
    EXPECT_EQ(say(To::children), Hosts{});
}

TEST_F(Talk, ForAFormerParentGoesToNobody) {
    become_branch_with_child();
    Order moved = testing::order_for(self, HostId{3});
    moved.role = Role::branch;
    moved.stamp.generation += 1;
    order(moved);
    EXPECT_EQ(say(To::host, parent), Hosts{parent}) << "until the new one has said welcome";
    receive(HostId{3}, Welcome{.path = {HostId{1}, HostId{3}}});
    EXPECT_EQ(say(To::host, parent), Hosts{});
    EXPECT_EQ(refusal().kind, Problem::Kind::conflict);
    EXPECT_EQ(say(To::parent), Hosts{HostId{3}});
    EXPECT_EQ(told(), std::vector{route_to(HostId{3})});
}

TEST_F(Talk, ForAChildThatLeftGoesToNobody) {
    become_branch_with_child();
    leave_child(true);
    EXPECT_EQ(say(To::host, child), Hosts{});
    EXPECT_EQ(say(To::children), Hosts{});
    EXPECT_EQ(refusal().kind, Problem::Kind::conflict);
}

TEST_F(Talk, IsHeardFromBothSidesAndOnce) {
    become_branch_with_child();
    receive(parent, message);
    ASSERT_EQ(out.heard.size(), 1U);
    EXPECT_EQ(out.heard[0].from, parent);
    EXPECT_TRUE(out.heard[0].is_from_parent);
    EXPECT_EQ(out.heard[0].message, message);
    hear_child(2);
    ASSERT_EQ(out.heard.size(), 1U);
    EXPECT_EQ(out.heard[0].from, child);
    EXPECT_FALSE(out.heard[0].is_from_parent);
    hear_child(2);
    EXPECT_TRUE(out.heard.empty()) << "the same frame again";
}

TEST_F(Talk, OfAFormerNeighbourIsNotHeard) {
    become_branch_with_child();
    hear_child(2, LinkId{76});
    EXPECT_TRUE(out.heard.empty()) << "of a former link";
    leave_child(true);
    hear_child(3);
    EXPECT_TRUE(out.heard.empty());
    Order moved = testing::order_for(self, HostId{3});
    moved.role = Role::branch;
    moved.stamp.generation += 1;
    order(moved);
    receive(HostId{3}, message);
    EXPECT_TRUE(out.heard.empty()) << "not the parent yet";
    receive(HostId{3}, Welcome{.path = {HostId{1}, HostId{3}}});
    receive(parent, message);
    EXPECT_TRUE(out.heard.empty()) << "not the parent any more";
}

TEST_F(Talk, OfAStrangerIsNotHeard) {
    become_branch_with_child();
    const Header header{.sender = HostId{9}, .incarnation = {1}, .link = {78}, .sequence = 1};
    step(Received{Route{42}, testing::key_of_host(HostId{9}), {header, message}});
    EXPECT_TRUE(out.heard.empty());
}

}  // namespace
}  // namespace coppice
