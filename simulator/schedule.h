#pragma once
// Virtual time: actions in order of (time, sequence), run as fast as they can be computed.

#include <cstdint>
#include <functional>
#include <vector>

#include "common/time.h"

namespace coppice {

class Schedule {
public:
    using Action = std::function<void()>;

    [[nodiscard]] Instant now() const { return now_; }
    /// Actions run until now.
    [[nodiscard]] std::uint64_t actions_run() const { return actions_run_; }

    /// An instant that has passed means now. Actions of one instant run in the order of these
    /// calls.
    void at(Instant time, Action action);
    void after(Duration delay, Action action) { at(now_ + delay, std::move(action)); }

    /// Runs the earliest action that is due by `limit`. False when there is none: time is `limit`
    /// then.
    bool run_next(Instant limit);

private:
    struct Entry {
        Instant time;
        std::uint64_t sequence = 0;
        Action action;
    };
    [[nodiscard]] static bool is_later(const Entry& left, const Entry& right);

    Instant now_{};
    std::uint64_t next_sequence_ = 0;
    std::uint64_t actions_run_ = 0;
    std::vector<Entry> heap_;
};

}  // namespace coppice
