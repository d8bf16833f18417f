#pragma once
// What a manager shows: plain values, taken as a snapshot between two steps.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/command.h"
#include "common/host_set.h"
#include "common/labels.h"
#include "common/record.h"
#include "manager/placement.h"

namespace coppice {

struct HostCounts {  // registered = live + suspect + lost + left; joining counts as suspect
    std::uint64_t registered = 0;
    std::uint64_t live = 0;
    std::uint64_t suspect = 0;
    std::uint64_t lost = 0;
    std::uint64_t left = 0;
    std::uint64_t drained = 0;   // overlays the above
    std::uint64_t unplaced = 0;  // overlays the above
    std::uint64_t isolated = 0;  // overlays the above: pushes do not wait for them
    std::uint64_t unseen = 0;    // overlays the above: nobody who could tell of them is heard
};

struct CellView {
    std::string name;
    std::string owner;  // name of the manager
    std::uint64_t term = 0;
    std::uint64_t generation = 0;
    std::string root;        // host name; empty: none
    std::string understudy;  // host name; empty: none
    std::uint64_t hosts = 0;
    std::uint64_t live = 0;
    std::uint32_t depth = 0;
    bool is_root_heard = false;
    Duration interval{};
    std::uint32_t fanout = 0;
};

struct StatusView {
    std::string fleet;
    std::vector<std::string> managers;
    std::vector<CellView> cells;
    HostCounts hosts;
};

struct HostView {
    HostRecord record;
    HostState state = HostState::joining;  // with suspect, which is not in the record
    std::string parent;                    // name; empty for the root and the unplaced
    std::uint32_t children = 0;
    std::uint32_t depth = 0;
    bool is_understudy = false;
    bool is_unseen = false;  // nobody who could tell of it is heard: what is said is of the past
    std::string domain;      // the innermost failure domain; empty: no path is set
    std::string crossing;    // why its link crosses failure domains; empty: it does not
    std::optional<IsolationRecord> isolation;  // none: pushes wait for it
};

/// Some hosts, as far as they stay what they are: to go over all of them by pages.
struct HostPage {
    struct Host {
        HostId id;
        std::string name;
        Labels labels;
    };
    std::vector<Host> hosts;
    HostId last;  // that was looked at: the next page begins after it; zero: there are no further
};

struct TreeNodeView {
    std::string host;
    Role role = Role::leaf;
    std::string parent;
    std::uint32_t children = 0;
    HostState state = HostState::joining;
};

struct TreeView {
    std::string cell;
    std::uint64_t generation = 0;
    std::uint32_t depth = 0;
    std::uint32_t depth_max = 0;  // the bound: ceil(log_fanout(hosts)) + 1
    std::uint32_t fanout = 0;
    std::uint32_t slack = 0;
    std::uint32_t max_children = 0;
    std::string root;
    std::vector<std::string> domain_path;
    DomainCrossings crossings;
    std::vector<TreeNodeView> nodes;  // parents before children
};

/// A broken invariant of the tree, as a sentence that names the host.
using TreeFault = std::string;

/// What changed in the tree from one generation to the next.
struct TreeChangeView {
    struct Move {
        std::string host;
        std::string old_parent;
        std::string new_parent;
        MovedBy by = MovedBy::manager;
        std::string why;
    };
    std::uint64_t to = 0;  // the generation; it comes right after the one before
    UnixMillis time{};     // of the first change
    std::string cause;
    std::vector<Move> moves;
    std::uint64_t moves_more = 0;  // of which the history has the number only
    std::uint64_t placed = 0;      // hosts that had no place: new, or back
};

/// A plan, or why there is none.
using PlanOutcome = std::variant<Problem, TreePlan>;

struct ReceiptView {
    PushId push;
    std::string topic;
    std::uint64_t version = 0;
    std::string selector;
    UnixMillis committed{};
    UnixMillis completed{};
    std::uint64_t payload_bytes = 0;
    std::uint64_t target = 0;
    std::uint64_t applied = 0;
    std::uint64_t refused = 0;
    std::uint64_t isolated = 0;
    std::uint64_t pending = 0;  // the four add up to the target
    std::uint64_t late_joiners = 0;
    bool complete = false;  // every host of the target has it durably
    bool settled = false;   // only unreachable hosts are pending
    PushId rule;            // that it carries; zero: a withdrawal
    PushId reissue_of;      // zero: its payload is its own
    PushPhase phase = PushPhase::in_force;
    bool is_withdrawal = false;
    std::uint64_t desired = 0;                 // hosts that are to have this version now
    UnixMillis not_before{};                   // zero: at once
    UnixMillis deadline{};                     // zero: none
    bool late = false;                         // it was not complete at its deadline
    HostSet laggards;                          // at the deadline
    std::map<std::string, HostSet> held_back;  // pending or isolated, for a reason that is known
    HostSet pending_hosts;
    HostSet isolated_hosts;
    std::map<std::string, HostSet> exceptions;    // refusals by reason
    std::vector<std::uint64_t> applied_after_ms;  // at 50, 90, 99, 99.9, 100 %, as far as reached
    StageTimes stages;                            // empty: not complete, or not known
};

/// A rule in force.
struct RuleView {
    PushId rule;  // its first push
    std::string topic;
    std::string selector;
    PushId push;  // the newest that carries it
    std::uint64_t version = 0;
    UnixMillis since{};
    std::uint64_t payload_bytes = 0;
    HostSet hosts;  // that are under it
};

/// A stop in force.
struct StopView {
    PushId push;
    std::string selector;
    std::string reason;
    UnixMillis since{};
    HostSet hosts;    // that are to be stopped
    HostSet stopped;  // that have said so
};

/// An event in its newest revision. `change` is its number among all that was told, ids and later
/// revisions together: equal to the id at first, and raised by each revision.
struct EventView {
    Event event;
    std::uint64_t change = 0;
};

struct TokenView {
    TokenRecord record;
    std::string state;  // valid, expired, exhausted, revoked
};

struct MetricView {
    std::string name;  // Prometheus name with the coppice_ prefix
    std::string help;
    bool is_counter = false;
    double value = 0;
};

}  // namespace coppice
