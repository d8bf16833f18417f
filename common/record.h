#pragma once
// Durable facts: what a node writes before anybody hears of it, and reads again at its start.
//
// A store holds one record per key, an ordered journal of events, and the timelines of hosts. Rows
// are encoded by schemas/store.capnp, so that every adapter (SQLite now, etcd later) stores the
// same bytes.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "common/host_set.h"
#include "common/ids.h"
#include "common/labels.h"
#include "common/measurement.h"
#include "common/series.h"
#include "common/stage_times.h"
#include "common/statement.h"
#include "common/time.h"
#include "common/timeline.h"

namespace coppice {

// --- of an agent ------------------------------------------------------------------------------

/// What the newest run of an agent has left behind; one that was killed has not ended.
enum class RunMark : std::uint8_t { unknown, running, ended };

/// Who this host is. One per store.
struct IdentityRecord {
    std::string name;
    HostId host;              // zero until registered
    Incarnation incarnation;  // of the newest run
    Sealed order;             // the newest obeyed; empty content when there is none
    RunMark run = RunMark::unknown;
    std::uint64_t oom_kills = 0;  // in its control group, at the start of the newest run
    friend bool operator==(const IdentityRecord&, const IdentityRecord&) = default;
};

/// The newest version of one topic that this host applied.
struct AppliedRecord {
    std::string topic;
    std::uint64_t version = 0;
    PushId push;
    bool is_withdrawn = false;  // it has no value since that version
    friend bool operator==(const AppliedRecord&, const AppliedRecord&) = default;
};

// --- of a manager -----------------------------------------------------------------------------

/// One per store.
struct FleetRecord {
    std::string fleet;
    HostId next_host{1};
    PushId next_push{1};
    std::uint64_t next_event = 1;
    friend bool operator==(const FleetRecord&, const FleetRecord&) = default;
};

struct CellRecord {
    CellId id{1};
    std::string name;
    std::uint64_t generation = 0;
    HostId root;        // zero: none
    HostId understudy;  // zero: none
    friend bool operator==(const CellRecord&, const CellRecord&) = default;
};

struct HostRecord {
    HostId id;
    std::string name;
    PublicKey key{};
    std::string machine_id;
    std::vector<std::string> addresses;
    Labels labels;
    std::vector<Measurement> resources;
    std::string release;
    std::string token_id;  // that it registered with

    HostState state = HostState::joining;  // suspect is never written: it ends or becomes lost
    Cause cause = Cause::none;
    UnixMillis since{};  // of the state
    Incarnation incarnation;
    Attachment attachment;
    std::uint64_t revision = 0;  // of the newest fact, see HostFact

