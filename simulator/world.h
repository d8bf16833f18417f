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
        on_reply_ = std::move(handler);
    }

    /// Outlives the world, or at least its last event, unless it is removed.
    void add_witness(Witness& witness) { witnesses_.push_back(&witness); }
    void remove_witness(Witness& witness) { std::erase(witnesses_, &witness); }

    void run_for(Duration duration) { run_to(now() + duration); }
    void run_to(Instant time);
    /// Runs until the predicate holds, looked at after every action; false when `bound` is over
    /// first.
    [[nodiscard]] bool run_until(const std::function<bool()>& predicate, Duration bound);

private:
    Schedule schedule_;
    Trace trace_;
    Random random_;
    HostOptions host_options_;
    std::function<void(HostIndex, const Reply&)> on_reply_;
    std::vector<Witness*> witnesses_;
    std::vector<std::unique_ptr<VirtualHost>> hosts_;
    std::map<std::string, HostIndex, std::less<>> by_name_;
    Network network_;
};

}  // namespace coppice
