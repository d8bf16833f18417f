// Many agents over two sockets: each with its own key, and none hears what is another's.
#include "runtime/shared_link.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/unit/runtime/link_end.h"

namespace coppice {
namespace {

using Number = SharedLink::Number;

/// A link with what its agents heard.
class SharedLinks : public testing::Test {
protected:
    PeerAddress add(Number agent, const std::string& address = "") {
        keys_.try_emplace(agent, make_curve_keys());
        const Result<std::string> at = link_.add(agent, keys_.at(agent), address);
        EXPECT_TRUE(at.ok());
        return {.host = HostId{agent},
                .key = keys_.at(agent).public_key,
                .addresses = {at.ok() ? *at : ""}};
    }
    void send(Number agent, Route route, std::uint64_t sequence) {
        link_.send(agent, route, {.header = {.sequence = sequence}, .body = Leave{}});
    }
    template <class Condition>
    bool wait(Condition condition) {
        const Instant until = steady_now() + std::chrono::seconds{10};
        while (!condition() && steady_now() < until) {
            link_.receive([this](Number agent, const Input& input) {
                if (const auto* frame = std::get_if<Received>(&input))
                    received_[agent].push_back(*frame);
                if (const auto* drop = std::get_if<LinkDropped>(&input))
                    dropped_[agent].push_back(drop->route);
            });
            constexpr int turn_ms = 10;
            pollfd waiting{.fd = link_.fd(), .events = POLLIN, .revents = 0};
            ::poll(&waiting, 1, link_.needs_receive() ? 0 : turn_ms);
        }
        return condition();
    }

    SharedLink link_{0};
    std::map<Number, CurveKeys> keys_;
    std::map<Number, std::vector<Received>> received_;
    std::map<Number, std::vector<Route>> dropped_;
};

TEST_F(SharedLinks, CarryFramesBetweenTheirAgentsWithTheKeysOfEach) {
    const PeerAddress parent = add(1);
    add(2);
    add(3);
    link_.connect(2, {.route = up, .peer = parent});
    link_.connect(3, {.route = up, .peer = parent});
    send(2, up, 20);
    send(3, up, 30);
    ASSERT_TRUE(wait([&] { return received_[1].size() == 2; }));
    for (const Received& one : received_[1]) {
        const Number from = one.frame.header.sequence == 20 ? 2 : 3;
        EXPECT_EQ(one.key, keys_.at(from).public_key);
        send(1, one.route, one.frame.header.sequence + 1);
    }
    ASSERT_TRUE(wait([&] { return received_[2].size() == 1 && received_[3].size() == 1; }));
    EXPECT_EQ(received_[2].front().frame.header.sequence, 21U);
    EXPECT_EQ(received_[3].front().frame.header.sequence, 31U);
    EXPECT_EQ(received_[2].front().key, parent.key);
    EXPECT_EQ(received_[2].front().route, up);
}

TEST_F(SharedLinks, TellBothSidesOfAnAgentThatIsRemovedAndOfNoOther) {
    const PeerAddress parent = add(1);
    const PeerAddress other = add(4);
    add(2);
    add(3);
    link_.connect(2, {.route = up, .peer = parent});
    link_.connect(3, {.route = up, .peer = other});
    send(2, up, 1);
    send(3, up, 1);
    ASSERT_TRUE(wait([&] { return received_[1].size() == 1 && received_[4].size() == 1; }));
    link_.remove(1);
    EXPECT_TRUE(wait([&] { return !dropped_[2].empty(); }));
    EXPECT_TRUE(dropped_[3].empty());

    add(1, parent.addresses.front());
    EXPECT_TRUE(wait([&] {
        if (received_[1].size() < 2) send(2, up, 2);
        return received_[1].size() >= 2;
    })) << "the connection comes back by itself";

    link_.remove(2);
    EXPECT_TRUE(wait([&] { return !dropped_[1].empty(); }));
}

TEST_F(SharedLinks, ToAPeerWithAnotherKeyDeliverNothing) {
    PeerAddress parent = add(1);
    parent.key = make_curve_keys().public_key;
    add(2);
    link_.connect(2, {.route = up, .peer = parent});
    send(2, up, 1);
    EXPECT_TRUE(wait([&] { return !dropped_[2].empty(); }));
    EXPECT_TRUE(received_[1].empty());
}

TEST_F(SharedLinks, KeepAClosedConnectionApartFromTheOthersToTheSameAddress) {
    const PeerAddress parent = add(1);
    add(2);
    add(3);
    link_.connect(2, {.route = up, .peer = parent});
    link_.connect(2, {.route = other_up, .peer = parent});
    link_.connect(3, {.route = up, .peer = parent});
    link_.disconnect(2, up);
    send(2, up, 1);
    send(2, other_up, 2);
    send(3, up, 3);
    ASSERT_TRUE(wait([&] { return received_[1].size() == 2; }));
    EXPECT_GE(received_[1].front().frame.header.sequence, 2U);
    EXPECT_EQ(link_.counters().dropped, 1U);
}

}  // namespace
}  // namespace coppice
