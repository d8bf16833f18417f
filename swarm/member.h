#pragma once
// One agent of a swarm: the real state machine on a shared link, with a store and a writer in
// memory.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "common/driver.h"
#include "runtime/shared_link.h"
#include "swarm/figures.h"
#include "swarm/memory_store.h"
#include "swarm/shared_notary.h"

namespace coppice {

/// What the members of a process share; it outlives them.
struct MemberWorld {
    SharedLink& link;
    const SharedNotary& notary;
    SwarmFigures& figures;  // sums that members add to
    std::function<void(SharedLink::Number, const Probe&)> probe;
    std::function<std::vector<Measurement>()> measure;
    std::function<void(const Notice&)> notice;
};

class Member final : private World {
public:
    enum class State : std::uint8_t { down, running, paused };

    /// It is down until start(). `config` has no key and no address yet.
    Member(SharedLink::Number number, AgentConfig config, MemberWorld& world);

    /// Starts it with what its store holds. An error when its port is taken.
    [[nodiscard]] Result<Done> start(Instant now);
    /// It ends as by SIGKILL, and keeps its store.
    void kill();
    /// It stands still as by SIGSTOP: what comes waits, up to `held_max` inputs, the rest is lost.
    void pause();
    void resume(Instant now);

    /// Ignored while it is down.
    void feed(const Input& input, Instant now);

    [[nodiscard]] State state() const { return state_; }
    /// Its first registration was refused for good, or it was told to stop.
    [[nodiscard]] bool is_stopped() const { return is_stopped_; }
    /// `never` unless it runs.
    [[nodiscard]] Instant next_deadline() const;
    /// Of an agent that runs.
    [[nodiscard]] AgentGlance glance() const { return agent_->glance(); }

    static constexpr std::size_t held_max = 1024;

private:
    void step(const Input& input, Instant now);

    void connect(const Connect& connect) override;
    void send(Send send) override;
    void disconnect(Route route) override;
    void probe(const Probe& probe) override;
    void apply(const Apply& apply) override;
    void reply(Reply reply) override;
    void reduce(const Reduce& reduce) override;
    void notice(const Notice& notice) override;
    void measure() override;
    void stop() override;

    SharedLink::Number number_;
    AgentConfig config_;
    MemberWorld& world_;
    CurveKeys keys_ = make_curve_keys();
    MemoryStore store_;
    std::map<std::string, std::shared_ptr<const PushContent>> topics_;  // what the writer writes
    std::unique_ptr<Agent> agent_;                                      // unless it is down
    std::unique_ptr<Driver> driver_;
    std::deque<Input> waiting_;  // answers to itself, and what came while it stood still
    State state_ = State::down;
    bool is_stopped_ = false;
};

}  // namespace coppice
