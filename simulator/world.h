#pragma once
// The virtual world: hosts, their network and one time for all, replayable from a seed.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/virtual_host.h"

namespace coppice {

struct WorldOptions {
    std::uint64_t seed = 1;
    NetworkOptions network;
    HostOptions hosts;
};

class VirtualWorld {
public:
    explicit VirtualWorld(const WorldOptions& options);

    /// A host whose process is down; start() it.
    HostIndex add_host(HostSetup setup);
    [[nodiscard]] std::size_t size() const { return hosts_.size(); }
    [[nodiscard]] VirtualHost& host(HostIndex index) { return *hosts_.at(index); }
    [[nodiscard]] const VirtualHost& host(HostIndex index) const { return *hosts_.at(index); }
    [[nodiscard]] std::optional<HostIndex> find(std::string_view name) const;

    [[nodiscard]] Schedule& schedule() { return schedule_; }
    [[nodiscard]] const Schedule& schedule() const { return schedule_; }
    [[nodiscard]] Instant now() const { return schedule_.now(); }
    [[nodiscard]] Network& network() { return network_; }
    [[nodiscard]] Trace& trace() { return trace_; }
    [[nodiscard]] const Trace& trace() const { return trace_; }

    void on_reply(std::function<void(HostIndex, const Reply&)> handler) {
        around_.on_reply = std::move(handler);
    }

    /// Outlives the world, or at least its last event, unless it is removed.
    void add_witness(Witness& witness) { around_.witnesses.push_back(&witness); }
    void remove_witness(Witness& witness) { std::erase(around_.witnesses, &witness); }

    /// Called now and then by run_to() with the instant up to which nothing but nodes acts; may
    /// leap().
    void on_lull(std::function<void(Instant limit)> handler) { on_lull_ = std::move(handler); }
    /// Goes to that instant without living through what is between. Whoever calls this has brought
    /// the nodes and the network to the state that they would have there.
    void leap(Instant time);
    [[nodiscard]] Duration leapt() const { return leapt_; }

    void run_for(Duration duration) { run_to(now() + duration); }
    void run_to(Instant time);
    /// Runs until the predicate holds, looked at after every action; false when `bound` is over
    /// first.
    [[nodiscard]] bool run_until(const std::function<bool()>& predicate, Duration bound);

private:
    Schedule schedule_;
    Trace trace_;
    Random random_;
    std::vector<std::unique_ptr<VirtualHost>> hosts_;
    std::map<std::string, HostIndex, std::less<>> by_name_;
    Network network_;
    Surroundings around_;
    std::function<void(Instant)> on_lull_;
    Instant next_lull_{};
    Duration lull_gap_ = std::chrono::seconds{1};
    Duration leapt_{};
};

}  // namespace coppice
