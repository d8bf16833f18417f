#pragma once
// Threads of the HTTP server with a bounded queue. Seen by http_server.cpp alone.

#include <httplib.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace coppice {

/// When `waiting_max` connections wait, the one that accepts waits too.
class HttpPool final : public httplib::TaskQueue {
public:
    HttpPool(std::size_t threads, std::size_t waiting_max) : waiting_max_{waiting_max} {
        for (std::size_t at = 0; at < threads; ++at) threads_.emplace_back([this] { work(); });
    }

    void enqueue(std::function<void()> task) override {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return tasks_.size() < waiting_max_; });
        tasks_.push_back(std::move(task));
        changed_.notify_all();
    }

    void shutdown() override {
        {
            const std::lock_guard lock{mutex_};
            is_ending_ = true;
        }
        changed_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

private:
    void work() {
        while (true) {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, [this] { return !tasks_.empty() || is_ending_; });
            if (tasks_.empty()) return;
            const std::function<void()> task = std::move(tasks_.front());
            tasks_.pop_front();
            changed_.notify_all();
            lock.unlock();
            task();
        }
    }

    const std::size_t waiting_max_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> tasks_;
    bool is_ending_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace coppice
