#pragma once
// What people and tools ask of a manager, and what it answers.

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/evaluation.h"
#include "common/host_set.h"
#include "common/ids.h"
#include "common/labels.h"
#include "common/record.h"
#include "common/time.h"
#include "common/tree_plan.h"

namespace coppice {

struct PushCommand {
    std::string topic;
    std::string selector;  // empty for all
    Bytes payload;
    Duration deadline{};      // from when it comes into force; zero: none
    UnixMillis not_before{};  // zero: at once
    bool is_dry_run = false;
};

/// Ends the rule that a push carries, or a push that waits.
struct RemoveRuleCommand {
    PushId push;
};

/// Brings the payload of a former version back into its rule, under a new version.
struct RevertCommand {
    std::string topic;
    std::uint64_t version = 0;  // zero: what the newest rule had before
};

/// Hosts that the selector names, now and later, begin to apply nothing.
struct StopCommand {
    std::string selector;  // empty for all
    std::string reason;
};

/// Ends the stop of that selector; without one, every stop.
struct UnstopCommand {
    std::optional<std::string> selector;
};

struct QueryCommand {
    std::string question = "count()";  // question.h has the language
    Duration deadline = std::chrono::seconds{2};
};

struct DrainCommand {
    std::string host;  // name
    bool is_drained = true;
    std::string reason;
};

struct CreateTokenCommand {
    std::string id;
    Digest secret_hash{};
    Duration lifetime{};  // zero: for ever
    std::uint64_t uses_max = 0;
    Labels labels;
};

struct RevokeTokenCommand {
    std::string id;
};

/// Makes the tree better by what the plan of this bound says just now.
struct ReshapeCommand {
    MovesBound bound;
    std::string digest;  // of the plan that was looked at; empty: whatever it is now
};

/// Takes the moves after a generation back, as far as that can be done.
struct RollBackCommand {
    std::uint64_t generation = 0;
    MovesBound bound;
    std::string digest;
};

/// From the next multiple of its interval on, by the wall clock.
struct AddSeriesCommand {
    SeriesRecord series;
};

/// What was kept of it goes, too.
struct RemoveSeriesCommand {
    std::string name;
};

using Command =
    std::variant<PushCommand, RemoveRuleCommand, RevertCommand, StopCommand, UnstopCommand,
                 QueryCommand, DrainCommand, CreateTokenCommand, RevokeTokenCommand, ReshapeCommand,
                 RollBackCommand, AddSeriesCommand, RemoveSeriesCommand>;

/// A refusal for a person; the API turns it into an RFC 9457 problem document.
struct Problem {
    enum class Kind : std::uint8_t { bad_request, not_found, conflict, too_large, unavailable };
    Kind kind = Kind::bad_request;
    std::string detail;  // what is wrong, where, and what to do
};

struct PushAccepted {
    PushId push;
};

/// What a push would do; nothing was done.
struct PushPlanned {
    struct Moved {
        PushId push;  // that they would be taken from
        std::uint64_t version = 0;
        HostSet hosts;
    };
    HostSet target;
    std::vector<Moved> moved;  // newest version first; the rest of the target has no value now
};

/// The pushes that followed from a change of rules.
struct RulesChanged {
    std::vector<PushId> pushes;
};

struct QueryAnswered {
    struct Row {
        GroupKey key;
        std::vector<QueryValue> values;  // by column
        std::uint64_t hosts = 0;
        std::map<std::string, std::uint64_t> without_value;  // hosts, by measurement; not zero
    };
    struct Column {
        std::string formula;      // as it was written
        std::string measurement;  // whose unit the value has; empty when it has another, or none
    };
    std::vector<Column> columns;  // a formula each
    std::vector<std::string> by;
    std::vector<Row> rows;     // by key; exactly one when nothing is grouped
    std::optional<Row> other;  // the groups for which there was no room; its key is the first
    std::vector<Uncertainty> uncertainties;
    std::vector<std::string> notes;  // sentences, of names that no host has
    HostSet target;
    HostSet included;  // target less included is missing; the hosts of all rows add up to it
    WindowId window;
    Duration age{};  // since the window opened
};

struct Accepted {};  // nothing more to say

struct Reshaped {
    TreePlan plan;  // that is applied; without moves: there was nothing to do
};

/// It is on its way on the links to these hosts; nobody says whether it arrives.
struct MessageSent {
    std::vector<HostId> to;
};

using Answer = std::variant<Problem, PushAccepted, PushPlanned, RulesChanged, QueryAnswered,
                            Accepted, Reshaped, MessageSent>;

}  // namespace coppice
