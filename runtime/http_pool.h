#pragma once
// Threads of the HTTP server with a bounded queue. Seen by http_server.cpp alone.

#include <httplib.h>
#include <pthread.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "common/ensure.h"

namespace coppice {

/// When `waiting_max` connections wait, the one that accepts waits too.
class HttpPool final : public httplib::TaskQueue {
public:
    HttpPool(std::size_t threads, std::size_t waiting_max) : waiting_max_{waiting_max} {
        pthread_attr_t attributes;
        ::pthread_attr_init(&attributes);
        ::pthread_attr_setstacksize(&attributes, stack_bytes);
        for (pthread_t& thread : threads_ = std::vector<pthread_t>(threads)) {
            const int failure = ::pthread_create(&thread, &attributes, run, this);
            COPPICE_ENSURE(failure == 0, "the system has no thread for the HTTP server");
        }
        ::pthread_attr_destroy(&attributes);
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
        for (const pthread_t thread : threads_) ::pthread_join(thread, nullptr);
    }

private:
    static void* run(void* pool) {
        static_cast<HttpPool*>(pool)->work();
        return nullptr;
    }

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

    /// cpp-httplib matches headers of up to 8 KiB by std::regex, which recurses per character: 8
    /// MiB were enough for the worst. Only what is used becomes memory.
    static constexpr std::size_t stack_bytes = 16UL * 1024 * 1024;

    const std::size_t waiting_max_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> tasks_;
    bool is_ending_ = false;
    std::vector<pthread_t> threads_;
};

}  // namespace coppice
