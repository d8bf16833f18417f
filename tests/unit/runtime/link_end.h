#pragma once
// One end of a real link over loopback, and what tests wait for.

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

inline constexpr Route up{1};
inline constexpr Route other_up{3};

}  // namespace coppice
