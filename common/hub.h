#pragma once
// Everything that a host with children does for them, and a manager for its root: one object per
// subtree, from links over receipts to questions.

#include <algorithm>
#include <vector>

#include "common/downlink.h"
#include "common/gather.h"
#include "common/ports.h"
#include "common/relay.h"

namespace coppice {

class Hub {
public:
    /// `notary` outlives the hub; it opens the tickets that children show.
    Hub(const Notary& notary, Timing timing, Relay::Retention retention);

    void set_identity(Identity identity) { links_.set_identity(std::move(identity)); }
    void set_timing(Timing timing);

    /// A frame from below: Join, Heartbeat, Leave, WindowClosed or LocalMessage. Others are
    /// answered NotUnderstood.
    void on_frame(const Received& received, const Standing& standing, Instant now, Outputs& out);
    void on_link_dropped(Route route, Instant now) { links_.on_link_dropped(route, now); }
    void on_probe_finished(const ProbeFinished& finished, Instant now);
    void on_deadline(const Standing& standing, Instant now, Outputs& out);
    void forgive(Instant now) { links_.forgive(now); }

    /// Call at the end of each step that may have changed anything: folds what changed, sends
    /// children what they lack. `own` are this host's own sets, `own_changed` the keys that differ.
    /// The changes are returned for owners that act on them.
    DownlinkChanges settle(const NamedSets& own, const std::vector<SetKey>& own_changed,
                           Instant now, Outputs& out);

    /// Passes an order on towards its destination, through every child that leads there: one that
    /// slept may still count a host that has left it. False when there is none.
    bool pass_on(const Ordered& order, Outputs& out);

    [[nodiscard]] Downlink& links() { return links_; }
    [[nodiscard]] const Downlink& links() const { return links_; }
    [[nodiscard]] Relay& relay() { return relay_; }
    [[nodiscard]] const Relay& relay() const { return relay_; }
    [[nodiscard]] Gather& gather() { return gather_; }
    [[nodiscard]] const Gather& gather() const { return gather_; }
    [[nodiscard]] Instant next_deadline() const;

private:
    void on_join(const Received& received, const Standing& standing, Instant now, Outputs& out);

    const Notary& notary_;
    Downlink links_;
    Relay relay_;
    Gather gather_;
};

}  // namespace coppice
