#pragma once
// Threads that serve HTTP requests, with a bounded queue. Seen by http_server.cpp alone.

#include <pthread.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "common/ensure.h"
#include "runtime/http_reception.h"

namespace coppice {

class HttpPool {
public:
    using Serve = std::function<void(HttpArrival)>;

    HttpPool(std::size_t threads, std::size_t waiting_max, Serve serve)
        : waiting_max_{waiting_max}, serve_{std::move(serve)} {
        pthread_attr_t attributes;
        ::pthread_attr_init(&attributes);
        ::pthread_attr_setstacksize(&attributes, stack_bytes);
        for (pthread_t& thread : threads_ = std::vector<pthread_t>(threads)) {
            const int failure = ::pthread_create(&thread, &attributes, run, this);
            COPPICE_ENSURE(failure == 0, "the system has no thread for the HTTP server");
        }
        ::pthread_attr_destroy(&attributes);
    }
    /// Waits for the requests that are being served; those that wait are discarded.
    ~HttpPool() {
        {
            const std::lock_guard lock{mutex_};
            is_ending_ = true;
        }
        changed_.notify_all();
        for (const pthread_t thread : threads_) ::pthread_join(thread, nullptr);
    }
    HttpPool(const HttpPool&) = delete;
    HttpPool& operator=(const HttpPool&) = delete;

    /// False, and nothing is taken, when `waiting_max` arrivals wait already.
    [[nodiscard]] bool offer(HttpArrival& arrival) {
        {
            const std::lock_guard lock{mutex_};
            if (arrivals_.size() >= waiting_max_) return false;
            arrivals_.push_back(std::move(arrival));
        }
        changed_.notify_one();
        return true;
    }

private:
    static void* run(void* pool) {
        static_cast<HttpPool*>(pool)->work();
        return nullptr;
    }

    void work() {
        while (true) {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, [this] { return !arrivals_.empty() || is_ending_; });
            if (is_ending_) return;
            HttpArrival arrival = std::move(arrivals_.front());
            arrivals_.pop_front();
            lock.unlock();
            serve_(std::move(arrival));
        }
    }

    /// cpp-httplib matches headers of up to 8 KiB by std::regex, which recurses per character: 8
    /// MiB were enough for the worst. Only what is used becomes memory.
    static constexpr std::size_t stack_bytes = 16UL * 1024 * 1024;

    const std::size_t waiting_max_;
    const Serve serve_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<HttpArrival> arrivals_;
    bool is_ending_ = false;
    std::vector<pthread_t> threads_;
};

}  // namespace coppice
