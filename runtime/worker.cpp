#include "runtime/worker.h"

#include <utility>

namespace coppice {

Worker::Worker(std::size_t tasks_max) : tasks_max_{tasks_max}, thread_{[this] { run(); }} {}

Worker::~Worker() {
    {
        const std::lock_guard lock{mutex_};
        is_ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

bool Worker::post(std::function<void()> task) {
    {
        const std::lock_guard lock{mutex_};
        if (tasks_.size() >= tasks_max_) return false;
        tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
    return true;
}

void Worker::run() {
    std::unique_lock lock{mutex_};
    for (;;) {
        changed_.wait(lock, [this] { return is_ending_ || !tasks_.empty(); });
        if (is_ending_) return;
        const std::function<void()> task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
        lock.lock();
    }
}

}  // namespace coppice
