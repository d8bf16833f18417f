#pragma once
// Links at rest: how a simulation passes over stretches in which only heartbeats would pass.
//
// A link is at rest when neither half has anything to tell: then all that passes is one heartbeat
// an interval, on the cadence, and its answer. What that leaves behind in the two halves is known
// without sending any of it. Real time never skips anything; nothing here is used outside of
// simulations.

#include <cstdint>

#include "common/cadence.h"
#include "common/ids.h"

namespace coppice {

/// The child's half of a link at rest.
struct UplinkRest {
    Route route;
    LinkId link;
    Cadence cadence;
    Instant next_beat{};
    std::uint64_t sequence_out = 0;
    std::uint64_t sequence_in = 0;
    Instant root_heard{};
};

/// The parent's half.
struct ChildRest {
    Route route;
    LinkId link;
    std::uint64_t sequence_out = 0;
    std::uint64_t sequence_in = 0;
};

/// What a stretch of beats leaves behind in the child's half,
struct UplinkPassed {
    std::uint64_t sequence_out = 0;
    std::uint64_t sequence_in = 0;
    Instant last_beat{};
    Instant next_beat{};
    Instant last_answer{};  // arrived then
    Instant root_heard{};
};

/// and in the parent's.
struct ChildPassed {
    std::uint64_t sequence_out = 0;
    std::uint64_t sequence_in = 0;
    Instant last_beat{};  // arrived, and was answered, then
};

}  // namespace coppice
