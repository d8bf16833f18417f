#pragma once
// One host: a node when its process runs, and what outlives the process (store, disk, name).

#include <algorithm>
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
#include "simulator/virtual_daemon.h"
#include "simulator/virtual_store.h"
#include "simulator/witness.h"

namespace coppice {

struct HostOptions {
    /// Time that a writer takes, uniform.
    Duration apply_min = std::chrono::milliseconds{1};
    Duration apply_max = std::chrono::milliseconds{20};
    /// What a right wall clock shows at the start of the world.
    UnixMillis unix_start{1'700'000'000'000};
};

/// What a writer left on a host's disk for one topic.
struct AppliedFile {
    std::uint64_t version = 0;
    PushId push;
    Bytes payload;
    bool is_withdrawn = false;  // the file is gone
    friend bool operator==(const AppliedFile&, const AppliedFile&) = default;
};

struct HostSetup {
    std::string name;
    PublicKey key{};
    std::vector<std::string> addresses;
    Place place;
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
    std::vector<Witness*> witnesses;
};

/// How a host's clocks go wrong.
struct ClockError {
    std::int64_t ppm = 0;  // both clocks run faster by so many parts of a million
    UnixMillis offset{};   // the wall clock is ahead
    friend bool operator==(const ClockError&, const ClockError&) = default;
};

class VirtualHost final : private World, private Store, private Schedule::Handler {
public:
    enum class Phase : std::uint8_t { down, running, paused };

    /// `around` outlives the host.
    VirtualHost(HostIndex index, HostSetup setup, Surroundings& around)
        : index_{index}, setup_{std::move(setup)}, around_{around} {}

    /// Requires that the process is down.
    void start();
    /// The process ends here and now; what its store and disk hold stays.
    void crash() { end(false); }
    /// Inputs queue up and time goes on (SIGSTOP) until resume().
    void pause();
    void resume();
    /// Ignored when the process is down.
    void handle(Input&& input);

    /// From now on applying a version of this topic is refused with the reason; empty ends that.
    void refuse(const std::string& topic, const std::string& reason);
    /// From now on a writer takes so much longer; zero ends that.
    void delay_applies(Duration by) { apply_delay_ = by; }
    /// From now on; it works before.
    void set_reducer(ReducerMood mood) { reducer_ = mood; }
    /// Each input keeps the process busy for so long, while others wait; zero ends that.
    void set_overload(Duration per_input);
    /// Requires that the process is down: clocks that change their rate are not what real ones do.
    void set_clock(const ClockError& error);

    /// What the process' monotonic clock shows.
    [[nodiscard]] Instant local(Instant world) const;
    [[nodiscard]] const std::string& name() const { return setup_.name; }
    [[nodiscard]] Phase phase() const { return phase_; }
    /// Null when the process is down.
    [[nodiscard]] const Node* node() const { return node_.get(); }
    [[nodiscard]] VirtualStore& store() { return store_; }
    [[nodiscard]] const VirtualStore& store() const { return store_; }
    [[nodiscard]] const std::map<std::string, AppliedFile>& disk() const { return disk_; }
    /// The newest push of the topic, when a writer has refused it; otherwise zero.
    [[nodiscard]] PushId refused(const std::string& topic) const {
        const auto found = refused_.find(topic);
        return found == refused_.end() ? PushId{} : found->second;
    }
    [[nodiscard]] const std::vector<Measurement>& measurements() const {
        return setup_.measurements;
    }

    // For passing over quiet stretches; see quiet.h.
    /// Running, with a right clock, nothing waiting, and no work of its own under way.
    [[nodiscard]] bool is_idle() const;
    [[nodiscard]] Node* node() { return node_.get(); }
    /// After a leap of time: the wall clock was read as often as it would have been, and the timer
    /// is set anew.
    void catch_up();

private:
    [[nodiscard]] Result<Done> commit(std::span<const Write> writes) override;
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
    void stop() override { is_stopping_ = true; }
    void happen(std::uint64_t what) override;

    void feed(const Input& input);
    void flush();
    /// When what keeps the process busy now is over.
    [[nodiscard]] Instant free_at() const { return std::max(overloaded_until_, committing_until_); }
    void work_when_free();
    void work_off();
    void end(bool is_polite);
    void arm();
    void on_timer();
    void read_clock();
    /// When the process' monotonic clock shows that.
    [[nodiscard]] Instant world_time(Instant local) const;
    [[nodiscard]] UnixMillis unix_time(Instant world) const;
    /// Runs the action unless this process has ended by then.
    void later(Duration delay, std::function<void()> action);

    HostIndex index_;
    HostSetup setup_;
    Surroundings& around_;
    Phase phase_ = Phase::down;
    bool is_stopping_ = false;
    bool is_working_off_ = false;
    std::uint32_t under_way_ = 0;  // measurements, applies and reductions
    std::uint64_t run_ = 0;
    VirtualStore store_;
    std::map<std::string, AppliedFile> disk_;
    std::map<std::string, std::string> refusals_;
    std::map<std::string, PushId> refused_;
    std::unique_ptr<Node> node_;
    std::optional<Driver> driver_;
    std::vector<Input> inbox_;        // while paused or busy
    std::optional<Instant> armed_;    // the timer that counts; older ones are void
    std::uint64_t early_timers_ = 0;  // in a row after which the deadline had still passed
    Instant clock_due_{};             // next reading of the wall clock
    Instant writer_free_at_{};
    Duration apply_delay_{};
    ReducerMood reducer_ = ReducerMood::works;
    std::optional<Instant> work_due_;  // the call for the inbox that counts; others are void
    Instant overloaded_until_{};
    Instant committing_until_{};
    Duration per_input_{};
    ClockError clock_;
};

}  // namespace coppice
