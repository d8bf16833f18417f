// Links over real loopback sockets with CURVE.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "tests/unit/runtime/link_end.h"

namespace coppice {
namespace {

TEST(Links, CarryFramesBothWaysAndProveTheSender) {
    End child;
    End parent;
    child.connect(up, parent.address());
    child.send(up, 7);
    ASSERT_TRUE(wait({&child, &parent}, [&] { return !parent.received.empty(); }));
    const Received& first = parent.received.front();
    EXPECT_EQ(first.frame.header.sequence, 7U);
    EXPECT_EQ(first.key, child.keys.public_key);
    EXPECT_EQ(first.route.value % 2, 0U) << "routes of accepted connections are even";

    parent.send(first.route, 8);
    ASSERT_TRUE(wait({&child, &parent}, [&] { return !child.received.empty(); }));
    EXPECT_EQ(child.received.front().route, up);
    EXPECT_EQ(child.received.front().key, parent.keys.public_key);
    EXPECT_EQ(child.received.front().frame.header.sequence, 8U);
}

TEST(Links, KeepTheConnectionsOfTwoChildrenApart) {
    End left;
    End right;
    End parent;
    left.connect(up, parent.address());
    right.connect(up, parent.address());
    left.send(up, 1);
    right.send(up, 2);
    ASSERT_TRUE(wait({&left, &right, &parent}, [&] { return parent.received.size() == 2; }));
    for (const Received& each : parent.received) {
        const End& sender = each.frame.header.sequence == 1 ? left : right;
        EXPECT_EQ(each.key, sender.keys.public_key);
        parent.send(each.route, each.frame.header.sequence + 10);
    }
    ASSERT_TRUE(wait({&left, &right, &parent},
                     [&] { return !left.received.empty() && !right.received.empty(); }));
    EXPECT_EQ(left.received.front().frame.header.sequence, 11U);
    EXPECT_EQ(right.received.front().frame.header.sequence, 12U);
}

TEST(Links, CarryManyFramesInOrderWithoutMissingAWakeUp) {
    constexpr std::uint64_t rounds = 2000;
    End child;
    End parent;
    child.connect(up, parent.address());
    child.send(up, 0);
    std::size_t answered = 0;
    std::size_t asked = 0;
    const auto play = [&] {
        for (; answered < parent.received.size(); ++answered)
            parent.send(parent.received[answered].route, answered);
        for (; asked < child.received.size(); ++asked) child.send(up, asked + 1);
        return child.received.size() >= rounds;
    };
    ASSERT_TRUE(wait({&child, &parent}, play, std::chrono::seconds{30}));
    for (std::uint64_t index = 0; index < rounds; ++index)
        ASSERT_EQ(child.received[index].frame.header.sequence, index);
}

/// Of this process's TCP connections: all, and those that send again without doubling the pause.
std::pair<int, int> connections_and_thin_ones() {
    constexpr int descriptors = 256;
    int all = 0;
    int thin = 0;
    for (int fd = 0; fd < descriptors; ++fd) {
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
        if (peer.ss_family != AF_INET && peer.ss_family != AF_INET6) continue;
        int value = 0;
        size = sizeof value;
        ++all;
        if (::getsockopt(fd, IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, &value, &size) == 0)
            thin += value;
    }
    return {all, thin};
}

TEST(Links, SendAgainSoonEvenWhenManyPacketsAreLost) {
    End parent;
    parent.take();
    End child;
    child.connect(up, parent.address());
    child.send(up, 1);
    ASSERT_TRUE(wait({&child, &parent}, [&] { return parent.received.size() == 1; }));
    EXPECT_EQ(connections_and_thin_ones(), (std::pair{2, 2})) << "one at each end";
}

TEST(Links, ToAPeerWithAnotherKeyDeliverNothing) {
    End child;
    End impostor;
    PeerAddress wanted = impostor.address();
    wanted.key = make_curve_keys().public_key;
    child.connect(up, wanted);
    child.send(up, 7);
    // The failed handshake shows as a drop; by then a frame would have arrived.
    ASSERT_TRUE(wait({&child, &impostor}, [&] { return child.dropped.size() >= 2; }));
    EXPECT_TRUE(impostor.received.empty());
    EXPECT_EQ(child.link->counters().received, 0U);
}

TEST(Links, TellBothSidesWhenTheOtherIsGone) {
    End parent;
    Route child_route;
    {
        End child;
        child.connect(up, parent.address());
        child.send(up, 1);
        ASSERT_TRUE(wait({&child, &parent}, [&] { return !parent.received.empty(); }));
        child_route = parent.received.front().route;
    }
    EXPECT_TRUE(wait({&parent}, [&] { return parent.has_drop_of(child_route); }));
    // The monitor may tell of the end before the router has given up the route, and takes frames.
    const Instant until = steady_now() + std::chrono::seconds{10};
    while (parent.link->counters().dropped_unreachable == 0 && steady_now() < until) {
        parent.send(child_route, 2);
        parent.take();
    }
    EXPECT_EQ(parent.link->counters().dropped_unreachable, 1U);

    End child;
    child.connect(up, parent.address());
    child.send(up, 1);
    ASSERT_TRUE(wait({&child, &parent}, [&] { return parent.received.size() == 2; }));
    EXPECT_NE(parent.received.back().route, child_route) << "a route was used again";
    parent.link.reset();
    EXPECT_TRUE(wait({&child}, [&] { return child.has_drop_of(up); }));
}

TEST(Links, ToAPeerThatRefusesAreReportedAsDropped) {
    End child;
    PeerAddress nobody;
    {
        const End gone;
        nobody = gone.address();
    }
    child.connect(up, nobody);
    EXPECT_TRUE(wait({&child}, [&] { return child.dropped.size() >= 2; }));
}

TEST(Links, HintsOfARefusingPeerAreSpaced) {
    End child;
    PeerAddress nobody;
    {
        const End gone;
        nobody = gone.address();
    }
    nobody.addresses.resize(4, nobody.addresses.front());
    const Instant start = steady_now();
    child.connect(up, nobody);
    ASSERT_TRUE(wait({&child}, [&] { return child.dropped.size() >= 4; }));
    EXPECT_GE(steady_now() - start, std::chrono::milliseconds{600});
}

TEST(Links, ComeBackByThemselvesWhenThePeerRestartsOnItsPort) {
    End child;
    auto parent = std::make_unique<End>();
    const CurveKeys keys = parent->keys;
    const std::string endpoint = parent->link->endpoint();
    child.connect(up, parent->address());
    child.send(up, 1);
    ASSERT_TRUE(wait({&child, parent.get()}, [&] { return !parent->received.empty(); }));
    parent->link.reset();
    ASSERT_TRUE(wait({&child}, [&] { return child.has_drop_of(up); }));

    auto reopened = ZmqLink::open({.keys = keys, .listen = endpoint}, [](const Notice&) {});
    ASSERT_TRUE(reopened.ok()) << reopened.error().message;
    parent->link = std::move(*reopened);
    child.send(up, 2);
    ASSERT_TRUE(wait({&child, parent.get()}, [&] { return parent->received.size() == 2; }));
    EXPECT_EQ(parent->received.back().frame.header.sequence, 2U);
}

TEST(Links, ReachAPeerAtTheFirstAddressThatAnswersWithoutLosingAFrame) {
    End child;
    End parent;
    PeerAddress peer = parent.address();
    {
        const End gone;
        const End gone_too;
        peer.addresses = {gone.link->endpoint(), "not an address", gone_too.link->endpoint(),
                          parent.link->endpoint()};
    }
    const Instant start = steady_now();
    child.connect(up, peer);
    child.send(up, 1);
    child.send(up, 2);
    ASSERT_TRUE(wait({&child, &parent}, [&] { return parent.received.size() == 2; }));
    EXPECT_EQ(parent.received[0].frame.header.sequence, 1U);
    EXPECT_EQ(parent.received[1].frame.header.sequence, 2U);
    EXPECT_LT(steady_now() - start, std::chrono::seconds{5});
}

TEST(Links, DropTheOldestFramesForAPeerThatDoesNotCome) {
    End child;
    PeerAddress nobody;
    {
        const End gone;
        nobody = gone.address();
    }
    child.connect(up, nobody);
    constexpr std::uint64_t count = 1000;
    for (std::uint64_t sequence = 0; sequence < count; ++sequence) child.send(up, sequence);
    const LinkCounters& counters = child.link->counters();
    EXPECT_GT(counters.dropped_full, count / 2);
    EXPECT_EQ(counters.dropped_full + counters.sent, count);
}

TEST(Links, SendWhatWasSentBeforeADisconnect) {
    End child;
    End parent;
    child.connect(up, parent.address());
    child.send(up, 1);
    ASSERT_TRUE(wait({&child, &parent}, [&] { return !parent.received.empty(); }));
    child.send(up, 2);
    child.link->disconnect(up);
    ASSERT_TRUE(wait({&child, &parent}, [&] { return parent.received.size() == 2; }));
    child.send(up, 3);
    EXPECT_EQ(child.link->counters().dropped_unreachable, 1U);
}

TEST(Links, DoNotSendAFrameThatNoPeerTakes) {
    End child;
    End parent;
    child.connect(up, parent.address());
    Ordered large;
    large.order.content.resize(limits::frame_bytes_max + 1);
    child.link->send(up, {.header = {}, .body = large});
    child.send(up, 2);
    ASSERT_TRUE(wait({&child, &parent}, [&] { return !parent.received.empty(); }));
    EXPECT_EQ(parent.received.front().frame.header.sequence, 2U);
    EXPECT_EQ(child.link->counters().dropped_too_large, 1U);
    EXPECT_EQ(std::count_if(child.notices.begin(), child.notices.end(),
                            [](const Notice& one) { return one.what == "link.frame_too_large"; }),
              1);
}

TEST(Links, ListenOnAnyFreePortOfEveryInterface) {
    End child;
    End parent{"tcp://*:0"};
    const auto endpoint = parse_tcp_address(parent.link->endpoint());
    ASSERT_TRUE(endpoint.ok());
    EXPECT_NE(endpoint->port, 0);
    PeerAddress peer = parent.address();
    peer.addresses = {TcpAddress{.host = "127.0.0.1", .port = endpoint->port}.text()};
    child.connect(up, peer);
    child.send(up, 1);
    EXPECT_TRUE(wait({&child, &parent}, [&] { return !parent.received.empty(); }));
}

TEST(Links, ThatCannotListenSayWhere) {
    const End first;
    const auto second = ZmqLink::open({.keys = make_curve_keys(), .listen = first.link->endpoint()},
                                      [](const Notice&) {});
    ASSERT_FALSE(second.ok());
    EXPECT_THAT(second.error().message, HasSubstr(first.link->endpoint()));
}

}  // namespace
}  // namespace coppice
