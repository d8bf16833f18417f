#pragma once
// One host: a node when its process runs, and what outlives the process (store, disk, name).

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/driver.h"
#include "common/node.h"
#include "common/random.h"
#include "simulator/network.h"
#include "simulator/schedule.h"
#include "simulator/trace.h"
#include "simulator/virtual_store.h"
#include "simulator/witness.h"

namespace coppice {

struct HostOptions {
    /// Time that a writer takes, uniform.
    Duration apply_min = std::chrono::milliseconds{1};
    Duration apply_max = std::chrono::milliseconds{20};
    /// The wall clock at the start of the world; the clocks of all hosts are right.
    UnixMillis unix_start{1'700'000'000'000};
};

/// What a writer left on a host's disk for one topic.
struct AppliedFile {
    std::uint64_t version = 0;
    PushId push;
    Bytes payload;
    friend bool operator==(const AppliedFile&, const AppliedFile&) = default;
};

struct HostSetup {
    std::string name;
    PublicKey key{};
    std::vector<std::string> addresses;
    std::vector<Measurement> measurements;
    /// A new process; `run` counts them from 1.
    std::function<std::unique_ptr<Node>(Loaded loaded, std::uint64_t run)> make_node;
};

/// What all hosts share; outlives them.
struct Surroundings {
    Schedule& schedule;
    Network& network;
    Trace& trace;
    Random& random;
    HostOptions options;
    std::function<void(HostIndex, const Reply&)> on_reply;
    const std::vector<Witness*>& witnesses;
};

class VirtualHost final : private World, private Store {
public:
    enum class Phase : std::uint8_t { down, running, paused };

    VirtualHost(HostIndex index, HostSetup setup, const Surroundings& around)
        : index_{index}, setup_{std::move(setup)}, around_{around} {}

    /// Requires that the process is down.
    void start();
    /// The process ends here and now; what its store and disk hold stays.
    void crash() { end(false); }
    /// Inputs queue up and time goes on (SIGSTOP) until resume().
    void pause();
    void resume();
    /// Ignored when the process is down.
    void handle(const Input& input);

    /// From now on applying a version of this topic is refused with the reason; empty ends that.
    void refuse(const std::string& topic, const std::string& reason);

    [[nodiscard]] const std::string& name() const { return setup_.name; }
    [[nodiscard]] Phase phase() const { return phase_; }
    /// Null when the process is down.
    [[nodiscard]] const Node* node() const { return node_.get(); }
    [[nodiscard]] VirtualStore& store() { return store_; }
    [[nodiscard]] const VirtualStore& store() const { return store_; }
    [[nodiscard]] const std::map<std::string, AppliedFile>& disk() const { return disk_; }
    [[nodiscard]] const std::vector<Measurement>& measurements() const {
        return setup_.measurements;
    }

private:
    [[nodiscard]] Result<Done> commit(std::span<const Write> writes) override;
    void connect(const Connect& connect) override;
    void send(Send send) override;
    void disconnect(Route route) override;
    void probe(const Probe& probe) override;
    void apply(const Apply& apply) override;
    void reply(Reply reply) override;
    void notice(const Notice& notice) override;
    void measure() override;
    void stop() override { is_stopping_ = true; }

    void feed(const Input& input);
    void flush();
    void end(bool is_polite);
    void arm();
    void on_timer();
    void read_clock_later();
    [[nodiscard]] UnixMillis unix_time() const;
    /// Runs the action unless this process has ended by then.
    void later(Duration delay, std::function<void()> action);

    HostIndex index_;
    HostSetup setup_;
    Surroundings around_;
    Phase phase_ = Phase::down;
    std::uint64_t run_ = 0;
    VirtualStore store_;
    std::map<std::string, AppliedFile> disk_;
    std::map<std::string, std::string> refusals_;
    std::unique_ptr<Node> node_;
    std::optional<Driver> driver_;
    std::deque<Input> inbox_;         // while paused
    std::optional<Instant> armed_;    // the timer that counts; older ones are void
    std::uint64_t early_timers_ = 0;  // in a row after which the deadline had still passed
    Instant writer_free_at_{};
    bool is_stopping_ = false;
};

}  // namespace coppice
