#pragma once
// Keeps a parent's copy of named host sets equal to the child's, by digest and difference.
//
// A child owns sets (members of its subtree, receipts of pushes). Each heartbeat carries a report
// for every set whose digest the parent has not acknowledged on this link: the difference to the
// last acknowledged content. The parent applies a report only when its base digest is its own, and
// acknowledges the digest that it holds now. Losing or repeating reports and acknowledgements costs
// time, nothing else; what arrives behind something newer is dropped by its link
// (Header::sequence).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/host_set.h"
#include "common/stage_times.h"

namespace coppice {

enum class SetKind : std::uint8_t { members, applied, refused };

struct SetKey {
    SetKind kind = SetKind::members;
    PushId push;         // zero for members
    std::string reason;  // of a refusal; empty otherwise
    friend auto operator<=>(const SetKey&, const SetKey&) = default;
};

/// The hosts of the subtree.
inline const SetKey members_key{};

using NamedSets = std::map<SetKey, HostSet>;  // an empty set and an absent one mean the same

/// The set of that name, or the empty set. Valid until `sets` changes.
[[nodiscard]] const HostSet& find_or_empty(const NamedSets& sets, const SetKey& key);
/// Keeps the rule that an empty set is absent.
void store(NamedSets& sets, const SetKey& key, HostSet content);

struct SetReport {
    SetKey key;
    std::uint64_t base_digest = 0;  // content the difference starts from
    std::uint64_t digest = 0;       // content after the difference
    HostSet added;
    HostSet removed;
    StageTimes times;  // with the report that all of the subtree have applied a push; or empty
    friend bool operator==(const SetReport&, const SetReport&) = default;
};

struct SetAck {
    SetKey key;
    std::uint64_t digest = 0;  // content that the parent holds now
    friend bool operator==(const SetAck&, const SetAck&) = default;
};

/// What a report did to the parent's copy.
enum class SetEffect : std::uint8_t {
    none,      // it did not fit what is held
    grown,     // what it adds was added, nothing else
    replaced,  // hosts may have left the set
};

/// The child's side on one link.
class SetSender {
public:
    /// Reports for every set that the parent is not known to hold as it is in `current`. A set with
    /// a report under way is left out of a hint, and of the regular heartbeat that follows it: the
    /// acknowledgement may be on its way. Later heartbeats repeat it.
    [[nodiscard]] std::vector<SetReport> reports(const NamedSets& current, bool is_hint);
    /// True when a hint would carry a report that somebody waits for. Nobody waits for a receipt to
    /// lose hosts, as it does when a newer push takes its place.
    [[nodiscard]] bool has_news(const NamedSets& current) const;
    /// True when a regular heartbeat would carry a report.
    [[nodiscard]] bool has_open(const NamedSets& current) const;
    /// An acknowledgement of other content than was sent last makes the next report start from
    /// nothing.
    void on_ack(const SetAck& ack);
    /// A new link: the parent holds nothing.
    void reset();

private:
    struct Entry {
        HostSet acked;                     // what the parent holds, as far as is known
        std::optional<HostSet> under_way;  // content after the newest report, not settled yet
        std::uint32_t reports = 0;         // sent since an acknowledgement fitted
        bool has_waited = false;           // the newest report, for a regular heartbeat
        bool is_unsure = false;            // the parent holds something else than `acked`
    };
    /// Calls visit(key, content) for every set that the parent is not known to hold.
    template <class Visit>
    void for_each_open(const NamedSets& current, Visit visit) const;

    std::map<SetKey, Entry> entries_;
};

/// The parent's side on one link.
class SetReceiver {
public:
    /// Applies a report when its base is what is held, or is zero ("start from nothing"). Takes up
    /// to `limits::sets_per_heartbeat_max` sets. Either way the child is owed an acknowledgement.
    SetEffect on_report(const SetReport& report);
    /// Of what is held now.
    [[nodiscard]] SetAck ack(const SetKey& key) const { return {key, set(key).digest()}; }
    [[nodiscard]] const NamedSets& sets() const { return sets_; }
    /// The set of that name, empty when there is none. Valid until the next report.
    [[nodiscard]] const HostSet& set(const SetKey& key) const;
    void clear() { sets_.clear(); }

private:
    NamedSets sets_;
};

}  // namespace coppice
