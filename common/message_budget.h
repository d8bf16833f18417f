#pragma once
// How much the daemons of one host may say on one link, so that their talk holds up nothing that
// the tree is for.

#include <algorithm>
#include <cstdint>

#include "common/limits.h"
#include "common/message.h"
#include "common/time.h"

namespace coppice {

/// limits::local_messages_burst_bytes at once, filled again at local_messages_bytes_per_s. What was
/// spent is one instant: when all of it is there again (the generic cell rate algorithm, ITU-T
/// I.371).
class MessageBudget {
public:
    [[nodiscard]] bool has_room_for(const LocalMessage& message, Instant now) const {
        return full_after(message, now) <= now + time_for(limits::local_messages_burst_bytes);
    }
    /// Requires that it has room for it.
    void spend(const LocalMessage& message, Instant now) { full_at_ = full_after(message, now); }

private:
    static Duration time_for(std::size_t bytes) {
        constexpr Duration second = std::chrono::seconds{1};
        return second * static_cast<std::int64_t>(bytes) /
               static_cast<std::int64_t>(limits::local_messages_bytes_per_s);
    }
    [[nodiscard]] Instant full_after(const LocalMessage& message, Instant now) const {
        const std::size_t bytes = message.channel.size() + message.body.size();
        return std::max(full_at_, now) + time_for(std::max(bytes, limits::local_message_cost_min));
    }

    Instant full_at_ = Instant::min();
};

}  // namespace coppice
