// Links over real loopback sockets with CURVE.

#include "runtime/zmq_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>
#include <zmq.hpp>

#include "common/limits.h"
#include "runtime/clock.h"
#include "runtime/tcp_address.h"
#include "runtime/zmq_socket.h"

namespace coppice {
namespace {

using testing::HasSubstr;

/// One process's link, with what it heard.
class End {
public:
    explicit End(const std::string& listen = "tcp://127.0.0.1:0") {
        auto opened = ZmqLink::open({.keys = keys, .listen = listen},
                                    [this](const Notice& notice) { notices.push_back(notice); });
        EXPECT_TRUE(opened.ok());
        if (opened.ok()) link = std::move(*opened);
    }

    [[nodiscard]] PeerAddress address() const {
        return {.host = HostId{1}, .key = keys.public_key, .addresses = {link->endpoint()}};
    }
    void connect(Route route, const PeerAddress& peer) {
        link->connect({.route = route, .peer = peer});
    }
    void send(Route route, std::uint64_t sequence) {
        link->send(route, {.header = {.sequence = sequence}, .body = Leave{}});
    }
    void take() {
        link->receive([this](const Input& input) {
            if (const auto* frame = std::get_if<Received>(&input)) received.push_back(*frame);
            if (const auto* drop = std::get_if<LinkDropped>(&input)) dropped.push_back(drop->route);
        });
    }
    [[nodiscard]] bool has_drop_of(Route route) const {
        return std::find(dropped.begin(), dropped.end(), route) != dropped.end();
    }

    CurveKeys keys = make_curve_keys();
    std::unique_ptr<ZmqLink> link;
    std::vector<Received> received;
    std::vector<Route> dropped;
    std::vector<Notice> notices;
};

/// Lets the ends work until `condition` holds. The ends wait as their owners do: for their
/// descriptors alone, so that a missed wake-up fails the test.
template <class Condition>
bool wait(std::vector<End*> ends, Condition condition, Duration bound = std::chrono::seconds{10}) {
    const Instant until = steady_now() + bound;
    while (!condition()) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_now());
        if (left.count() <= 0) return false;
        bool is_busy = false;
        std::vector<pollfd> waiting;
        for (End* end : ends) {
            end->take();
            is_busy = is_busy || end->link->needs_receive();
            waiting.push_back({.fd = end->link->fd(), .events = POLLIN, .revents = 0});
        }
        if (is_busy || condition()) continue;
        ::poll(waiting.data(), waiting.size(), static_cast<int>(left.count()));
    }
    return true;
}

constexpr Route up{1};
constexpr Route other_up{3};

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
    parent.send(child_route, 2);
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
    ASSERT_EQ(child.notices.size(), 1U);
    EXPECT_EQ(child.notices.front().what, "link.frame_too_large");
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

/// A peer with keys that speaks ZeroMQ but not Coppice.
class Stranger {
public:
    explicit Stranger(const End& end, bool has_curve = true) {
        if (has_curve) {
            set_common_options(socket_, make_curve_keys());
            const PublicKey key = end.keys.public_key;
            socket_.set(zmq::sockopt::curve_serverkey, zmq::const_buffer{key.data(), key.size()});
        }
        socket_.set(zmq::sockopt::linger, 0);
    }
    void connect(const End& end) { socket_.connect(end.link->endpoint()); }
    void send(const std::string& bytes, bool has_more = false) {
        socket_.send(zmq::buffer(bytes),
                     has_more ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
    zmq::socket_t& socket() { return socket_; }

private:
    zmq::context_t context_{1};
    zmq::socket_t socket_{context_, zmq::socket_type::dealer};
};

TEST(Links, DropAndCountBadFramesAndGoOn) {
    End parent;
    End child;
    Stranger stranger{parent};
    stranger.connect(parent);
    stranger.send("this is no frame");
    stranger.send("");
    stranger.send("one part", true);
    stranger.send("and another");
    child.connect(up, parent.address());
    child.send(up, 1);
    ASSERT_TRUE(wait({&parent, &child}, [&] {
        return parent.link->counters().bad_frames == 3 && !parent.received.empty();
    }));
    EXPECT_EQ(parent.received.size(), 1U);
    EXPECT_EQ(parent.notices.size(), 1U) << "equal notices are spaced";
    EXPECT_EQ(parent.notices.front().what, "link.bad_frame");
}

TEST(Links, DropFramesOfAPeerThatBringsItsOwnName) {
    End parent;
    Stranger stranger{parent};
    stranger.socket().set(zmq::sockopt::routing_id, std::string{"branch"});
    stranger.connect(parent);
    stranger.send("anything");
    EXPECT_TRUE(wait({&parent}, [&] { return parent.link->counters().bad_frames == 1; }));
}

TEST(Links, CutOffAPeerWhoseFrameIsAboveTheLimit) {
    End parent;
    End child;
    Stranger stranger{parent};
    stranger.connect(parent);
    stranger.send("small");
    ASSERT_TRUE(wait({&parent}, [&] { return parent.link->counters().bad_frames == 1; }));
    stranger.send(std::string(limits::frame_bytes_max + 1, 'x'));
    ASSERT_TRUE(wait({&parent}, [&] { return parent.dropped.size() == 1; }));
    EXPECT_EQ(parent.link->counters().bad_frames, 1U) << "the large frame was looked at";

    child.connect(other_up, parent.address());
    child.send(other_up, 1);
    EXPECT_TRUE(wait({&parent, &child}, [&] { return !parent.received.empty(); }));
}

TEST(Links, HearNothingFromAPeerWithoutAKey) {
    End parent;
    End child;
    Stranger stranger{parent, false};
    stranger.connect(parent);
    stranger.send("let me in");
    child.connect(up, parent.address());
    child.send(up, 1);
    ASSERT_TRUE(wait({&parent, &child}, [&] { return !parent.received.empty(); }));
    EXPECT_EQ(parent.link->counters().bad_frames, 0U);
}

TEST(Links, GiveUpTheDescriptorsOfClosedConnections) {
    const auto count_descriptors = [] {
        const std::filesystem::directory_iterator all{"/proc/self/fd"};
        return std::distance(begin(all), end(all));
    };
    End child;
    End parent;
    const auto before = count_descriptors();
    for (std::uint64_t round = 0; round < 20; ++round) {
        const Route route{2 * round + 1};
        child.connect(route, parent.address());
        child.send(route, round);
        ASSERT_TRUE(wait({&child, &parent}, [&] { return parent.received.size() == round + 1; }));
        child.link->disconnect(route);
    }
    EXPECT_TRUE(wait({&child, &parent}, [&] { return parent.dropped.size() == 20; }));
    // Sockets are closed by a thread of libzmq, soon after.
    const Instant bound = steady_now() + std::chrono::seconds{10};
    while (count_descriptors() > before + 2 && steady_now() < bound) std::this_thread::yield();
    EXPECT_LE(count_descriptors(), before + 2);
}

}  // namespace
}  // namespace coppice
