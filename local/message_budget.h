#pragma once
// How much the daemons of one host may send to its neighbours, so that their talk never holds up
// what the tree is for.

#include <algorithm>
#include <cstddef>

#include "common/limits.h"
#include "common/time.h"

namespace coppice::local {

/// limits::local_messages_burst_bytes at once, filled again at local_messages_bytes_per_s.
class MessageBudget {
public:
    /// False, and nothing is spent, when there is less.
    [[nodiscard]] bool spend(std::size_t bytes, Instant now) {
        const std::chrono::duration<double> passed = now - filled_at_;
        filled_at_ = now;
        left_ = std::min(most, left_ + passed.count() * rate);
        const auto wanted = static_cast<double>(bytes);
        if (wanted > left_) return false;
        left_ -= wanted;
        return true;
    }

private:
    static constexpr auto most = static_cast<double>(limits::local_messages_burst_bytes);
    static constexpr auto rate = static_cast<double>(limits::local_messages_bytes_per_s);

    double left_ = most;
    Instant filled_at_{};
};

}  // namespace coppice::local
