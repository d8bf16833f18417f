#pragma once
// Pushes on their way down and receipts on their way up, for one subtree.
//
// One rule on every link: a child must hold each push whose target meets the members of its subtree
// that have not answered. A push that all of the subtree has answered is no longer held.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/downlink.h"
#include "common/in_flight.h"
#include "common/message.h"
#include "common/set_sync.h"

namespace coppice {

/// A push that is held for hosts of this subtree.
struct HeldPush {
    std::string topic;
    std::uint64_t version = 0;
    HostSet target;
    SharedSealed content;
    Instant received{};
    std::map<HostId, Instant> sent;  // to children that have not answered, the first time
};

class Relay {
public:
    /// A manager keeps a push until its ledger withdraws it; a host until its subtree has answered.
    enum class Retention : std::uint8_t { until_answered, until_withdrawn };

    Relay(Timing timing, Retention retention) : timing_{timing}, retention_{retention} {}
    void set_timing(Timing timing) { timing_ = timing; }

    /// From the parent, or from a manager's ledger. An empty target withdraws the push.
    void on_push(const PushDown& push, Instant now);
    /// Brings the folded sets that `changes` touch up to date. `own` are this host's own sets.
    void fold_changes(const DownlinkChanges& changes, const Downlink& links, const NamedSets& own);
    /// Sends each child what it lacks and drops what the whole subtree has answered. `refreshed`
    /// have joined or reported since.
    void deliver(Downlink& links, const std::vector<HostId>& refreshed, Instant now, Outputs& out);

    /// members, applied and refused of the whole subtree.
    [[nodiscard]] const NamedSets& sets() const { return sets_; }
    [[nodiscard]] const std::map<PushId, HeldPush>& held() const { return held_; }
    [[nodiscard]] std::vector<Held> held_list() const;
    /// Of pushes that the whole subtree has answered.
    [[nodiscard]] const RecentTimes& times() const { return times_; }
    [[nodiscard]] Instant next_deadline() const {
        return new_.empty() && !has_dropped_ ? in_flight_.next_deadline() : Instant::min();
    }

private:
    /// Where a delivery goes.
    struct Delivery {
        Downlink& links;
        Instant now;
        Outputs& out;
    };
    /// What has made an answer complete.
    struct Answering {
        Downlink& links;
        const std::vector<HostId>& children;  // that reported in this step
        Instant now;
    };

    void deliver_new(const Delivery& to);
    void deliver_all(HostId host, const Delivery& to);
    void offer(Child& child, PushId push, const HostSet& wanted, const Delivery& to);
    void withdraw_rest(Child& child, Downlink& links, Outputs& out);
    void finish_answered(const Answering& by);
    [[nodiscard]] StageTimes times_of(PushId push, const HeldPush& held, const Answering& by) const;
    void drop(PushId push);
    void refold(const SetKey& key, const Downlink& links, const NamedSets& own);
    void note_fold(const SetKey& key, bool has_grown_only);
    [[nodiscard]] SetKey folded_key(const SetKey& key) const;

    Timing timing_;
    Retention retention_;
    std::map<PushId, HeldPush> held_;
    NamedSets sets_;
    RecentTimes times_;
    InFlight in_flight_;
    std::set<PushId> new_;  // no child was offered these yet
    bool has_dropped_ = false;
    // What may have been answered since drop_answered() has looked.
    std::set<PushId> maybe_answered_;
    bool may_all_be_answered_ = false;
};

}  // namespace coppice
