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
///
/// With a path of failure domains all of this but the last is tried in the innermost domain of the
/// host first, then in the one round it, up to the fleet. So it crosses into another domain when
/// nobody in its own has room or can be promoted, and so that one of two hosts of a domain becomes
/// the parent of the other. A host that would be the first of its domain there is put no deeper
/// than leaves a level below it for each domain that it heads, then a level for its own, within
/// `depth_max`; the depth is kept before the domain is. The host may be in the shape as an orphan.
[[nodiscard]] std::optional<Placement> place_for_join(const Shape& shape, HostId host = {},
                                                      Shape::Depth depth_max = Shape::detached - 1);

/// For an orphan with what is below it, or a host whose parent is drained: like a join, but a
/// parent up to the fan-out and then into the slack comes before a promotion, `avoid` is left out,
/// and the subtree must end within `depth_max`; before that limit is given up, last, a leaf below
/// `avoid` is promoted; when nothing else is left, one that should hold no role. Requires that the
/// host is detached, so that nothing below it is offered.
[[nodiscard]] std::optional<Placement> place_for_orphan(const Shape& shape, HostId host,
                                                        Shape::Depth depth_max, HostId avoid);

/// A parent with which the host, where it is in the tree, would share a domain further in than with
/// its own: with room up to the fan-out, or a leaf that is ready for promotion; outside the subtree
/// of the host, which would end within `depth_max`. None: its edge crosses no domain that it could
/// stay in, so it crosses for a reason, or not at all. Of hosts that could each be put below the
/// other, the one stays that has children, else the one nearer to the root.
[[nodiscard]] std::optional<Placement> better_parent(const Shape& shape, HostId host,
                                                     Shape::Depth depth_max);

/// How the edges of a tree cross failure domains.
struct DomainCrossings {
    std::uint64_t edges = 0;     // from a host to a parent outside its innermost domain
    std::uint64_t needless = 0;  // those of them whose host has a better_parent()
    /// For each level of the path, outermost first: edges that leave a domain of that level. A tree
    /// cannot have fewer than it has such domains, but for that of the root.
    std::vector<std::uint64_t> leaving;
    friend bool operator==(const DomainCrossings&, const DomainCrossings&) = default;
};

/// Of the tree below the root. Takes time in proportion to the hosts, and to what better_parent()
/// looks at.
[[nodiscard]] DomainCrossings domain_crossings(const Shape& shape, Shape::Depth depth_max);

/// A leaf to stand by for the root: a leaf child of the root, otherwise the leaf of smallest depth;
/// zero when there is none. One that cools down, or even should hold no role, is better than none.
/// With failure domains rather one that is neither in the innermost domain of the root, with which
/// it would fail, nor alone below a parent outside its own, where it is to be promoted.
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
/// With failure domains the first (at the top level after the understudy) is the nearest, in the
/// innermost domain that has one which does not hang on the parent, and the second is outside the
/// innermost domain of the host, when there is one.
[[nodiscard]] std::vector<HostId> spares_for(const Shape& shape, const SpareRequest& request);

}  // namespace coppice
