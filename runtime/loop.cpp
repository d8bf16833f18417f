#include "runtime/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <array>
#include <utility>

#include "common/ensure.h"
#include "runtime/clock.h"

namespace coppice {

Loop::Loop()
    : epoll_{::epoll_create1(EPOLL_CLOEXEC)},
      timer_{::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)},
      tasks_ready_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
    COPPICE_ENSURE(epoll_.is_open() && timer_.is_open() && tasks_ready_.is_open(),
                   "the process may open files; raise its limit (ulimit -n)");
    const bool is_watching =
        watch(timer_.get(), EPOLLIN, [] {}) &&  // armed anew before the next wait
        watch(tasks_ready_.get(), EPOLLIN, [this] { run_tasks(); });
    COPPICE_ENSURE(is_watching, "epoll takes timers and events");
}

bool Loop::watch(int fd, std::uint32_t events, Task handler) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return false;
    handlers_.insert_or_assign(fd, std::move(handler));
    return true;
}

void Loop::unwatch(int fd) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    handlers_.erase(fd);
}

bool Loop::post(Task task) {
    bool was_empty = false;
    {
        const std::lock_guard lock{mutex_};
        if (tasks_.size() >= tasks_max) return false;
        was_empty = tasks_.empty();
        tasks_.push_back(std::move(task));
    }
    if (was_empty) ::eventfd_write(tasks_ready_.get(), 1);
    return true;
}

void Loop::turn(Instant until) {
    constexpr int at_once = 0;
    constexpr int until_timer = -1;
    const bool is_due = until <= steady_now();
    if (!is_due) arm_timer(until);
    std::array<epoll_event, 64> events{};
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                   is_due ? at_once : until_timer);
    for (int index = 0; index < count; ++index) {
        const auto found = handlers_.find(events[static_cast<std::size_t>(index)].data.fd);
        if (found == handlers_.end()) continue;  // unwatched by an earlier handler of this turn
        const Task handler = found->second;      // it may unwatch itself
        handler();
    }
}

void Loop::arm_timer(Instant until) {
    if (until == armed_) return;
    itimerspec when{};  // zero disarms
    if (until != never) {
        const auto since_boot = until.time_since_epoch();
        const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
        when.it_value.tv_sec = seconds.count();
        when.it_value.tv_nsec = (since_boot - seconds).count();
    }
    ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
    armed_ = until;
}

void Loop::run_tasks() {
    eventfd_t count = 0;
    ::eventfd_read(tasks_ready_.get(), &count);
    std::vector<Task> tasks;
    {
        const std::lock_guard lock{mutex_};
        tasks.swap(tasks_);
    }
    for (const Task& task : tasks) task();
}

}  // namespace coppice
