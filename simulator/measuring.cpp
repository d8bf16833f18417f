#include "simulator/measuring.h"

#include "simulator/number_text.h"

namespace coppice {

namespace {

constexpr Duration start_bound = std::chrono::minutes{2};

}  // namespace

std::vector<std::string> bring_up(Fleet& fleet, const Meter& meter, Duration spread_per_host) {
    const FleetOptions& options = fleet.options();
    VirtualWorld& world = fleet.world();
    const auto is_up = [&meter, &options] {
        return meter.attached() == options.hosts && meter.live() == options.hosts;
    };
    const Duration spread = spread_per_host * options.hosts;
    fleet.start(spread);
    const Instant end = world.now() + spread + start_bound;
    while (world.now() < end) {
        if (!world.run_until(is_up, end - world.now())) break;
        world.run_for(options.interval * quiet_intervals);
        if (is_up() && fleet.is_settled()) return {};
    }
    std::vector<std::string> broken = check_settled(fleet.snapshot());
    broken.insert(broken.begin(), "The fleet did not come up within " +
                                      time_text(spread + start_bound) + ": " +
                                      grouped(meter.live()) + " hosts are live.");
    return broken;
}

}  // namespace coppice
