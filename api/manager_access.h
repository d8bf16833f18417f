#pragma once
// The way from other threads to a manager, which belongs to the thread of its loop.

#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "common/node.h"
#include "manager/manager.h"

namespace coppice {

class ManagerAccess {
public:
    struct Parts {
        const Manager& manager;
        /// Runs a task on the loop's thread, between two steps; false when it cannot.
        std::function<bool(std::function<void()>)> post;
        /// Gives an input to the manager. Called on the loop's thread.
        std::function<void(Input)> submit;
        /// Metrics of the process beside the manager's; none: there are none. On the loop's thread.
        std::function<std::vector<MetricView>()> process_metrics;
        Duration patience = std::chrono::seconds{5};
    };
    explicit ManagerAccess(Parts parts) : parts_{std::move(parts)} {}
    ManagerAccess(const ManagerAccess&) = delete;
    ManagerAccess& operator=(const ManagerAccess&) = delete;

    /// What `read` returns, from any thread but the loop's; none when the loop did not come to it
    /// within the patience. `read` may run after that, so it must own what it uses.
    template <class T>
    [[nodiscard]] std::optional<T> read(std::function<T(const Manager&)> read) {
        const auto promise = std::make_shared<std::promise<T>>();
        const Manager& manager = parts_.manager;
        const bool is_posted = parts_.post(
            [promise, &manager, read = std::move(read)] { promise->set_value(read(manager)); });
        std::future<T> result = promise->get_future();
        if (!is_posted || !wait(result, parts_.patience)) return std::nullopt;
        return result.get();
    }

    /// The manager's answer; a Problem of kind unavailable when there is none within the patience
    /// and `more`. From any thread but the loop's.
    [[nodiscard]] Answer submit(Command command, Duration more = {});

    /// Of the manager and its process, from any thread but the loop's; none as in read().
    [[nodiscard]] std::optional<std::vector<MetricView>> metrics();

    /// The manager's replies go here. On the loop's thread.
    void on_reply(Reply reply);

    /// Ends every wait, now and later. From any thread.
    void close() { is_closed_ = true; }
    [[nodiscard]] bool is_closed() const { return is_closed_; }

private:
    template <class T>
    [[nodiscard]] bool wait(const std::future<T>& future, Duration limit) const {
        constexpr std::chrono::milliseconds slice{50};
        for (Duration waited{}; !is_closed_ && waited < limit; waited += slice)
            if (future.wait_for(slice) == std::future_status::ready) return true;
        return false;
    }

    Parts parts_;
    std::atomic<bool> is_closed_ = false;
    // Of the loop's thread.
    std::map<RequestId, std::shared_ptr<std::promise<Answer>>> waiting_;
    RequestId next_request_{1};
};

}  // namespace coppice
