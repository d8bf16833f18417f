#pragma once
// One parent (a Hub) and some children (Uplinks) over wires that a test can cut, with a time that
// the test moves.

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/hub.h"
#include "common/uplink.h"
#include "tests/support/fake_notary.h"

namespace coppice::testing {

inline PublicKey key_of_host(HostId host) {
    PublicKey key{};
    key[0] = static_cast<std::uint8_t>(host.value);
    key[1] = static_cast<std::uint8_t>(host.value >> 8U);
    key[2] = 1;
    return key;
}

inline PeerAddress peer(HostId host) {
    return {.host = host,
            .key = key_of_host(host),
            .addresses = {"tcp://h" + std::to_string(host.value) + ":1"}};
}

inline Order order_for(HostId host, HostId parent, std::uint64_t generation = 1) {
    return {.fleet = "f",
            .host = host,
            .key = key_of_host(host),
            .name = "n" + std::to_string(host.value),
            .stamp = {1, generation},
            .is_placed = true,
            .parent = peer(parent)};
}

/// One child under test.
struct TestChild {
    explicit TestChild(HostId host) : self{host}, drawer{host.value} {
        uplink.set_identity({.fleet = "f", .self = host, .incarnation = {1}});
        store(sets, members_key, {host});
    }

    HostId self;
    Timing timing;
    Drawer drawer;
    Uplink uplink{timing, {"tcp://h:1"}};
    NamedSets sets;
    FactLog facts;
    std::vector<Held> held;
    RecentTimes times;
    Sealed ticket;
    std::vector<Message> heard;  // messages that are not the uplink's own business
};

class LinkBench {
public:
    static constexpr HostId parent{1};

    LinkBench() {
        hub.set_identity({.fleet = "f", .self = parent, .incarnation = {1}});
        standing.path = {parent};
        standing.is_fresh = true;
        standing.children_max = 8;
    }

    TestChild& add(std::uint32_t host) {
        return children.try_emplace(HostId{host}, HostId{host}).first->second;
    }
    void follow(TestChild& child, const Order& order) {
        Outputs out;
        child.ticket = notary.seal(order);
        child.uplink.follow(order, now, out);
        carry(child, out);
    }
    TestChild& join(std::uint32_t host) {
        TestChild& child = add(host);
        follow(child, order_for(HostId{host}, parent));
        run(std::chrono::milliseconds{50});
        return child;
    }

    /// Moves time in small steps, each time letting everybody work and delivering all frames.
    void run(Duration span) {
        const Instant end = now + span;
        while (now < end) {
            now += std::chrono::milliseconds{5};
            for (auto& [host, child] : children) {
                if (asleep.contains(host)) continue;
                Outputs out;
                child.uplink.work(
                    {{1, 1}, child.sets, child.facts, child.held, child.times, child.ticket}, now,
                    child.drawer, out);
                carry(child, out);
            }
            deliver();
            step_parent([&](Outputs& out) { hub.on_deadline(standing, now, out); });
        }
    }

    /// A step of the parent: the change, then what follows from it.
    template <class Change>
    void step_parent(Change change) {
        if (asleep.contains(parent)) return;
        Outputs out;
        change(out);
        static_cast<void>(hub.settle({}, {}, now, out));
        for (const Send& sent : out.sends) downward_.push_back(sent);
        probes.insert(probes.end(), out.probes.begin(), out.probes.end());
        deliver();
    }

    [[nodiscard]] HostState state(std::uint32_t host) {
        const Child* child = hub.links().find(HostId{host});
        return child == nullptr ? HostState::lost : child->state;
    }

    FakeNotary notary;
    Timing timing;
    Instant now{std::chrono::seconds{1000}};
    Standing standing;
    Hub hub{notary, timing, Relay::Retention::until_answered};
    std::map<HostId, TestChild> children;
    std::set<HostId> asleep;     // neither works nor hears
    std::set<std::string> lose;  // names of message kinds that get lost
    std::vector<Probe> probes;   // of the parent
    std::uint64_t downward_bytes = 0;

private:
    // Every child has its own wires: (host, its route) is an even route at the parent.
    [[nodiscard]] static Route at_parent(HostId host, Route route) {
        return {(std::uint64_t{host.value} << 32U | route.value) << 1U};
    }

    void carry(TestChild& child, const Outputs& out) {
        for (const Send& sent : out.sends) upward_.push_back({child.self, sent});
    }

    [[nodiscard]] bool is_lost(const Message& message) const {
        if (std::holds_alternative<Heartbeat>(message)) return lose.contains("Heartbeat");
        if (std::holds_alternative<HeartbeatAnswer>(message))
            return lose.contains("HeartbeatAnswer");
        if (std::holds_alternative<PushDown>(message)) return lose.contains("PushDown");
        if (std::holds_alternative<WindowOpened>(message)) return lose.contains("WindowOpened");
        return false;
    }

    void deliver() {
        while (!upward_.empty() || !downward_.empty()) {
            while (!upward_.empty()) {
                const auto [from, sent] = upward_.front();
                upward_.pop_front();
                if (asleep.contains(parent) || is_lost(sent.frame.body)) continue;
                const Received received{at_parent(from, sent.route), key_of_host(from), sent.frame};
                step_parent([&](Outputs& out) { hub.on_frame(received, standing, now, out); });
            }
            if (!downward_.empty()) deliver_down();
        }
    }

    void deliver_down() {
        const Send sent = downward_.front();
        downward_.pop_front();
        const HostId to{static_cast<std::uint32_t>(sent.route.value >> 33U)};
        if (asleep.contains(to) || is_lost(sent.frame.body)) return;
        if (const auto* push = std::get_if<PushDown>(&sent.frame.body); push && push->content)
            downward_bytes += push->content->content.size();
        TestChild& child = children.at(to);
        const Route own{(sent.route.value >> 1U) & 0xffffffffU};
        Outputs out;
        const Received received{own, key_of_host(parent), sent.frame};
        if (child.uplink.on_frame(received, child.facts, now, out) == Uplink::Heard::for_others)
            child.heard.push_back(sent.frame.body);
        carry(child, out);
    }

    std::deque<std::pair<HostId, Send>> upward_;
    std::deque<Send> downward_;
};

}  // namespace coppice::testing
