#pragma once
// The child half of a link: find a parent among the candidates of the order, stay attached, report.

#include <optional>
#include <string>
#include <vector>

#include "common/cadence.h"
#include "common/downlink.h"
#include "common/fact_log.h"
#include "common/message_budget.h"
#include "common/node.h"
#include "common/random.h"
#include "common/rest.h"
#include "common/set_sync.h"
#include "common/silence.h"
#include "common/timing.h"

namespace coppice {

/// Draws what must be unique within one run of a node.
class Drawer {
public:
    explicit Drawer(std::uint64_t seed) : random_{seed} {}
    [[nodiscard]] Route route() {
        const Route drawn = next_route_;
        next_route_.value += 2;
        return drawn;
    }
    [[nodiscard]] LinkId link() { return LinkId{random_.next() | 1U}; }
    /// `pause`, lengthened by up to a half.
    [[nodiscard]] Duration jittered(Duration pause) {
        return random_.between(pause, pause * 3 / 2);
    }

private:
    Random random_;
    Route next_route_{1};  // odd
};

/// What a heartbeat reports.
struct Report {
    Stamp stamp;
    const NamedSets& sets;
    const FactLog& facts;
    std::vector<Held> held;
    const Sealed& ticket;  // the order that is obeyed, as its manager signed it
};

class Uplink {
public:
    Uplink(Timing timing, std::vector<std::string> advertised);

    void set_identity(Identity identity) { identity_ = std::move(identity); }
    void set_timing(Timing timing) { timing_ = timing; }

    /// Obeys: goes to the order's parent, keeping the present one until the new one has said
    /// welcome.
    void follow(const Order& order, Instant now, Outputs& out);

    enum class Heard : std::uint8_t { dropped, handled, for_others };
    /// A frame on a route of this uplink. `facts` learns what the manager has.
    Heard on_frame(const Received& received, FactLog& facts, Instant now, Outputs& out);
    [[nodiscard]] bool owns(Route route) const;

    void on_link_dropped(Route route, Instant now);
    void on_probe_finished(ProbeId probe, ProbeResult result);
    /// Due work: beats, tries, judging the parent. Call at the end of every step.
    void work(const Report& report, Instant now, Drawer& drawer, Outputs& out);
    /// Something that a heartbeat carries has changed: beat ahead of time. Whoever changes the
    /// sets of the report says so here.
    void has_news() {
        has_news_ = true;
        may_have_open_sets_ = true;
    }
    /// More is held than before: say so ahead of time, but give what is about to be applied the
    /// time to be told of in the same heartbeat.
    void holds_more(Instant now) { held_hint_ = std::min(held_hint_, now + timing_.hint_gap()); }
    /// This process was away: the parent is not suspect because of it.
    void forgive(Instant now);

    void send(Message body, Outputs& out);
    void say_goodbye(Outputs& out);

    [[nodiscard]] bool is_attached() const { return parent_.has_value(); }
    [[nodiscard]] HostId parent() const { return parent_ ? parent_->peer.host : HostId{}; }
    [[nodiscard]] LinkId link() const { return parent_ ? parent_->id : LinkId{}; }
    [[nodiscard]] HostId lost_parent() const { return lost_parent_; }
    [[nodiscard]] Attachment attachment() const { return attachment_; }
    /// From the root down to the parent.
    [[nodiscard]] const Path& path() const { return path_; }
    [[nodiscard]] Duration root_age(Instant now) const { return now - root_heard_; }
    /// When the newest word was sent that the parent is known to have heard: the parent counts the
    /// silence of this host from then or later. Requires that it is attached.
    [[nodiscard]] Instant heard_by_parent() const { return parent_->heard_at; }
    [[nodiscard]] Stamp cell() const { return cell_; }
    [[nodiscard]] WindowId first_window() const { return first_window_; }
    /// Of this host's daemons on the link to the parent. Requires that it is attached.
    [[nodiscard]] MessageBudget& message_budget() { return parent_->message_budget; }
    /// True once after all candidates were tried in vain: a manager should give a place.
    [[nodiscard]] bool take_wants_place() { return std::exchange(wants_place_, false); }
    [[nodiscard]] Instant next_deadline() const;

