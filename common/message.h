#pragma once
// Every message of the protocol as a plain struct. The bytes are schemas/frame.capnp; see
// docs/protocol.md for who sends what when.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "common/host_set.h"
#include "common/ids.h"
#include "common/inquiry.h"
#include "common/labels.h"
#include "common/measurement.h"
#include "common/partial.h"
#include "common/set_sync.h"
#include "common/statement.h"

namespace coppice {

inline constexpr std::uint16_t protocol_version = 1;

enum class Lane : std::uint8_t { management, control, bulk };

/// On every frame. The sender must be the key that sent it; the receiver checks.
struct Header {
    std::uint16_t protocol = protocol_version;
    CellId cell;
    HostId sender;  // manager_host for a manager and for a host that has no id yet
    Incarnation incarnation;
    LinkId link;  // drawn by the child, echoed by the parent; zero on the management lane
    Lane lane = Lane::control;
    std::uint64_t sequence = 0;  // counts per (link, direction); a repeat or a step back is dropped
    friend bool operator==(const Header&, const Header&) = default;
};

// --- management lane: host <-> manager -------------------------------------------------------

struct Register {
    std::string token_id;
    Bytes token_secret;
    std::string name;
    std::string machine_id;
    std::vector<std::string> addresses;  // where this host's children reach it
    Labels labels;
    std::vector<Measurement> resources;  // cores, mem_total, disk_total, ...
    std::string release;
    /// Of the run before this one: none (the first, or it cannot be told), restart, crashed,
    /// out_of_memory.
    Cause former_end = Cause::none;
    /// It was killed for want of memory, and has not seen enough of it free since.
    bool is_short_of_memory = false;
    friend bool operator==(const Register&, const Register&) = default;
};

enum class Registration : std::uint8_t {
    ok,
    bad_token,
    expired_token,
    exhausted_token,
    foreign_fleet,
    name_conflict,
    unavailable,
    too_old,
    bad_request,
    unknown_host,       // the answer to Seek from a host that is not registered: register again
    stale_incarnation,  // this key runs twice, or its state went back in time; `newest` says where
                        // to go on
};

/// Registered or refused; the sentence says what to do.
struct Registered {
    Registration result = Registration::ok;
    std::string sentence;
    std::optional<Sealed> order;  // with ok
    Incarnation newest;           // with stale_incarnation
    friend bool operator==(const Registered&, const Registered&) = default;
};

/// A registered host without a parent asks for a place; one that is about to stop hands over.
struct Seek {
    Stamp stamp;              // of the newest order it has
    HostId lost_parent;       // the parent it lost last; zero when it had none
    bool has_parent = false;  // an understudy that keeps its line warm: it wants no place
    Attachment attachment;
    bool is_leaving = false;  // it stops soon and wants its children to have other parents
    friend bool operator==(const Seek&, const Seek&) = default;
};

/// An order, sent directly to a host that asks or routed down the tree to a host below.
struct Ordered {
    HostId destination;
    Sealed order;
    friend bool operator==(const Ordered&, const Ordered&) = default;
};

// --- tree: child <-> parent; a root's parent is its manager -----------------------------------

struct Join {
    Attachment attachment;
    Sealed order;                        // the ticket
    std::vector<std::string> addresses;  // where the child is probed
    bool is_orphan = false;              // it lost another parent: only a fresh parent admits it
    bool was_paused = false;             // it has just woken, by its own clock
    friend bool operator==(const Join&, const Join&) = default;
};

/// Hosts from the root down to the sender, both included; empty when the sender has no root.
using Path = std::vector<HostId>;

struct Welcome {
    Path path;
    Duration root_age{};    // age of the root's last word at the sender
    WindowId first_window;  // the first window in which the child may contribute
    friend bool operator==(const Welcome&, const Welcome&) = default;
};

enum class Refusal : std::uint8_t {
    not_a_parent,  // holds no role that takes children
    full,
    bad_ticket,    // signature, key, fleet or parent do not fit
    stale_ticket,  // a newer order of this host was seen
    not_fresh,     // has not heard the root lately; try again
    cycle,
    draining,
    unknown_link,  // the answer to a frame of a link that is not joined: join again
    stale_incarnation,
};

struct Refused {
    Refusal reason = Refusal::not_a_parent;
    friend bool operator==(const Refused&, const Refused&) = default;
};

/// What one parent says of one host. Newer is greater in (incarnation, attachment, revision);
/// the first two are the host's own, the last counts within one attachment.
struct HostFact {
    HostId host;
    Incarnation incarnation;
    Attachment attachment;
    std::uint64_t revision = 0;
    HostState state = HostState::live;
    Cause cause = Cause::none;
    HostId parent;  // the observer
    Stamp stamp;    // of the order that the host obeys
    friend bool operator==(const HostFact&, const HostFact&) = default;
};

[[nodiscard]] constexpr bool is_newer(const HostFact& left, const HostFact& right) {
    const auto order = [](const HostFact& fact) {
        return std::tuple{fact.incarnation, fact.attachment, fact.revision};
    };
    return order(left) > order(right);
}

/// A push of which the child holds the content, for this target.
struct Held {
    PushId push;
    std::uint64_t target_digest = 0;
    friend bool operator==(const Held&, const Held&) = default;
};

/// Child to parent, once per interval and ahead of time when there is news.
struct Heartbeat {
    Stamp stamp;  // of the order that the child obeys
    bool is_hint = false;
    std::uint64_t facts_revision = 0;  // of the last fact below; the parent acknowledges it
    std::vector<HostFact> facts;       // every fact that is not acknowledged, oldest first
    std::vector<SetReport> sets;
    std::uint64_t held_digest = 0;  // of the whole list, sent when the parent's answer differs
    std::optional<std::vector<Held>> held;
    friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

/// Parent to child, to every heartbeat, and on its own after one and a half intervals without one.
struct HeartbeatAnswer {
    std::uint64_t facts_acked = 0;  // the manager has everything up to here, durably
    std::vector<SetAck> sets;
    std::uint64_t held_digest = 0;  // of the list that the parent knows
    Path path;
    Duration root_age{};
    Stamp cell;  // newest shape of the cell, for information
    std::uint64_t term_instance = 0;
    bool wants_beat = false;  // the child was not heard in time; nothing was answered
    std::uint32_t heard = 0;  // sequence of the newest frame of the child, its lower 32 bits
    friend bool operator==(const HeartbeatAnswer&, const HeartbeatAnswer&) = default;
};

struct Leave {
    bool is_moving = false;  // to another parent; otherwise a planned stop
    friend bool operator==(const Leave&, const Leave&) = default;
};

using SharedSealed = std::shared_ptr<const Sealed>;  // one copy for all children

/// Parent to child: hold this push for the hosts of `target`, all in the child's subtree.
struct PushDown {
    PushId push;
    std::string topic;
    std::uint64_t version = 0;
    HostSet target;        // empty: no longer wanted here
    SharedSealed content;  // null when the child holds it already
    friend bool operator==(const PushDown& left, const PushDown& right) {
        const bool alike = (left.content == nullptr) == (right.content == nullptr);
        return alike && left.push == right.push && left.topic == right.topic &&
               left.version == right.version && left.target == right.target &&
               (left.content == nullptr || *left.content == *right.content);
    }
};

/// Parent to child: contribute once to this window.
struct WindowOpened {
    WindowId window;     // numbered by the root; number zero on the link from manager to root
    RequestId question;  // pairs the manager's question with its answer
    Inquiry inquiry;
    HostSet target;              // the hosts of the child's subtree that are asked
    Duration closes_in{};        // shrinks by level
    bool takes_missing = false;  // the asker understands WindowClosed::is_of_missing
    friend bool operator==(const WindowOpened&, const WindowOpened&) = default;
};

/// Child to parent: its whole contribution, once.
struct WindowClosed {
    WindowId window;
    RequestId question;
    Partial partial;
    /// The coverage of the partial is the hosts that were asked and are not inside: few, so that a
    /// frame does not grow with the subtree.
    bool is_of_missing = false;
    std::uint64_t target_digest = 0;  // then: of the hosts that were asked
    friend bool operator==(const WindowClosed&, const WindowClosed&) = default;
};

/// Either way: from a daemon of one host to those of its parent or of its child that listen on the
/// channel. Best effort: never repeated, not answered, passed on to nobody.
struct LocalMessage {
    std::string channel;
    Bytes body;
    friend bool operator==(const LocalMessage&, const LocalMessage&) = default;
};

/// The answer to a message that this release does not know.
struct NotUnderstood {
    friend bool operator==(const NotUnderstood&, const NotUnderstood&) = default;
};

using Message = std::variant<Register, Registered, Seek, Ordered, Join, Welcome, Refused, Heartbeat,
                             HeartbeatAnswer, Leave, PushDown, WindowOpened, WindowClosed,
                             NotUnderstood, LocalMessage>;

struct Frame {
    Header header;
    Message body;
    friend bool operator==(const Frame&, const Frame&) = default;
};

}  // namespace coppice
