#pragma once
// Questions to a whole fleet that has come up: how long the answers took, whom they counted, and
// what they cost the busiest link.

#include "simulator/fleet.h"
#include "simulator/meter.h"

namespace coppice {

struct QueryingOptions {
    FleetOptions fleet;
    QueryCommand command;
    /// One after the other.
    std::uint64_t questions = 1;
};

struct QueryingReport {
    std::vector<std::string> broken;  // who was not counted, too
    std::vector<Duration> answered;  // from the command until the manager has the answer; ascending
    std::uint64_t target = 0;        // hosts that were asked, and of these
    std::uint64_t included = 0;      // those that the answers counted; of all questions together
    std::uint64_t messages = 0;      // that carried questions down and answers up
    // Of answers, all that one host sent to its parent (the root: to the manager) for a question:
    std::uint64_t link_bytes_most = 0;
    std::uint64_t up_bytes = 0;  // and of all links together
    std::uint64_t hash = 0;
    std::uint64_t events = 0;
    Duration simulated{};
    MeterReadings meter;
};

/// Deterministic. The hooks are called as by run_campaign().
[[nodiscard]] QueryingReport run_questions(const QueryingOptions& options,
                                           const FleetHooks& hooks = {});

}  // namespace coppice
