#pragma once
// The one place that orders effects: commit, then tell.

#include <span>
#include <vector>

#include "common/node.h"
#include "common/ports.h"

namespace coppice {

/// Carries effects out; implemented by the runtime and by the simulator.
class World {
public:
    virtual ~World() = default;
    virtual void connect(const Connect& connect) = 0;
    virtual void send(Send send) = 0;
    virtual void disconnect(Route route) = 0;
    virtual void probe(const Probe& probe) = 0;
    virtual void apply(const Apply& apply) = 0;
    virtual void reply(Reply reply) = 0;
    /// Where no daemons are nobody listens.
    virtual void hear(const LocalHeard& /*heard*/) {}
    virtual void reduce(const Reduce& reduce) = 0;
    virtual void notice(const Notice& notice) = 0;
    virtual void measure() = 0;
    virtual void stop() = 0;
};

/// Feeds inputs to a node. Several inputs may share one commit: feed() collects, flush() commits
/// all writes at once and only then carries the other effects out, in order of their inputs.
class Driver {
public:
    Driver(Node& node, Store& store, World& world) : node_{node}, store_{store}, world_{world} {}

    void feed(const Input& input, Instant now);
    /// An error means that nothing of the batch was made visible; the process must end.
    [[nodiscard]] Result<Done> flush();
    [[nodiscard]] bool has_pending() const { return !pending_.empty(); }

private:
    void carry_out(Outputs& outputs);

    Node& node_;
    Store& store_;
    World& world_;
    std::vector<Outputs> pending_;
};

}  // namespace coppice