    CellId cell{1};
    Role role = Role::leaf;
    HostId parent;  // zero: of the root, or unplaced
    bool is_placed = false;
    std::string unplaced_reason;
    std::uint64_t generation = 0;  // of its newest order
    std::uint64_t term = 0;        // of its newest order
    std::vector<HostId> spares;    // as in its newest order
    bool awaits_order = false;     // its place has changed since
    bool is_orphan = false;        // `parent` gave up its children, perhaps to return with others
    bool is_drained = false;
    std::string drain_reason;
    UnixMillis no_role_before{};       // cool-down after a return
    bool is_short_of_memory = false;   // by its own word, since it was killed for want of it
    std::vector<UnixMillis> gone_at;   // without notice, the newest three
    UnixMillis unstable_since{};       // zero: it does not come and go
    std::uint64_t unstable_event = 0;  // that tells of it
    std::uint64_t times_gone = 0;      // that this event tells of
    friend bool operator==(const HostRecord&, const HostRecord&) = default;
};

struct TokenRecord {
    std::string id;
    Digest secret_hash{};
    UnixMillis created{};
    UnixMillis expires{};        // zero: never
    std::uint64_t uses_max = 0;  // zero: any number
    std::uint64_t uses = 0;
    bool is_revoked = false;
    Labels labels;  // given to the hosts that use it
    friend bool operator==(const TokenRecord&, const TokenRecord&) = default;
};

enum class PushPhase : std::uint8_t {
    in_force,   // carries its rule, or is a withdrawal that somebody has not applied yet
    waiting,    // for `not_before`; it has no version yet
    former,     // its rule is replaced, removed, or carried by a newer push
    cancelled,  // removed while it waited
};

/// A rule says which payload the hosts of a selector are to have, now and later. A push begins one;
/// further pushes may carry it, under newer versions, to hosts that it was hidden from.
struct PushRecord {
    PushId push;
    std::string topic;
    std::uint64_t version = 0;
    std::string selector;
    UnixMillis committed{};
    std::uint64_t payload_bytes = 0;
    HostSet target;     // frozen at commit; the receipt is about these
    HostSet effective;  // for which this is the desired version now: less newer pushes, plus late
                        // joiners
    HostSet late_joiners;
    Sealed content;     // emptied when nobody can come to need it
    PushId rule;        // that it carries: the first push of it; zero: none (a withdrawal)
    PushId reissue_of;  // whose payload it carries anew; zero: its own
    PushPhase phase = PushPhase::in_force;
    bool is_withdrawal = false;
    std::string signed_selector;  // what hosts check, if that is narrower than `selector`
    UnixMillis offered{};         // when it came into force; zero: it waits
    UnixMillis not_before{};      // zero: at once
    UnixMillis deadline{};        // zero: none
    friend bool operator==(const PushRecord&, const PushRecord&) = default;
};

/// Written when the root's report grows, so apart from the push, whose payload is not rewritten.
struct ReceiptRecord {
    PushId push;
    HostSet applied;  // have this version or a newer one
    std::map<std::string, HostSet> refused;
    UnixMillis completed{};  // zero: not yet
    std::vector<std::uint64_t>
        applied_after_ms;  // at 50, 90, 99, 99.9 and 100 % of the target, as reached
    UnixMillis late{};     // when the deadline passed before it was complete; zero: it did not
    HostSet laggards;      // that were pending or had refused then
    StageTimes stages;     // once it is complete; as of the manager; empty: not known
    friend bool operator==(const ReceiptRecord&, const ReceiptRecord&) = default;
};

/// Who chose the new parent.
enum class MovedBy : std::uint8_t { manager, host, people };

/// What one step of the manager changed in the shape on the way to a generation. Written once, in
/// the commit that changes the hosts' records.
struct TreeChangeRecord {
    /// A live host that was below one parent is below another one.
    struct Move {
        HostId host;
        HostId from;
        HostId to;
        MovedBy by = MovedBy::manager;
        std::uint16_t reason = 0;  // its place in `reasons`
        friend bool operator==(const Move&, const Move&) = default;
    };
    std::uint64_t generation = 0;  // that the changes are first part of
    std::uint32_t part = 0;        // steps with changes of one generation, from 0 on
    UnixMillis time{};
    std::vector<std::string> reasons;
    std::vector<Move> moves;
    std::uint64_t moves_more = 0;  // that are not kept, see limits::moves_per_generation_max
    std::uint64_t placed = 0;      // hosts that had no place: new, or back
    std::uint64_t kept_after = 0;  // changes of every later generation are in the store
    friend bool operator==(const TreeChangeRecord&, const TreeChangeRecord&) = default;
};

/// A host that pushes pass by, as it failed too many in a row.
struct IsolationRecord {
    HostId host;
    UnixMillis since{};
    Cause cause = Cause::none;  // of the newest failure
    std::string reason;         // of it, as a sentence
    std::uint32_t failures = 0;
    friend bool operator==(const IsolationRecord&, const IsolationRecord&) = default;
};

/// A question that the manager asks again and again.
struct SeriesRecord {
    std::string name;
    std::string question;
    std::chrono::milliseconds every{};
    std::chrono::milliseconds keep{};  // what its windows gave
    friend bool operator==(const SeriesRecord&, const SeriesRecord&) = default;
};

using Record =
    std::variant<IdentityRecord, AppliedRecord, FleetRecord, CellRecord, HostRecord, TokenRecord,
                 PushRecord, ReceiptRecord, TreeChangeRecord, IsolationRecord, SeriesRecord>;

/// The kind is the record's index in Record; indices are never reused.
struct RecordKey {
    std::uint8_t kind = 0;
    std::string id;  // of numbers: 20 digits, so that keys sort as numbers do
    friend auto operator<=>(const RecordKey&, const RecordKey&) = default;
};

[[nodiscard]] RecordKey key_of(const Record& record);

/// One thing that happened, for people. `id` grows; a story that grows keeps its id and raises
/// its revision.
struct Event {
    std::uint64_t id = 0;
    std::uint64_t revision = 1;
    UnixMillis time{};
    std::string kind;  // host.live, host.lost, host.left, tree.changed, push.committed, ...
    HostSet hosts;
    std::string cause;
    std::map<std::string, std::string> evidence;
    CellId cell{1};
    std::uint64_t generation = 0;
    friend bool operator==(const Event&, const Event&) = default;
};

struct Put {
    Record record;
    friend bool operator==(const Put&, const Put&) = default;
};
struct Erase {
    RecordKey key;
    friend bool operator==(const Erase&, const Erase&) = default;
};
struct Append {
    Event event;
    friend bool operator==(const Append&, const Append&) = default;
};
/// The host is so from then on; what becomes of rows that begin later (a clock was set back), are
/// too old or too many: timeline.h.
struct Begin {
    TimelineRow row;
    friend bool operator==(const Begin&, const Begin&) = default;
};
/// The rows of `former` become those of `heir`, which has none. Zero: they go.
struct Inherit {
    HostId former;
    HostId heir;
    friend bool operator==(const Inherit&, const Inherit&) = default;
};
/// What a window of the series gave. Windows that opened before `keep_from` go, and those that a
/// clock which was set back has left in the future, see timeline_set_back_max.
struct Keep {
    std::string series;
    Sample sample;
    UnixMillis keep_from{};
    friend bool operator==(const Keep&, const Keep&) = default;
};
/// All that was kept of the series goes.
struct ForgetSeries {
    std::string series;
    friend bool operator==(const ForgetSeries&, const ForgetSeries&) = default;
};
using Write = std::variant<Put, Erase, Append, Begin, Inherit, Keep, ForgetSeries>;

}  // namespace coppice
