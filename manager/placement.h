#pragma once
// Where a host belongs: pure decisions over a Shape, never "the first host".

#include <cstdint>
#include <optional>
#include <vector>

#include "manager/shape.h"

namespace coppice {

/// ceil(log_fanout(hosts)) + 1, in exact integer arithmetic: no host is deeper.
[[nodiscard]] Shape::Depth depth_bound(std::uint64_t hosts, std::uint32_t fanout);

struct Placement {
    HostId parent;
    bool is_promotion = false;  // the parent is a leaf that becomes a branch by this
};

/// For a host that joins: the open parent of smallest depth with fewer than `fill` children.
/// Without one a leaf is promoted. Preferences are given up in this order: a leaf that is no longer
/// cooling down, a leaf that has joined (hosts of the same batch are taken only when no live one is
/// left), a leaf other than the understudy, then `fill`, up to the fan-out, and at the very last
/// a leaf that should hold no role. None: there is no room.
[[nodiscard]] std::optional<Placement> place_for_join(const Shape& shape);

/// For an orphan with what is below it, or a host whose parent is drained: like a join, but a
/// parent up to the fan-out and then into the slack comes before a promotion, `avoid` is left out,
/// and the subtree must end within `depth_max`; before that limit is given up, last, a leaf below
/// `avoid` is promoted; when nothing else is left, one that should hold no role. Requires that the
/// host is detached, so that nothing below it is offered.
[[nodiscard]] std::optional<Placement> place_for_orphan(const Shape& shape, HostId host,
                                                        Shape::Depth depth_max, HostId avoid);

/// A leaf to stand by for the root: a leaf child of the root, otherwise the leaf of smallest depth;
/// zero when there is none. One that cools down, or even should hold no role, is better than none.
[[nodiscard]] HostId choose_understudy(const Shape& shape);

struct SpareRequest {
    HostId host;
    HostId understudy;
    /// First spares of its siblings; one that is not among them is preferred.
    std::vector<HostId> taken;
};

inline constexpr std::size_t spares_max = 3;

/// Where a host goes when its parent dies: at the top level the understudy first; otherwise an open
/// interior host at the depth of the parent, another one for each sibling; then others. Never the
/// host, its parent, or one of its own subtree. Candidates with room come first.
[[nodiscard]] std::vector<HostId> spares_for(const Shape& shape, const SpareRequest& request);

}  // namespace coppice
