#pragma once
// Pushes that a parent has sent and its children do not hold yet: when to send them again, and how
// much may be on its way.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "common/ids.h"
#include "common/time.h"

namespace coppice {

/// Two bounds, in bytes of content: `limits::unheld_bytes_max` to one child, and
/// `limits::unheld_bytes_in_all_max` to all; the latter is exceeded by one content at most. A child
/// that waits because of it has its turn when others hold what they were sent, or are gone.
class InFlight {
public:
    /// A push that is to be sent, to the part of its target that is below the child.
    struct Offer {
        HostId child;
        PushId push;
        std::uint64_t target_digest = 0;
        std::size_t bytes = 0;  // of its content; zero when the child has it
    };

    /// True when it is to be sent now, and then it counts as sent. The first one to a child is not
    /// held to the bound of one child, so that content of any size gets through.
    [[nodiscard]] bool admit(const Offer& offer, Duration resend_after, Instant now);
    /// The child holds the push, or does not need it.
    void settle(HostId child, PushId push);
    /// No child needs the push.
    void drop(PushId push);
    void forget(HostId child);

    /// The children to whom something is to be sent again: offer it to each, after this call.
    [[nodiscard]] std::vector<HostId> take_due(Instant now);
    /// The next child that waits, once there is room: make it all offers anew.
    [[nodiscard]] std::optional<HostId> take_waiting();
    [[nodiscard]] Instant next_deadline() const { return next_resend_; }

private:
    struct Sent {
        std::uint64_t target_digest = 0;
        std::size_t bytes = 0;
        Instant due{};  // to be sent again
    };

    using SentPushes = std::map<PushId, Sent>;

    [[nodiscard]] bool has_room() const;
    void wait(HostId child);
    void erase(SentPushes& pushes, SentPushes::iterator sent);

    std::map<HostId, SentPushes> sent_;
    std::size_t bytes_ = 0;       // of all that is sent
    std::deque<HostId> waiting_;  // each once
    Instant next_resend_ = never;
};

}  // namespace coppice
