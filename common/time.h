#pragma once
// Time as pure code sees it: instants are handed in, never read.

#include <chrono>

namespace coppice {

/// A clock without now(): code that only sees this type cannot read the time.
struct NodeClock {
    // NOLINTBEGIN(readability-identifier-naming): the names that std::chrono asks for
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<NodeClock>;
    static constexpr bool is_steady = true;
    // NOLINTEND(readability-identifier-naming)
};

using Duration = NodeClock::duration;
/// Monotonic, measured from an arbitrary start; comparable only within one process.
using Instant = NodeClock::time_point;
inline constexpr Instant never = Instant::max();

/// Milliseconds since 1970-01-01 UTC, stamped by a manager; only for people and for expiry of
/// tokens.
using UnixMillis = std::chrono::milliseconds;

}  // namespace coppice
