#pragma once
// A fleet lives through the outages of a trace, and what the manager says of it is compared with
// the truth.

#include <functional>

#include "simulator/burst_watch.h"
#include "simulator/meter.h"
#include "simulator/outage_watch.h"
#include "simulator/outages.h"
#include "simulator/timeline_watch.h"

namespace coppice {

struct ReplayOptions {
    /// Its roster is replaced by the hosts of the trace.
    FleetOptions fleet;
    /// After an outage begins the manager is asked for the number of hosts: the answer must count
    /// each of the hosts that it includes once. Not oftener than this; zero: no questions.
    Duration question_gap = std::chrono::seconds{60};
    /// Called when the fleet is made, and when it has come up.
    std::function<void(Fleet&)> on_made;
    std::function<void(Fleet&)> on_started;
};

struct ReplayReport {
    std::uint64_t hosts = 0;
    std::uint64_t late_starts = 0;  // hosts that were not there at the beginning
    Duration simulated{};  // from the start of the fleet to the end of the trace and a bound more
    std::uint64_t events = 0;
    std::uint64_t hash = 0;
    Instant trace_start{};  // in virtual time: when the fleet had come up
    OutageBound bound;
    OutageFindings findings;
    BurstFindings bursts;
    AvailabilityErrors availability;
    MeterReadings meter;
    std::uint64_t answers = 0;
    std::uint64_t double_counted = 0;  // answers that were not the count of their hosts
    Sentences broken;  // the fleet did not come up, or a contract of the world was broken
};

/// The machine of a host loses its power when an
/// outage begins, and gets it back when it ends; the manager's machine is no part of the trace and
/// stays up. Deterministic: equal outages and options give equal reports.
[[nodiscard]] ReplayReport run_replay(const Outages& outages, const ReplayOptions& options);

}  // namespace coppice
