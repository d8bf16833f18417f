// Builds hosts and lets time pass.
#include "simulator/world.h"

#include <algorithm>
#include <utility>

#include "common/ensure.h"

namespace coppice {

namespace {
// It is looked whether a stretch can be passed over soon after the last one, and ever more seldom
// while none can.
constexpr Duration lull_gap_min = std::chrono::milliseconds{50};
constexpr Duration lull_gap_max = std::chrono::seconds{1};
}  // namespace

VirtualWorld::VirtualWorld(const WorldOptions& options)
    : random_{scramble(options.seed)},
      network_{schedule_, trace_, options.network, scramble(options.seed + 1),
               [this](HostIndex host, Input&& input) { hosts_[host]->handle(std::move(input)); }},
      around_{schedule_, network_, trace_, random_, options.hosts, [](HostIndex, const Reply&) {},
              {}} {}

HostIndex VirtualWorld::add_host(HostSetup setup) {
    const HostIndex index = network_.add_host(setup.key, setup.addresses, setup.place);
    COPPICE_ENSURE(by_name_.emplace(setup.name, index).second, "two hosts have one name");
    hosts_.push_back(std::make_unique<VirtualHost>(index, std::move(setup), around_));
    return index;
}

std::optional<HostIndex> VirtualWorld::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return std::nullopt;
    return found->second;
}

void VirtualWorld::run_to(Instant time) {
    while (schedule_.run_next(time)) {
        if (!on_lull_ || now() < next_lull_) continue;
        const Instant limit = std::min(time, schedule_.next_action());
        const Duration leapt_before = leapt_;
        if (limit - now() >= lull_gap_max) on_lull_(limit);
        const bool has_leapt = leapt_ > leapt_before;
        lull_gap_ = has_leapt ? lull_gap_min : std::min(lull_gap_ * 2, lull_gap_max);
        next_lull_ = now() + lull_gap_;
    }
}

void VirtualWorld::leap(Instant time) {
    for (Witness* witness : around_.witnesses) witness->on_leap(now(), time);
    leapt_ += time - now();
    schedule_.leap(time);
    for (const auto& host : hosts_) host->catch_up();
}

bool VirtualWorld::run_until(const std::function<bool()>& predicate, Duration bound) {
    const Instant end = now() + bound;
    while (!predicate())
        if (!schedule_.run_next(end)) return predicate();
    return true;
}

}  // namespace coppice
