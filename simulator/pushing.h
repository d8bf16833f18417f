#pragma once
// Pushes to a whole fleet that has come up: how long each host took, and what it cost.

#include "simulator/campaign.h"
#include "simulator/meter.h"

namespace coppice {

struct PushingOptions {
    FleetOptions fleet;
    std::uint64_t payload_bytes = 1024;
    /// One after the other, each of a topic of its own.
    std::uint64_t pushes = 1;
    /// A push that is not complete by then is reported, and the next is not begun.
    Duration bound = std::chrono::minutes{2};
};

struct PushingReport {
    std::vector<std::string> broken;
    std::vector<Duration> applied;     // from the manager's commit to durable on a host; ascending
    std::vector<Duration> completed;   // from the commit to the complete receipt; ascending
    std::uint64_t missing = 0;         // hosts that never applied
    std::array<Sent, senders> sent{};  // from commits to receipts, heartbeats included
    std::uint64_t hash = 0;
    std::uint64_t events = 0;
    Duration simulated{};
    MeterReadings meter;
};

/// Deterministic. The hooks are called as by run_campaign().
[[nodiscard]] PushingReport run_pushes(const PushingOptions& options, const FleetHooks& hooks = {});

}  // namespace coppice
