#pragma once
// One thread for what may block (disks, name servers), so that the loop never does.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace coppice {

class Worker {
public:
    explicit Worker(std::size_t tasks_max);
    /// Waits for the task that runs; those that wait are discarded.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// False, and nothing happens, when `tasks_max` tasks wait already.
    [[nodiscard]] bool post(std::function<void()> task);

private:
    void run();

    const std::size_t tasks_max_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> tasks_;
    bool is_ending_ = false;
    std::thread thread_;
};

}  // namespace coppice
