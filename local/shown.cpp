#include "local/shown.h"

#include <time.h>

namespace coppice {

BootTime boot_now() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

BootTime ExpiryClock::expiry(Instant expires_at, Duration lease, Instant now, BootTime boot) {
    // The clocks are read one after the other, so they may seem to have moved a little.
    constexpr Duration reading_max = std::chrono::milliseconds{40};
    const Duration suspended = boot - now.time_since_epoch();
    if (!is_first_ && suspended - suspended_ > reading_max) counts_from_ = now;
    is_first_ = false;
    suspended_ = suspended;
    const bool counts = expires_at != Instant::min() && expires_at - lease >= counts_from_;
    return counts ? expires_at.time_since_epoch() + suspended : BootTime::zero();
}

}  // namespace coppice
