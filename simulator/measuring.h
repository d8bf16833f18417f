#pragma once
// What measurements of a whole fleet share: it comes up, and what its life was is told.

#include <string>
#include <vector>

#include "simulator/fleet.h"
#include "simulator/meter.h"

namespace coppice {

/// After coming up, and after what is measured, so that nothing is still on its way.
inline constexpr int quiet_intervals = 3;

/// Starts them, one after the other by `spread_per_host`, so that registering is not what is
/// measured. Sentences that say what is wrong when they are not at rest within two minutes more.
[[nodiscard]] std::vector<std::string> bring_up(Fleet& fleet, const Meter& meter,
                                                Duration spread_per_host);

/// What every report has of the life that was lived: faults of the world, hash, events, time.
template <typename Report>
void add_life(Report& report, const Fleet& fleet) {
    const VirtualWorld& world = fleet.world();
    const std::vector<std::string>& faults = world.trace().faults();
    report.broken.insert(report.broken.end(), faults.begin(), faults.end());
    report.hash = world.trace().hash();
    report.events = world.schedule().events_run();
    report.simulated = world.now() - Instant{};
}

}  // namespace coppice
