#pragma once
// Nodes on strings: a test sees what they are told and says what they do.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "simulator/world.h"

namespace coppice {

/// The strings of one host; they outlive its processes.
struct Puppet {
    struct Seen {
        Instant time;
        Input input;
    };
    std::vector<Seen> seen;
    Outputs next;  // of the next step
    Instant deadline = never;
    std::uint64_t runs = 0;
    std::uint64_t term = 0;  // of the newest run

    template <class T>
    [[nodiscard]] std::vector<T> all() const {
        std::vector<T> found;
        for (const Seen& entry : seen)
            if (const T* typed = std::get_if<T>(&entry.input)) found.push_back(*typed);
        return found;
    }
};

class PuppetNode final : public Node {
public:
    explicit PuppetNode(Puppet& puppet) : puppet_{puppet} {}
    Outputs step(const Input& input, Instant now) override {
        puppet_.seen.push_back({now, input});
        if (std::holds_alternative<DeadlineReached>(input)) puppet_.deadline = never;
        return std::exchange(puppet_.next, {});
    }
    Instant next_deadline() const override { return puppet_.deadline; }

private:
    Puppet& puppet_;
};

inline std::string address_of(HostIndex host) { return "tcp://h" + std::to_string(host) + ":1"; }
inline PublicKey key_of(HostIndex host) {
    PublicKey key{};
    key[0] = static_cast<std::uint8_t>(host + 1);
    return key;
}

/// Hosts 0, 1, ... that all run.
struct PuppetTheatre {
    explicit PuppetTheatre(std::size_t count, WorldOptions options = {}) : world{options} {
        for (HostIndex host = 0; host < count; ++host) {
            puppets.push_back(std::make_unique<Puppet>());
            Puppet& puppet = *puppets.back();
            world.add_host({.name = "h" + std::to_string(host),
                            .key = key_of(host),
                            .addresses = {address_of(host)},
                            .measurements = {{"load1", static_cast<double>(host)}},
                            .make_node = [&puppet](const Loaded& loaded, std::uint64_t run) {
                                puppet.runs = run;
                                puppet.term = loaded.term;
                                return std::make_unique<PuppetNode>(puppet);
                            }});
            world.host(host).start();
        }
    }

    Puppet& operator[](HostIndex host) { return *puppets.at(host); }

    /// Makes the node have these effects now.
    void act(HostIndex host, Outputs outputs) {
        puppets.at(host)->next = std::move(outputs);
        world.host(host).handle(ClockRead{});
    }
    void connect(HostIndex from, HostIndex to, Route route) {
        Outputs outputs;
        outputs.connects.push_back({route, {HostId{}, key_of(to), {address_of(to)}}});
        act(from, std::move(outputs));
    }
    void send(HostIndex from, Route route, std::uint64_t sequence) {
        Outputs outputs;
        Frame frame{.header = {}, .body = Leave{}};
        frame.header.sequence = sequence;
        outputs.sends.push_back({route, frame});
        act(from, std::move(outputs));
    }
    /// Sequences of the frames that the host received, in order.
    [[nodiscard]] std::vector<std::uint64_t> received(HostIndex host) const {
        std::vector<std::uint64_t> sequences;
        for (const Received& frame : puppets.at(host)->all<Received>())
            sequences.push_back(frame.frame.header.sequence);
        return sequences;
    }

    VirtualWorld world;
    std::vector<std::unique_ptr<Puppet>> puppets;
};

}  // namespace coppice
