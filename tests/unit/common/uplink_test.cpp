// The part of a node that finds a parent and holds on to it.
#include "common/uplink.h"

#include <gtest/gtest.h>

#include "tests/support/link_bench.h"

namespace coppice::testing {
namespace {

/// When a child whose candidates never answer opens its connections.
std::vector<Instant> tries_in_vain(TestChild& child, Instant start, Duration span) {
    Instant now = start;
    const Instant end = now + span;
    Order order = order_for(child.self, HostId{1});
    order.spares = {peer(HostId{2})};
    Outputs ignored;
    child.uplink.follow(order, now, ignored);
    std::vector<Instant> tries;
    for (; now < end; now += std::chrono::milliseconds{5}) {
        Outputs out;
        child.uplink.work({{1, 1}, child.sets, child.facts, child.held, child.times, child.ticket},
                          now, child.drawer, out);
        if (!out.connects.empty()) tries.push_back(now);
    }
    return tries;
}

TEST(Uplink, WaitsLongerForAWelcomeInEachRoundInVain) {
    TestChild child{HostId{7}};
    const Timing& timing = child.timing;
    const auto tries =
        tries_in_vain(child, Instant{std::chrono::hours{1}}, std::chrono::minutes{1});
    ASSERT_GE(tries.size(), 10U);
    // Two candidates a round: the gap within a round is how long the first was waited for.
    const auto waited = [&](std::size_t round) { return tries[2 * round + 1] - tries[2 * round]; };
    EXPECT_EQ(waited(0), timing.join_timeout());
    EXPECT_EQ(waited(1), timing.join_timeout() * 2);
    EXPECT_EQ(waited(2), timing.join_timeout_max());
    EXPECT_EQ(waited(4), timing.join_timeout_max());
}

TEST(Uplink, IsAsImpatientAsEverAfterAWelcome) {
    LinkBench bench;
    TestChild& child = bench.add(7);
    bench.asleep.insert(LinkBench::parent);
    bench.follow(child, order_for(HostId{7}, LinkBench::parent));
    bench.run(std::chrono::seconds{10});
    bench.asleep.clear();
    bench.run(std::chrono::seconds{10});
    ASSERT_TRUE(child.uplink.is_attached());
    bench.asleep.insert(LinkBench::parent);
    while (child.uplink.is_attached()) bench.run(std::chrono::milliseconds{5});
    const std::vector<Instant> tries = tries_in_vain(child, bench.now, std::chrono::seconds{3});
    ASSERT_GE(tries.size(), 2U);
    EXPECT_EQ(tries[1] - tries[0], child.timing.join_timeout());
}

}  // namespace
}  // namespace coppice::testing
