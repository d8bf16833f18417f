// How the edges of a tree cross failure domains, and which of them need not.

#include <tuple>

#include "manager/placement.h"

namespace coppice {
namespace {

/// Of hosts that could each be put below the other one stays where it is.
bool stays(const Shape& shape, HostId host, HostId leaf, Domains::Id domain) {
    if (shape.is_in(shape.parent(leaf), domain)) return false;
    const auto rank = [&shape](HostId one) { return std::tuple{shape.depth(one), shape.tie(one)}; };
    return shape.is_interior(host) || rank(host) < rank(leaf);
}

}  // namespace

std::optional<Placement> better_parent(const Shape& shape, HostId host, Shape::Depth depth_max) {
    const Domains& domains = shape.domains();
    const Domains::Id own = shape.domain(host);
    const HostId parent = shape.parent(host);
    if (parent == HostId{}) return std::nullopt;
    const Domains::Level shared = domains.common(own, shape.domain(parent));
    if (shared == domains.level(own)) return std::nullopt;
    const Shape::Depth levels = shape.height(host) + 1;
    if (levels > depth_max) return std::nullopt;
    for (Domains::Id domain = own; domains.level(domain) > shared; domain = domains.outer(domain)) {
        const Need need{.domain = domain, .depth_max = depth_max - levels, .apart_from = host};
        for (const Room room : {Room::fill, Room::fanout})
            if (const HostId better = shape.best_parent(room, need); better != HostId{})
                return Placement{better};
        const HostId leaf = shape.best_leaf(Fitness::ready, need);
        if (leaf != HostId{} && !stays(shape, host, leaf, domain)) return Placement{leaf, true};
    }
    return std::nullopt;
}

DomainCrossings domain_crossings(const Shape& shape, Shape::Depth depth_max) {
    const Domains& domains = shape.domains();
    DomainCrossings found{.leaving = std::vector<std::uint64_t>(domains.path().size(), 0)};
    std::vector<HostId> open;
    if (domains.has_path() && shape.root() != HostId{}) open.push_back(shape.root());
    while (!open.empty()) {
        const HostId parent = open.back();
        open.pop_back();
        for (const HostId child : shape.children(parent)) {
            if (shape.is_interior(child)) open.push_back(child);
            const Domains::Level own = domains.level(shape.domain(child));
            const Domains::Level shared = domains.common(shape.domain(child), shape.domain(parent));
            if (shared == own) continue;
            ++found.edges;
            for (Domains::Level level = shared; level < own; ++level) ++found.leaving[level];
            if (better_parent(shape, child, depth_max)) ++found.needless;
        }
    }
    return found;
}

}  // namespace coppice
