#include "branch/branch.h"

namespace coppice {
namespace {
constexpr int drain_intervals = 10;
}

Standing Branch::standing(const Uplink& uplink, const Order& order, const Timing& timing,
                          Instant now) const {
    Standing standing{.path = uplink.path(),
                      .root_age = uplink.root_age(now),
                      .is_draining = is_draining(),
                      .children_max = order.fanout + order.slack,
                      .cell = uplink.cell(),
                      .term_instance = order.term_instance};
    standing.path.push_back(order.host);
    // An orphan admits nobody: two orphans could otherwise become each other's parent.
    standing.is_fresh = uplink.is_attached() && standing.root_age < timing.fresh_within();
    return standing;
}

void Branch::drain(const Timing& timing, Instant now) {
    if (!is_draining()) drained_by_ = now + timing.interval * drain_intervals;
}

}  // namespace coppice
