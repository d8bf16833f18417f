#pragma once
// The parent half of links: admit children, hear them, notice silence, keep what they report.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/fact_log.h"
#include "common/impostor_notices.h"
#include "common/message_budget.h"
#include "common/node.h"
#include "common/rest.h"
#include "common/set_sync.h"
#include "common/silence.h"
#include "common/timing.h"

namespace coppice {

/// Who speaks: what goes into the header of every frame.
struct Identity {
    std::string fleet;
    HostId self;
    CellId cell;
    Incarnation incarnation;
};

/// What a parent says of itself to its children, computed when it is needed.
struct Standing {
    Path path;              // from the root to this host; empty for a manager
    Duration root_age{};    // since the root's last word
    bool is_fresh = false;  // attached, and the root was heard lately: may admit orphans
    bool is_draining = false;
    std::uint32_t children_max = 0;
    Stamp cell;
    std::uint64_t term_instance = 0;
    WindowId first_window;
};

struct Child {
    HostId host;
    PublicKey key{};
    Route route;
    LinkId link;
    Incarnation incarnation;
    Attachment attachment;
    Stamp stamp;  // of the order that the child obeys
    std::vector<std::string> addresses;
    bool is_guest = false;  // admitted as an orphan: another host was its assigned parent

    Silence silence{Instant{}};
    HostState state = HostState::live;
    std::uint64_t fact_revision = 0;
    std::uint64_t sequence_in = 0;
    std::uint64_t sequence_out = 0;
    Instant asked{};               // for a sign of life
    MessageBudget message_budget;  // of this host's daemons

    SetReceiver sets;
    std::set<SetKey> acks_owed;            // reported by hints that were not answered
    std::map<PushId, std::uint64_t> held;  // target digest by push
    std::uint64_t held_digest = 0;
    std::uint64_t facts_seen = 0;
    std::uint64_t facts_acked = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> facts_under_way;  // its revision, ours

    /// The hosts of its subtree, itself included.
    [[nodiscard]] HostSet members() const;
    [[nodiscard]] bool leads_to(HostId descendant) const;
    /// Nobody is below it.
    [[nodiscard]] bool is_alone() const { return sets.set(members_key).size() <= 1; }
};

/// A set of one child, or of this host, that differs from what it was.
struct SetChange {
    SetKey key;
    HostSet added;  // all that it gained, when it has only grown
    bool has_grown_only = false;
};

/// What a step changed, for the owner to act upon.
struct DownlinkChanges {
    std::vector<SetChange> sets;
    std::vector<HostId> gone;       // children that are no longer
    std::vector<HostId> refreshed;  // children that joined or reported
};

/// Frames that were not taken, since the start.
struct DroppedFrames {
    std::uint64_t stale_link = 0;     // of a link that is not joined, or no longer
    std::uint64_t wrong_sender = 0;   // in the name of a child whose key is another one
    std::uint64_t repeated = 0;       // with a sequence that does not grow
    std::uint64_t bad_signature = 0;  // tickets whose signature, key, fleet or parent does not fit
    std::uint64_t stale_term = 0;     // tickets of older orders, or of an older run of the host
    friend bool operator==(const DroppedFrames&, const DroppedFrames&) = default;
};

class Downlink {
public:
    /// Children that are silent at one time may well be so by chance when they are fewer.
    static constexpr std::size_t doubt_min = 4;

    explicit Downlink(Timing timing) : timing_{timing} {}

    void set_identity(Identity identity) { identity_ = std::move(identity); }
    void set_timing(Timing timing) { timing_ = timing; }

    /// Admits or refuses; `order` is the opened ticket of `join`. A new fact goes into `facts`.
    void on_join(const Received& received, const Order& order, const Standing& standing,
                 Instant now, Outputs& out);
    /// Refuses without looking further.
    void refuse(const Received& received, Refusal reason, Outputs& out);

    /// The child that sent this frame, when link, key and sequence are right; otherwise null, and
    /// a frame of an unknown link is answered so that its sender joins again.
    [[nodiscard]] Child* accept(const Received& received, Instant now, Outputs& out);

