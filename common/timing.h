#pragma once
// Every duration of the protocol, derived from the heartbeat interval.

#include <algorithm>

#include "common/time.h"

namespace coppice {

/// With how much silence of a peer an observer puts up.
struct Patience {
    Duration suspect_after{};  // it is suspect, and probed
    Duration lost_after{};
    Duration probe_gap{};
};

struct Timing {
    static constexpr Duration interval_min = std::chrono::milliseconds{100};
    static constexpr Duration interval_max = std::chrono::seconds{60};

    /// One heartbeat up and one answer down per link and interval.
    Duration interval = std::chrono::seconds{1};

    /// Silence after which a peer is suspect: two beats missed and half an interval of delay.
    [[nodiscard]] Duration suspect_after() const { return interval * 5 / 2; }
    /// Silence after which a child is lost.
    [[nodiscard]] Duration lost_after() const { return interval * 4; }
    /// Silence after which a child leaves its parent: it speaks elsewhere before it is called lost
    /// here, when nothing is wrong but the path between the two.
    [[nodiscard]] Duration leave_after() const { return interval * 7 / 2; }
    [[nodiscard]] Patience with_child() const {
        return {suspect_after(), lost_after(), interval / 5};
    }
    [[nodiscard]] Patience with_parent() const {
        return {suspect_after(), leave_after(), interval / 5};
    }
    /// When most children are silent at one time, what they have in common may be their parent:
    /// they have the time to speak elsewhere before it calls them lost.
    [[nodiscard]] Patience with_child_in_doubt() const {
        return {suspect_after(), not_back_after(), interval / 5};
    }
    /// Silence after which a peer is asked for a sign of life: a beat or an answer that was lost is
    /// made up for long before anybody is suspect.
    [[nodiscard]] Duration ask_after() const { return interval * 3 / 2; }
    /// It is asked again after this.
    [[nodiscard]] Duration ask_gap() const { return interval / 4; }
    /// A gap of one's own longer than this discards every suspicion formed before it.
    [[nodiscard]] Duration own_gap_max() const { return interval; }
    /// A Join that got no welcome within this time goes to the next candidate. It doubles with each
    /// round in which nobody answers: a connection costs a handshake, and a parent that is busy
    /// with handshakes of those who gave up would never welcome anybody.
    [[nodiscard]] Duration join_timeout() const {
        return std::max(interval / 2, Duration{std::chrono::milliseconds{250}});
    }
    [[nodiscard]] Duration join_timeout_max() const { return join_timeout() * 4; }
    /// The longest pause between two rounds through the candidates: a root is missed after four.
    [[nodiscard]] Duration pause_max() const { return interval * 2; }
    /// Hints (beats ahead of time) leave at most this often on one link.
    [[nodiscard]] Duration hint_gap() const { return std::chrono::milliseconds{5}; }
    /// A parent is fresh, and admits orphans, while the root's last word is no older than this.
    [[nodiscard]] Duration fresh_within() const { return interval * 3; }
    /// How long a host may act in its role (branch, root), counted from the sending of the newest
    /// word that its parent is known to have heard. Whoever takes the role from a host that does
    /// not answer counts its silence from the hearing of that word, which is later, and needs
    /// - suspect_after, when an orphan accuses a root that its manager finds silent too;
    /// - lost_after, when its parent or its manager finds it silent;
    /// - not_back_after, when its subtree is missed: the parent had the root's word, no older than
    ///   fresh_within, when it answered. fresh_within + role_lease is less.
    /// So the role has expired before another host holds it, by half an interval at least, however
    /// long either stands still. A regular beat comes every 1.2 intervals at the latest.
    [[nodiscard]] Duration role_lease() const { return interval * 2; }
    /// A reachability probe that got no answer.
    [[nodiscard]] Duration probe_timeout() const { return interval / 2; }
    /// Back-off of registration and of asking a manager for a place.
    [[nodiscard]] Duration retry_min() const { return std::chrono::milliseconds{200}; }
    [[nodiscard]] Duration retry_max() const { return std::chrono::seconds{30}; }
    /// An understudy shows this often that its line to the manager stands; a line that drops is
    /// made again at once.
    [[nodiscard]] Duration warm_after() const {
        return std::max(interval * 10, Duration{std::chrono::minutes{4}});
    }
    /// An order or a push that was sent and not acknowledged is sent again after this, doubling.
    [[nodiscard]] Duration resend_after() const { return interval * 2; }
    /// The longest pause between two sendings of an order.
    [[nodiscard]] Duration resend_max() const { return interval * 8; }
    /// A host that is asked to stop hands its role over within this time, or goes without. It needs
    /// no beat: an order goes down, and children shake hands with other parents.
    [[nodiscard]] Duration handover_max() const { return std::chrono::seconds{2}; }
    /// Whoever is asked to stop waits so long whether those below it stop as well, before it hands
    /// over: of a fleet that stops as a whole there is nobody to hand over to.
    [[nodiscard]] Duration company() const { return std::chrono::milliseconds{100}; }
    /// Who said that it would stop has left after this, however little is heard of it.
    [[nodiscard]] Duration gone_after() const { return handover_max() * 2; }
    /// A live host that is in no subtree for this long, while its root is heard, is declared lost:
    /// one detection of its parent, one walk through its candidates, one interval to be told.
    [[nodiscard]] Duration not_back_after() const { return lost_after() + interval * 4; }
    /// The same for a leaf that registered: it may wait for a parent that is not there yet.
    [[nodiscard]] Duration not_joined_after() const { return not_back_after() * 4; }
    /// A host that was named root and was not heard as such for this long loses the role to the
    /// next that asks for a place. It takes over within milliseconds, or when its order was
    /// repeated.
    [[nodiscard]] Duration untried_root_after() const { return resend_after() * 3 / 2; }
};

}  // namespace coppice
