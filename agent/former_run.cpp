// How the run before this one ended, and what follows from it.
#include <algorithm>

#include "agent/state.h"

namespace coppice {
namespace {

/// Below this part of its memory a host that was killed for want of it takes no role.
constexpr double memory_free_min = 0.1;

}  // namespace

/// A run that was stopped has marked its end.
Cause Agent::State::end_of(const IdentityRecord& former) const {
    if (former.run == RunMark::unknown) return Cause::none;
    if (former.run == RunMark::ended) return Cause::restart;
    return config.oom_kills > former.oom_kills ? Cause::out_of_memory : Cause::crashed;
}

/// It says so once it has enough; where it cannot be measured, nothing speaks against it.
void Agent::State::weigh_memory(const std::vector<Measurement>& measured, Instant now) {
    if (!is_short_of_memory) return;
    const auto free = std::find_if(measured.begin(), measured.end(), [](const Measurement& one) {
        return one.name == "mem_free_part";
    });
    if (free != measured.end() && free->value < memory_free_min) return;
    is_short_of_memory = false;
    register_host(now);
}

void Agent::State::register_host(Instant now) {
    contact.register_host({.former_end = former_end, .is_short_of_memory = is_short_of_memory},
                          now);
}

}  // namespace coppice
