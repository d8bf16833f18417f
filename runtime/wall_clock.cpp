#include "runtime/wall_clock.h"

#include <sys/timerfd.h>

#include <cerrno>
#include <cstdint>
#include <ctime>

#include "common/ensure.h"

namespace coppice {

WallClock::WallClock() : fd_{::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)} {
    COPPICE_ENSURE(fd_.is_open(), "the process may open files; raise its limit (ulimit -n)");
    arm();
}

bool WallClock::take() {
    std::uint64_t count = 0;
    const bool is_due = ::read(fd_.get(), &count, sizeof count) > 0 || errno == ECANCELED;
    if (is_due) arm();
    return is_due;
}

void WallClock::arm() {
    constexpr time_t gap_s = 60;
    itimerspec when{};
    when.it_value.tv_sec = ::time(nullptr) + gap_s;
    ::timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, nullptr);
}

}  // namespace coppice
