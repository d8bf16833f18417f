#include "simulator/flow_checker.h"

#include <utility>

#include "common/limits.h"
#include "schemas/codec.h"

namespace coppice {

namespace {

/// Beats are one interval apart on average and at most this percentage of it.
constexpr int beat_percent = 130;
/// Windows of which whom they ask is remembered, of each link.
constexpr std::size_t windows_max = 128;

}  // namespace

void FlowChecker::on_input(HostIndex host, const Input& input) {
    if (unheld_.empty() || host == Fleet::manager_index) return;
    const auto* received = std::get_if<Received>(&input);
    if (received == nullptr) return;
    const Header& header = received->frame.header;
    const auto link = unheld_.find(header.link);
    // Only the child's end of the link takes what its parent sent.
    if (link == unheld_.end() || header.sender == model_.glance(host).host) return;
    if (header.sender != model_.glance(host).parent) return;
    std::erase_if(link->second,
                  [&header](const auto& push) { return push.second.sequence <= header.sequence; });
    if (link->second.empty()) unheld_.erase(link);
}

void FlowChecker::on_send(HostIndex host, const Send& send) {
    const Message& body = send.frame.body;
    if (const auto* heartbeat = std::get_if<Heartbeat>(&body)) {
        check_beat(host, *heartbeat);
        if (!heartbeat->facts.empty() || !heartbeat->sets.empty()) check_size(host, send.frame);
    } else if (const auto* push = std::get_if<PushDown>(&body)) {
        check_push(host, send.frame, *push);
        check_size(host, send.frame);
    } else if (const auto* asked = std::get_if<WindowOpened>(&body)) {
        auto& windows = asked_[send.frame.header.link];
        if (windows.size() >= windows_max) windows.erase(windows.begin());
        windows.insert_or_assign(asked->window, asked->target);
    } else if (const auto* answer = std::get_if<WindowClosed>(&body)) {
        check_partial(host, send.frame.header.link, *answer);
        check_size(host, send.frame);
    }
}

void FlowChecker::check_beat(HostIndex host, const Heartbeat& heartbeat) {
    const Instant now = fleet_.world().now();
    const Instant before = std::exchange(beaten_[host], now);
    const bool is_late =
        before != Instant{} && now - before > fleet_.options().interval * beat_percent / 100;
    // One that slept or is overloaded is late with everything.
    if (is_late && !fleet_.is_disturbed(host))
        complaints_.add("heartbeat", fleet_.world().host(host).name() + " has not beaten since " +
                                         text_of(before) + '.');
    if (heartbeat.facts.size() > limits::facts_per_heartbeat_max)
        complaints_.add("limits",
                        fleet_.world().host(host).name() + " sends too many facts at one time.");
}

void FlowChecker::check_push(HostIndex host, const Frame& frame, const PushDown& push) {
    if (push.content == nullptr) return;
    std::map<PushId, Unheld>& unheld = unheld_[frame.header.link];
    unheld[push.push] = {frame.header.sequence, push.content->content.size()};
    std::size_t bytes = 0;
    for (const auto& [id, one] : unheld) bytes += one.bytes;
    if (bytes > limits::unheld_bytes_max && unheld.size() > 1)
        complaints_.add("unheld", fleet_.world().host(host).name() + " has " +
                                      std::to_string(bytes) +
                                      " bytes of pushes under way to one child.");
}

void FlowChecker::check_partial(HostIndex host, LinkId link, const WindowClosed& answer) {
    const Partial& partial = answer.partial;
    HostSet coverage = partial.coverage;
    if (answer.is_of_missing) {
        const auto windows = asked_.find(link);
        // A root answers its manager under a number of its own.
        if (windows == asked_.end() || !windows->second.contains(answer.window)) return;
        const HostSet& target = windows->second.at(answer.window);
        // It may have been asked for others meanwhile.
        if (target.digest() != answer.target_digest) return;
        if (!target.includes(coverage))
            complaints_.add("partial", fleet_.world().host(host).name() +
                                           " misses hosts that it was not asked for.");
        coverage = target - coverage;
    }
    std::uint64_t hosts = partial.other.hosts;
    for (const auto& [key, group] : partial.groups) hosts += group.hosts;
    if (hosts != coverage.size())
        complaints_.add("partial", fleet_.world().host(host).name() + " counts " +
                                       std::to_string(hosts) + " hosts in groups of " +
                                       std::to_string(coverage.size()) + " hosts.");
}

void FlowChecker::check_size(HostIndex host, const Frame& frame) {
    const std::size_t bytes = encode(frame).size();
    if (bytes > limits::frame_bytes_max)
        complaints_.add("limits", fleet_.world().host(host).name() + " sends a " +
                                      std::string{name_of(frame.body)} + " of " +
                                      std::to_string(bytes) + " bytes, which nobody takes.");
}

}  // namespace coppice
