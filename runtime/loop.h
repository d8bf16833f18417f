#pragma once
// Waits for descriptors, for an instant and for tasks from other threads; runs their handlers.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "common/time.h"
#include "runtime/file_descriptor.h"

namespace coppice {

/// All functions but post() belong to the thread that calls turn().
class Loop {
public:
    using Task = std::function<void()>;

    Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// Calls `handler` in each turn in which `fd` has one of the epoll `events` (level-triggered).
    /// False when the system refuses. A handler may be called once too often: it must not block.
    bool watch(int fd, std::uint32_t events, Task handler);
    /// Must be called before the descriptor is closed.
    void unwatch(int fd);

    /// Runs `task` at the end of the next turn. From any thread. False, and nothing happens, when
    /// `tasks_max` tasks wait already.
    [[nodiscard]] bool post(Task task);

    /// Waits until something happens or `until` has come, then runs the handlers and the tasks.
    void turn(Instant until);

    static constexpr std::size_t tasks_max = 4096;

private:
    void arm_timer(Instant until);
    void run_tasks();

    FileDescriptor epoll_;
    FileDescriptor timer_;
    FileDescriptor tasks_ready_;
    Instant armed_ = never;
    std::unordered_map<int, Task> handlers_;

    std::mutex mutex_;
    std::vector<Task> tasks_;
};

}  // namespace coppice
