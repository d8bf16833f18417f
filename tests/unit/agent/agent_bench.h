#pragma once
// An agent with its peers played: what it sends is kept, what it hears is fed by a test.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "agent/agent.h"
#include "tests/support/link_bench.h"

namespace coppice {

class AgentTest : public ::testing::Test {
protected:
    static constexpr HostId self{5};

    [[nodiscard]] static AgentConfig config() {
        return {.fleet = "f",
                .name = "n5",
                .key = testing::key_of_host(self),
                .addresses = {"tcp://h5:1"},
                .managers = {{.host = manager_host,
                              .key = testing::key_of_host({}),
                              .addresses = {"m"}}},
                .token_id = "t",
                .facts = {{"kernel", "6.1"}},
                .release = "0.1.0",
                .seed = 7};
    }

    void start(const std::vector<Record>& records = {}, std::uint64_t oom_kills = 0) {
        AgentConfig given = config();
        given.oom_kills = oom_kills;
        agent = std::make_unique<Agent>(given, Loaded{.term = 1, .records = records}, notary);
        step(Started{});
    }
    void step(const Input& input) {
        out = agent->step(input, now);
        for (const Connect& connect : out.connects) peers[connect.route] = connect.peer;
        sent.insert(sent.end(), out.sends.begin(), out.sends.end());
        for (const Write& write : out.writes) written.push_back(write);
    }
    void wait(Duration span) {
        const Instant end = now + span;
        while (agent->next_deadline() <= end) {
            now = std::max(now, agent->next_deadline());
            step(DeadlineReached{});
        }
        now = end;
    }
    /// A frame on the newest connection to that peer.
    void receive(HostId from, Message body) {
        Route route;
        for (const auto& [opened, peer] : peers)
            if (peer.host == from) route = opened;
        LinkId link;
        for (const Send& one : sent)
            if (one.route == route) link = one.frame.header.link;
        const Header header{.sender = from, .link = link, .sequence = ++sequence};
        step(Received{route, testing::key_of_host(from), {header, std::move(body)}});
    }
    void order(const Order& given) {
        receive(manager_host, Registered{.order = notary.seal(given)});
    }
    void join_parent() {
        order(testing::order_for(self, HostId{2}));
        receive(HostId{2}, Welcome{.path = {HostId{1}, HostId{2}}});
    }
    [[nodiscard]] Join newest_join() const {
        Join newest;
        for (const Send& one : sent)
            if (const auto* join = std::get_if<Join>(&one.frame.body)) newest = *join;
        return newest;
    }
    template <class Body>
    [[nodiscard]] std::size_t count() const {
        return static_cast<std::size_t>(std::count_if(
            sent.begin(), sent.end(),
            [](const Send& one) { return std::holds_alternative<Body>(one.frame.body); }));
    }
    void become_branch_with_child() {
        start();
        Order branch = testing::order_for(self, HostId{2});
        branch.role = Role::branch;
        order(branch);
        receive(HostId{2}, Welcome{.path = {HostId{1}, HostId{2}}});
        ASSERT_EQ(answer_to_join(HostId{8}, testing::order_for(HostId{8}, self)), std::nullopt);
    }
    void leave_child(bool is_moving) {
        const Header header{.sender = HostId{8}, .incarnation = {1}, .link = {77}, .sequence = 2};
        step(Received{
            Route{40}, testing::key_of_host(HostId{8}), {header, Leave{.is_moving = is_moving}}});
    }
    /// A run after one that left this mark; what it says of that when it registers.
    Register restart(RunMark mark, std::uint64_t oom_kills = 0) {
        start({IdentityRecord{.name = "n5", .host = self, .incarnation = {3}, .run = mark}},
              oom_kills);
        return std::get<Register>(sent.back().frame.body);
    }
    [[nodiscard]] std::optional<Refusal> answer_to_join(HostId child, const Order& ticket) {
        const Header header{.sender = child, .incarnation = {1}, .link = {77}, .sequence = 1};
        step(Received{
            Route{40}, testing::key_of_host(child), {header, Join{.order = notary.seal(ticket)}}});
        const auto* refused = std::get_if<Refused>(&out.sends.back().frame.body);
        return refused == nullptr ? std::nullopt : std::optional{refused->reason};
    }

    testing::FakeNotary notary;
    std::unique_ptr<Agent> agent;
    Instant now{std::chrono::seconds{50}};
    Outputs out;
    std::vector<Send> sent;
    std::vector<Write> written;
    std::map<Route, PeerAddress> peers;
    std::uint64_t sequence = 0;
};

}  // namespace coppice
