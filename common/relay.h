#pragma once
// Pushes on their way down and receipts on their way up, for one subtree.
//
// One rule on every link: a child must hold each push whose target meets the members of its subtree
// that have not answered. A push that all of the subtree has answered is no longer held.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/downlink.h"
#include "common/message.h"
#include "common/set_sync.h"

namespace coppice {

/// A push that is held for hosts of this subtree.
struct HeldPush {
    std::string topic;
    std::uint64_t version = 0;
    HostSet target;
    SharedSealed content;
};

class Relay {
public:
    /// A manager keeps a push until its ledger withdraws it; a host until its subtree has answered.
    enum class Retention : std::uint8_t { until_answered, until_withdrawn };

    Relay(Timing timing, Retention retention) : timing_{timing}, retention_{retention} {}
    void set_timing(Timing timing) { timing_ = timing; }

    /// From the parent, or from a manager's ledger. An empty target withdraws the push.
    void on_push(const PushDown& push);
    /// Recomputes the folded sets that `changes` touch. `own` are this host's own sets.
    void fold_changes(const DownlinkChanges& changes, const Downlink& links, const NamedSets& own);
    /// Sends each child what it lacks and drops what the whole subtree has answered. Looks at all
    /// children when what is held has changed or a repetition is due, otherwise at `refreshed`.
    void deliver(Downlink& links, const std::vector<HostId>& refreshed, Instant now, Outputs& out);

    /// members, applied and refused of the whole subtree.
    [[nodiscard]] const NamedSets& sets() const { return sets_; }
    [[nodiscard]] const std::map<PushId, HeldPush>& held() const { return held_; }
    [[nodiscard]] std::vector<Held> held_list() const;
    [[nodiscard]] Instant next_deadline() const { return next_resend_; }

private:
    struct Sent {
        std::uint64_t target_digest = 0;
        std::size_t unheld_bytes = 0;  // zero once the child holds it
        Instant at{};
    };
    using SentPushes = std::map<PushId, Sent>;

    void deliver_to(Child& child, Downlink& links, Instant now, Outputs& out);
    /// True when the push was sent.
    bool offer(Child& child, PushId push, const HostSet& wanted, Instant now);
    void withdraw_rest(Child& child, Downlink& links, Outputs& out);
    /// True when something was dropped.
    bool drop_answered();
    void refold(const SetKey& key, const Downlink& links, const NamedSets& own);
    [[nodiscard]] SetKey folded_key(const SetKey& key) const;

    Timing timing_;
    Retention retention_;
    std::map<PushId, HeldPush> held_;
    NamedSets sets_;
    std::map<HostId, SentPushes> sent_;
    Instant next_resend_ = never;
};

}  // namespace coppice
