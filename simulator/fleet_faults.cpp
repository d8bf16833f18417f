// What is done to a fleet, and who is disturbed by it.
#include <algorithm>

#include "simulator/fleet.h"

namespace coppice {

namespace {

/// Intervals for which a host counts as disturbed after the end of what was done to it.
constexpr int disturbed_intervals = 20;
/// TCP tries again and again: 200 ms, doubling, six times.
constexpr Duration retransmission_max = std::chrono::seconds{13};

}  // namespace

void Fleet::disturb(HostIndex host) { disturbed_until_[host] = never; }

void Fleet::calm(HostIndex host) {
    const bool is_cut =
        unplugged_.contains(host) || overloaded_.contains(host) || full_disks_.contains(host) ||
        std::any_of(cuts_.begin(), cuts_.end(),
                    [host](const auto& cut) { return cut.first == host || cut.second == host; });
    if (!is_cut && world_.host(host).phase() == VirtualHost::Phase::running)
        disturbed_until_[host] = world_.now() + options_.interval * disturbed_intervals;
}

bool Fleet::is_disturbed(HostIndex host) const {
    const auto found = disturbed_until_.find(host);
    return found != disturbed_until_.end() && found->second > world_.now();
}

bool Fleet::is_anything_disturbed() const {
    return std::any_of(disturbed_until_.begin(), disturbed_until_.end(),
                       [this](const auto& entry) { return entry.second > world_.now(); });
}

void Fleet::disturb_with_children(HostIndex host) {
    disturb(host);
    HostId parent = manager_host;
    if (host != manager_index) {
        if (agent(host) == nullptr) return;
        parent = agent(host)->view().host;
    }
    for (HostIndex child = 1; child < world_.size(); ++child) {
        const Agent* running = agent(child);
        if (running == nullptr) continue;
        const AgentView view = running->view();
        if (view.is_attached && view.parent == parent) disturb(child);
    }
}

void Fleet::calm_all() {
    std::vector<HostIndex> disturbed;
    for (const auto& [host, until] : disturbed_until_)
        if (until == never) disturbed.push_back(host);
    for (const HostIndex host : disturbed) calm(host);
}

void Fleet::tell(const std::string& what, HostIndex host) {
    Trace& trace = world_.trace();
    if (trace.is_textual()) trace.line(world_.now(), "* " + what + ' ' + world_.host(host).name());
}

void Fleet::start_host(HostIndex host) {
    tell("start", host);
    crashed_at_.erase(host);
    world_.host(host).start();
    calm(host);
}

void Fleet::crash(HostIndex host) {
    tell("crash", host);
    disturb(host);
    if (world_.host(host).phase() != VirtualHost::Phase::down) crashed_at_[host] = world_.now();
    world_.host(host).crash();
}

void Fleet::stop(HostIndex host) {
    tell("stop", host);
    disturb(host);
    world_.host(host).handle(StopRequested{});
}

void Fleet::pause(HostIndex host) {
    tell("pause", host);
    disturb(host);
    world_.host(host).pause();
}

void Fleet::resume(HostIndex host) {
    tell("resume", host);
    world_.host(host).resume();
    calm(host);
}

void Fleet::power_off(HostIndex host) {
    unplug(host);
    crash(host);
}

void Fleet::power_on(HostIndex host) {
    plug(host);
    start_host(host);
}

void Fleet::unplug(HostIndex host) {
    tell("unplug", host);
    disturb_with_children(host);
    unplugged_.insert(host);
    world_.network().unplug(host);
}

void Fleet::plug(HostIndex host) {
    tell("plug", host);
    unplugged_.erase(host);
    world_.network().plug(host);
    calm_all();
}

void Fleet::cut(HostIndex from, HostIndex to) {
    tell("cut " + world_.host(from).name() + " to", to);
    disturb_with_children(from);
    disturb_with_children(to);
    cuts_.insert({from, to});
    world_.network().cut(from, to);
}

void Fleet::heal(HostIndex from, HostIndex to) {
    tell("heal " + world_.host(from).name() + " to", to);
    cuts_.erase({from, to});
    world_.network().heal(from, to);
    calm_all();
}

void Fleet::overload(HostIndex host, Duration per_input) {
    const bool is_over = per_input == Duration{};
    tell(is_over ? "relieve" : "overload", host);
    world_.host(host).set_overload(per_input);
    if (!is_over) {
        overloaded_.insert(host);
        return disturb(host);
    }
    overloaded_.erase(host);
    calm(host);
}

void Fleet::set_disk_full(HostIndex host, bool is_full) {
    tell(is_full ? "fill the disk of" : "clear the disk of", host);
    world_.host(host).store().set_full(is_full);
    if (is_full) {
        full_disks_.insert(host);
        return disturb(host);
    }
    full_disks_.erase(host);
    if (world_.host(host).phase() == VirtualHost::Phase::down) start_host(host);
    calm(host);
}

void Fleet::set_loss(double loss, double frame_loss) {
    if (loss > 0 || frame_loss > 0)
        lossy_until_ = never;
    else if (lossy_until_ == never)
        lossy_until_ = world_.now() + retransmission_max;
    world_.network().set_loss(loss, frame_loss);
}

void Fleet::mend_everything() {
    set_loss(options_.network.loss, options_.network.frame_loss);
    while (!overloaded_.empty()) overload(*overloaded_.begin(), Duration{});
    while (!full_disks_.empty()) set_disk_full(*full_disks_.begin(), false);
    while (!cuts_.empty()) heal(cuts_.begin()->first, cuts_.begin()->second);
    while (!unplugged_.empty()) plug(*unplugged_.begin());
    for (HostIndex host = 0; host < world_.size(); ++host) {
        const VirtualHost& mended = world_.host(host);
        if (mended.phase() == VirtualHost::Phase::paused) resume(host);
        // One that was asked to stop goes at once when it is asked again.
        const Agent* running = agent(host);
        if (running != nullptr && running->view().is_leaving) stop(host);
        // Unless it still has to work off what it was overloaded with.
        if (agent(host) != nullptr && agent(host)->view().is_leaving) crash(host);
        if (mended.phase() == VirtualHost::Phase::down) start_host(host);
    }
}

std::optional<Instant> Fleet::crashed_at(HostIndex host) const {
    const auto found = crashed_at_.find(host);
    if (found == crashed_at_.end()) return std::nullopt;
    return found->second;
}

}  // namespace coppice
