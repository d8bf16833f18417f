// What peers that break the rules of a link can and cannot do.

#include "tests/unit/runtime/link_end.h"

namespace coppice {
namespace {

/// A peer with keys that speaks ZeroMQ but not Coppice.
class Stranger {
public:
    explicit Stranger(const End& end, bool has_curve = true) {
        if (has_curve) {
            set_common_options(socket_);
            set_keys(socket_, make_curve_keys());
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
    EXPECT_EQ(parent.link->counters().disconnects, 1U);
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
    EXPECT_TRUE(
        wait({&parent, &child}, [&] { return parent.link->counters().refused_connections > 0; }));
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
