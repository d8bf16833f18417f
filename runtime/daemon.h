#pragma once
// Runs one node in the real world: sockets, disk, clock and signals become its inputs, and its
// outputs are carried out.

#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "common/driver.h"
#include "common/node.h"
#include "common/ports.h"
#include "runtime/loop.h"
#include "runtime/prober.h"
#include "runtime/push_applier.h"
#include "runtime/signals.h"
#include "runtime/wall_clock.h"
#include "runtime/zmq_link.h"

namespace coppice {

/// What main hands over; all of it outlives the daemon. The functions are called on the thread
/// that runs it, and must not block it.
struct DaemonParts {
    Node& node;
    Store& store;
    ZmqLink& link;
    PushApplier* applier = nullptr;  // none: every push is refused (a manager gets none)
    Signals* signals = nullptr;      // none: only request_stop() ends the daemon
    std::function<void(const Notice&)> notice;
    std::function<void(Reply)> reply;                   // none: nobody asks
    std::function<std::vector<Measurement>()> measure;  // none: nothing is measured
    /// After each batch: everything that the node has done is durable, and may be shown.
    std::function<void()> settled{};
    std::function<void(const LocalHeard&)> heard{};  // none: no daemon of this host listens
    std::function<Contributions()> contributions{};  // none: no daemon of this host offers any
    /// Answered by submitting Reduced; false when it will not be, or none: no daemon reduces.
    std::function<bool(const Reduce&)> reduce{};
};

class Daemon : private World {
public:
    explicit Daemon(DaemonParts parts);
    ~Daemon() override;
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Returns the exit code: 0 when the node stopped, or did not stop within `stop_time_max` of
    /// being asked, or was asked twice; 1 when the store failed.
    [[nodiscard]] int run();

    /// Runs `task` on the thread of run(), between two batches: everything that the node has done
    /// is durable then, and may be shown. From any thread. False, and nothing happens, when
    /// Loop::tasks_max tasks wait already.
    [[nodiscard]] bool post(Loop::Task task) { return loop_.post(std::move(task)); }

    /// Gives an input to the node, after those that wait. For tasks and before run().
    void submit(Input input) { inbox_.push_back(std::move(input)); }

    /// Asks the node to stop; asked again, ends whether the node stops at once or not. For tasks
    /// and before run().
    void request_stop();

    /// Inputs of one commit, and the time spent on them: what one commit's delay costs the first.
    static constexpr std::size_t inputs_per_batch = 256;
    static constexpr Duration batch_time = std::chrono::milliseconds{2};
    static constexpr Duration stop_time_max = std::chrono::seconds{3};

private:
    void watch_sources();
    [[nodiscard]] bool run_batch();
    void feed_waiting(Instant start);
    [[nodiscard]] Instant next_wake() const;

    void connect(const Connect& connect) override;
    void send(Send send) override;
    void disconnect(Route route) override;
    void probe(const Probe& probe) override;
    void apply(const Apply& apply) override;
    void reply(Reply reply) override;
    void hear(const LocalHeard& heard) override;
    void reduce(const Reduce& reduce) override;
    void notice(const Notice& notice) override;
    void measure() override;
    void stop() override;

    DaemonParts parts_;
    Driver driver_;
    Loop loop_;
    Prober prober_;
    WallClock wall_clock_;
    std::deque<Input> inbox_;
    Instant stop_at_ = never;  // the latest end, once a stop was asked for
    bool is_stopped_ = false;
};

}  // namespace coppice
