#pragma once
// The two clocks of the real world. Only the runtime reads them.

#include <chrono>

#include "common/time.h"

namespace coppice {

/// CLOCK_MONOTONIC: never steps, stands still while the machine is suspended.
[[nodiscard]] inline Instant steady_now() {
    return Instant{std::chrono::steady_clock::now().time_since_epoch()};
}

[[nodiscard]] inline UnixMillis unix_now() {
    return std::chrono::duration_cast<UnixMillis>(
        std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace coppice
