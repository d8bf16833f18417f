#pragma once
// What a node promises to whoever runs it (common/node.h), checked at every step.

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "common/node.h"
#include "simulator/virtual_store.h"

namespace coppice::fuzz {

/// Runs a node on a store in memory. Stops the process when the node breaks its contract.
class NodeRunner {
public:
    /// Links and pushes that a node has at one time, and what one step may send, are bounded.
    struct Bounds {
        std::size_t connections_max = 0;
        std::size_t sends_max = 0;
    };
    explicit NodeRunner(Bounds bounds) : bounds_{bounds} {}

    /// A new process on the same store: its connections are gone.
    [[nodiscard]] Loaded restart();
    void run(Node& node) { node_ = &node; }

    /// What came out, with its writes committed. Nothing happens once the node has stopped.
    Outputs feed(const Input& input);
    /// Waits for the node's deadline, at most so long, and lets the node do what is due.
    std::vector<Outputs> wait(Duration span_max);
    void pass(Duration span) { now_ += span; }

    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] bool is_stopped() const { return is_stopped_; }
    [[nodiscard]] const std::map<Route, PeerAddress>& connections() const { return connections_; }
    /// The link of the last frame that the node sent there.
    [[nodiscard]] LinkId link_on(Route route) const;
    [[nodiscard]] VirtualStore& store() { return store_; }

private:
    void check(const Outputs& out, const Input& input);
    void check_frame(const Send& send);

    Bounds bounds_;
    Node* node_ = nullptr;
    VirtualStore store_;
    Instant now_{std::chrono::seconds{50}};
    bool is_stopped_ = false;
    std::map<Route, PeerAddress> connections_;
    std::set<Route> accepted_;
    std::map<Route, LinkId> links_;
    std::set<RequestId> asked_;  // and not answered
};

}  // namespace coppice::fuzz
