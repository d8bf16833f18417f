#pragma once
// What parents said of hosts and the manager has now: told downward at once, not a beat later.

#include "common/downlink.h"

namespace coppice {

/// Call when facts of `links` have been acknowledged: a child that stops waits for it.
void confirm_facts(Downlink& links, const Standing& standing, Outputs& out);

}  // namespace coppice
