#pragma once
// Plans that re-shape the tree from one generation to the next: who would move, why, and what is
// gained.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/ids.h"
#include "common/result.h"

namespace coppice {

/// How many hosts one plan may move: a share of the hosts, or a number of them.
struct MovesBound {
    std::uint32_t hundredths = 500;  // of a percent: 500 is 5 %; not used when `hosts` is given
    std::uint64_t hosts = 0;

    /// Of a share rounded down, but one at least; never more than limits::moves_per_plan_max.
    [[nodiscard]] std::uint64_t of(std::uint64_t present) const;
    friend bool operator==(const MovesBound&, const MovesBound&) = default;
};

/// "5%", "0.25%" or "40"; the empty text for the bound when nothing is said.
[[nodiscard]] Result<MovesBound> parse_moves_bound(std::string_view text);

/// What is judged before and after.
struct TreeFigures {
    std::uint32_t depth = 0;               // links from the root to the deepest host
    double mean_depth = 0;                 // of the hosts in the tree
    std::uint32_t max_children = 0;        // of one parent
    std::uint32_t above_fill = 0;          // parents with more children than placement gives
    std::uint32_t above_fanout = 0;        // of these, parents with more than the fan-out
    std::uint32_t parents = 0;             // hosts with a role
    std::uint64_t crossings = 0;           // edges that leave a failure domain of the child
    std::uint64_t needless_crossings = 0;  // of hosts for which there is a better parent
    friend bool operator==(const TreeFigures&, const TreeFigures&) = default;
};

struct PlannedMove {
    HostId host;
    HostId from;
    HostId to;
    std::string why;
    friend bool operator==(const PlannedMove&, const PlannedMove&) = default;
};

/// `moves` are done in this order: a parent that is promoted is so by the first move to it.
struct TreePlan {
    std::uint64_t from = 0;  // generation of the cell
    std::uint64_t to = 0;    // the same when nothing moves
    std::string digest;      // of what the plan does; equal plans have equal digests
    std::uint64_t moves_max = 0;
    bool is_bounded = false;  // there is more to do than the bound allows
    std::vector<PlannedMove> moves;
    std::vector<HostId> promoted;     // leaves that become branches
    std::vector<HostId> dissolved;    // branches that become leaves
    std::vector<PlannedMove> cannot;  // `why` not; of a rollback
    TreeFigures before;
    TreeFigures after;
};

}  // namespace coppice
