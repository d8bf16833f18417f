// Decisions over a Shape; the order of preference is in the header.

#include "manager/placement.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace coppice {
namespace {

constexpr std::array willing{Fitness::ready, Fitness::cooling, Fitness::joining,
                             Fitness::understudy};

std::optional<Placement> parent_in(const Shape& shape, std::initializer_list<Room> rooms_wanted,
                                   const Need& need) {
    for (const Room room : rooms_wanted)
        if (const HostId parent = shape.best_parent(room, need); parent != HostId{})
            return Placement{parent};
    return std::nullopt;
}

std::optional<Placement> promotion_in(const Shape& shape, const Need& need) {
    for (const Fitness fitness : willing)
        if (const HostId leaf = shape.best_leaf(fitness, need); leaf != HostId{})
            return Placement{leaf, true};
    return std::nullopt;
}

/// In one domain, for a host that joins.
std::optional<Placement> join_in(const Shape& shape, const Need& need) {
    if (const auto parent = parent_in(shape, {Room::fill}, need)) return parent;
    if (const auto leaf = promotion_in(shape, need)) return leaf;
    return parent_in(shape, {Room::fanout}, need);
}

/// In one domain, for an orphan.
std::optional<Placement> adopt_in(const Shape& shape, const Need& need) {
    if (const auto parent = parent_in(shape, {Room::fill, Room::fanout, Room::slack}, need))
        return parent;
    return promotion_in(shape, need);
}

struct Wanted {
    HostId host;
    Shape::Depth depth_max = 0;
    HostId avoid;
};

using InDomain = std::optional<Placement> (*)(const Shape&, const Need&);

/// In one domain, with so many levels below the host; rather with one more when it heads a domain,
/// which may outgrow it.
std::optional<Placement> with_levels(const Shape& shape, const Wanted& wanted, InDomain in_domain,
                                     Domains::Id domain, Shape::Depth levels, bool is_head) {
    for (const Shape::Depth below : {levels + 1, levels}) {
        if ((below > levels && !is_head) || below >= wanted.depth_max) continue;
        const Need need{
            .domain = domain, .depth_max = wanted.depth_max - below - 1, .avoid = wanted.avoid};
        if (const auto found = in_domain(shape, need)) return found;
    }
    return std::nullopt;
}

/// In the domains of the host, the innermost first. A host that will head domains is first wanted
/// where a level is left for each of them, then for the innermost, then where there is any place.
std::optional<Placement> by_domain(const Shape& shape, const Wanted& wanted, InDomain in_domain) {
    const Domains& domains = shape.domains();
    if (!domains.has_path()) return std::nullopt;
    const Domains::Id own = shape.domain(wanted.host);
    const Domains::Level own_level = domains.level(own);
    const Shape::Depth height = shape.height(wanted.host);
    for (Domains::Level levels_max = own_level;; levels_max = levels_max > 1 ? 1 : 0) {
        for (Domains::Id domain = own;; domain = domains.outer(domain)) {
            const Domains::Level headed = own_level - domains.level(domain);
            const Shape::Depth levels = std::max(height, std::min(headed, levels_max));
            if (levels_max == own_level || headed > levels_max)
                if (const auto found =
                        with_levels(shape, wanted, in_domain, domain, levels, headed > 0))
                    return found;
            if (domain == Domains::fleet) break;
        }
        if (levels_max == 0) return std::nullopt;
    }
}

/// Whoever should hold no role, when nobody else is left.
std::optional<Placement> last_resort(const Shape& shape, const Need& need) {
    const HostId leaf = shape.best_leaf(Fitness::last_resort, need);
    return leaf == HostId{} ? std::nullopt : std::optional{Placement{leaf, true}};
}

/// A leaf that is not alone in its innermost domain below its parent, nor in that of the root.
HostId best_understudy(const Shape& shape, Fitness fitness) {
    constexpr std::size_t parents_tried_max = 64;
    std::size_t tried = 0;
    for (Shape::Depth depth = 0; !shape.open_at(depth).empty(); ++depth) {
        for (const HostId parent : shape.open_at(depth)) {
            if (++tried > parents_tried_max) return {};
            const Domains::Id domain = shape.domain(parent);
            if (domain == shape.domain(shape.root())) continue;
            const HostId leaf = shape.best_leaf_of(parent, fitness, domain);
            if (leaf != HostId{}) return leaf;
        }
    }
    return {};
}

}  // namespace

Shape::Depth depth_bound(std::uint64_t hosts, std::uint32_t fanout) {
    Shape::Depth levels = 0;
    for (std::uint64_t reach = 1; reach < hosts; reach *= fanout) ++levels;
    return levels + 1;
}

std::optional<Placement> place_for_join(const Shape& shape, HostId host, Shape::Depth depth_max) {
    if (const auto found = by_domain(shape, {.host = host, .depth_max = depth_max}, join_in))
        return found;
    if (const auto found = join_in(shape, {})) return found;
    return last_resort(shape, {});
}

std::optional<Placement> place_for_orphan(const Shape& shape, HostId host, Shape::Depth depth_max,
                                          HostId avoid) {
    if (const auto found =
            by_domain(shape, {.host = host, .depth_max = depth_max, .avoid = avoid}, adopt_in))
        return found;
    const Shape::Depth levels = shape.height(host) + 1;
    const bool has_depth = levels <= depth_max;
    const Need within{.depth_max = has_depth ? depth_max - levels : 0, .avoid = avoid};
    const Need anywhere{.depth_max = Shape::detached - 1 - levels, .avoid = avoid};
    if (has_depth)
        if (const auto found = adopt_in(shape, within)) return found;
    // The host does not reach `avoid`; its leaves, which do, may reach the host.
    if (has_depth && shape.is_open(avoid) && shape.depth(avoid) < within.depth_max)
        for (const Fitness fitness : willing)
            if (const HostId leaf = shape.best_leaf_of(avoid, fitness); leaf != HostId{})
                return Placement{leaf, true};
    if (const auto found = adopt_in(shape, anywhere)) return found;
    return last_resort(shape, anywhere);
}

HostId choose_understudy(const Shape& shape) {
    for (const Fitness fitness : {Fitness::ready, Fitness::cooling, Fitness::last_resort}) {
        if (shape.domains().has_path())
            if (const HostId leaf = best_understudy(shape, fitness); leaf != HostId{}) return leaf;
        if (const HostId leaf = shape.best_leaf_of(shape.root(), fitness); leaf != HostId{})
            return leaf;
        if (const HostId leaf = shape.best_leaf(fitness); leaf != HostId{}) return leaf;
    }
    return {};
}

}  // namespace coppice