    // Passing over quiet stretches; see rest.h.
    /// Nothing unless it is attached where it belongs, has nothing to tell and suspects nobody.
    [[nodiscard]] std::optional<UplinkRest> rest(const Report& report) const;
    void pass(const UplinkPassed& passed);
    /// A heartbeat without news, of the sequence number that was sent last.
    [[nodiscard]] Frame quiet_beat(const Report& report) const;

private:
    struct Link {
        Route route;
        LinkId id;
        PeerAddress peer;
        std::uint64_t sequence_out = 0;
        std::uint64_t sequence_in = 0;
        std::uint64_t marked = 0;  // sequence of a word that is not known to be heard; or zero
        Instant marked_at{};       // it was sent
        Instant heard_at{};        // the newest word that was heard was sent
        MessageBudget message_budget;
    };

    /// What was sent last on this link is the next of which the parent is to say that it heard it.
    static void mark(Link& link, Instant now) {
        link.marked = link.sequence_out;
        link.marked_at = now;
    }
    void learn_what_was_heard(std::uint32_t heard);
    [[nodiscard]] bool has_woken(Instant now) const;
    void on_welcome(const Welcome& welcome, Instant now, Outputs& out);
    void on_refused(const Received& received, Refusal reason, Instant now, Outputs& out);
    void on_answer(const HeartbeatAnswer& answer, FactLog& facts, Instant now, Outputs& out);
    void try_candidate(const Sealed& ticket, Instant now, Drawer& drawer, Outputs& out);
    void fail_try(bool same_again, Instant now, Outputs& out);
    /// Moves away from a living parent.
    void leave_parent(Outputs& out);
    void lose_parent(Instant now, Outputs& out, bool is_gone);
    void judge_parent(Instant now, Outputs& out);
    /// When the parent, of which nothing is heard, is to be asked for an answer.
    [[nodiscard]] Instant ask_at() const;
    void beat(const Report& report, bool is_hint, Instant now, Outputs& out);
    void tell_restored(const Report& report, Outputs& out);
    void hear_root(Duration root_age, const Path& path, Instant now);
    [[nodiscard]] bool wants_parent() const {
        return !candidates_.empty() && (!parent_ || must_join_anew_ || !is_at_assigned_);
    }
    /// Call when the parent or the candidates have changed.
    void see_whether_assigned();
    [[nodiscard]] Frame frame_on(Link& link, Message body) const;

    Timing timing_;
    Identity identity_;
    std::vector<std::string> advertised_;

    std::vector<PeerAddress> candidates_;  // the order's parent first
    std::size_t candidate_ = 0;
    Instant next_try_ = never;
    Instant patience_until_{};    // with an assigned parent that is not ready yet
    Duration pause_{};            // between rounds through the candidates
    Duration patience_of_try_{};  // grows while nobody answers: a fleet that storms must get slower
    bool has_answer_in_round_ = false;  // a refusal, of the peer or of its system
    bool wants_place_ = false;

    std::optional<Link> parent_;
    bool is_at_assigned_ = false;  // the parent is the first candidate
    std::optional<Link> trying_;
    Instant try_until_{};
    /// A Join was given up that may have been admitted: what is said of it would be believed, since
    /// it is newer than the parent, until there is a newer one still.
    bool must_join_anew_ = false;
    std::optional<Silence> judge_;
    ProbeId probe_{1};  // of the parent; odd, the downlink's are even
    HostId lost_parent_;
    std::optional<Instant> woke_;  // this process, from a pause
    Attachment attachment_;

    SetSender sets_;
    std::uint64_t facts_sent_ = 0;  // newest revision sent on this link
    std::uint64_t held_known_ = 0;  // digest of the held list that the parent has
    bool has_news_ = false;
    bool may_have_open_sets_ = true;  // that the parent is not known to hold
    enum class Restored : std::uint8_t {
        no,
        answered,
        yes
    } restored_ = Restored::no;  // since it joined
    Cadence cadence_;
    Instant next_beat_ = never;
    Instant next_hint_{};
    Instant beat_{};             // the last, hints aside
    Instant held_hint_ = never;  // when the parent is told of what is held, at the latest

    Path path_;
    Instant root_heard_{};
    Stamp cell_;
    WindowId first_window_;
};

}  // namespace coppice