    /// Answers it, but for a hint of a child that is alone: its sets do not grow further, so the
    /// acknowledgement has time until its next regular beat, and a receipt costs one message less.
    void on_heartbeat(Child& child, const Heartbeat& heartbeat, const Standing& standing,
                      Outputs& out);
    void on_leave(Child& child, const Leave& leave);
    void on_link_dropped(Route route, Instant now);
    void on_probe_finished(ProbeId probe, ProbeResult result, Instant now);
    /// Asks children that are late, rules on silent ones. When more than half of the children, and
    /// doubt_min at least, are silent, this host doubts itself: it calls none of them lost before
    /// Timing::not_back_after, by when whoever lives has spoken elsewhere. While it
    /// is not fresh it then only forgets them. Doubt ends when nobody is silent.
    void on_deadline(const Standing& standing, Instant now, Outputs& out);
    /// This process was away: nobody is suspect because of it.
    void forgive(Instant now);

    void send(Child& child, Message body, Outputs& out);
    /// Tells every child to look for another parent and forgets them.
    void say_goodbye(Outputs& out);

    [[nodiscard]] FactLog& facts() { return facts_; }
    [[nodiscard]] const FactLog& facts() const { return facts_; }
    [[nodiscard]] std::map<HostId, Child>& children() { return children_; }
    [[nodiscard]] const std::map<HostId, Child>& children() const { return children_; }
    [[nodiscard]] Child* find(HostId host);
    /// Moves out what changed since the last call.
    [[nodiscard]] DownlinkChanges take_changes() { return std::exchange(changes_, {}); }
    [[nodiscard]] Instant next_deadline() const { return children_.empty() ? never : next_check_; }
    [[nodiscard]] const DroppedFrames& dropped() const { return dropped_; }

    // Passing over quiet stretches; see rest.h.
    /// No child is suspected, no fact is on its way.
    [[nodiscard]] bool is_at_rest() const;
    /// Nothing when there is no such child.
    [[nodiscard]] std::optional<ChildRest> rest(HostId child) const;
    void pass(HostId child, const ChildPassed& passed);
    /// When every child has passed.
    void resume();
    /// The answer to a heartbeat without news, of the sequence number that was sent last.
    [[nodiscard]] Frame quiet_answer(HostId child, const Standing& standing) const;

private:
    [[nodiscard]] Instant due(const Child& child, const Patience& patience) const;
    /// As doubt has it. Begins and ends doubt.
    [[nodiscard]] Patience patience(Instant now, Outputs& out);
    [[nodiscard]] HeartbeatAnswer answer_to(const Child& child, const Standing& standing) const;
    [[nodiscard]] std::optional<Refusal> objection(const Received& received, const Order& order,
                                                   const Standing& standing) const;
    [[nodiscard]] bool has_room_for(const Order& order, std::uint32_t children_max) const;
    void admit(const Received& received, const Order& order, Instant now, Outputs& out);
    void welcome(Child& child, const Standing& standing, Outputs& out);
    void tell(Child& child, HostState state, Cause cause);
    void merge_facts(Child& child, const Heartbeat& heartbeat);
    void answer(Child& child, const Standing& standing, bool wants_beat, Outputs& out);
    void remove(HostId host);
    void probe(Child& child, Outputs& out);
    [[nodiscard]] Frame frame_to(Child& child, Message body) const;

    Timing timing_;
    Identity identity_;
    std::map<HostId, Child> children_;  // ordered, so that every run visits them alike
    std::map<Route, HostId> by_route_;
    std::map<ProbeId, HostId> probes_;
    FactLog facts_;
    DownlinkChanges changes_;
    ProbeId next_probe_{2};       // even; the uplink's are odd
    Instant next_check_ = never;  // no child is due before this
    bool is_in_doubt_ = false;
    DroppedFrames dropped_;
    ImpostorNotices impostors_;
};

/// Digest of a list of held pushes; zero when it is empty.
[[nodiscard]] std::uint64_t digest_of(const std::vector<Held>& held);

}  // namespace coppice
