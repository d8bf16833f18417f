// Decisions over a Shape; the order of preference is in the header.

#include "manager/placement.h"

#include <algorithm>
#include <array>

namespace coppice {
namespace {

constexpr std::array willing{Fitness::ready, Fitness::cooling, Fitness::joining,
                             Fitness::understudy};

bool fits(const Shape& shape, HostId parent, Shape::Depth levels, Shape::Depth depth_max) {
    return parent != HostId{} && shape.depth(parent) + levels <= depth_max;
}

/// Open interior hosts of one depth, from the parent's own rank on, so that neighbours differ.
class SpareFinder {
public:
    SpareFinder(const Shape& shape, const SpareRequest& request)
        : shape_{shape}, request_{request}, parent_{shape.parent(request.host)} {}

    /// The best at that depth: not taken before taken, with room before full. Zero: none.
    [[nodiscard]] HostId best_at(Shape::Depth depth, const std::vector<HostId>& chosen) const {
        constexpr std::size_t tries_max = 64;
        const std::vector<HostId>& level = shape_.open_at(depth);
        if (level.empty()) return {};
        const std::size_t start = shape_.tie(request_.host) % level.size();
        HostId best;
        std::size_t best_cost = 0;
        for (std::size_t step = 0; step < std::min(level.size(), tries_max); ++step) {
            const HostId candidate = level[(start + step) % level.size()];
            if (!may_be(candidate) || contains(chosen, candidate)) continue;
            const std::size_t cost = cost_of(candidate);
            if (best == HostId{} || cost < best_cost) {
                best = candidate;
                best_cost = cost;
            }
            if (best_cost == 0) break;
        }
        return best;
    }

private:
    [[nodiscard]] static bool contains(const std::vector<HostId>& hosts, HostId host) {
        return std::find(hosts.begin(), hosts.end(), host) != hosts.end();
    }
    [[nodiscard]] bool may_be(HostId candidate) const {
        return candidate != parent_ && !shape_.is_within(candidate, request_.host);
    }
    /// Its load when the siblings come as well: none above the fan-out is best, and none taken.
    [[nodiscard]] std::size_t cost_of(HostId candidate) const {
        constexpr std::size_t too_full = 1000;
        const auto taken = static_cast<std::size_t>(
            std::count(request_.taken.begin(), request_.taken.end(), candidate));
        const std::size_t load = shape_.children(candidate).size() + taken + 1;
        const std::size_t overload = load - std::min<std::size_t>(load, shape_.limit(Room::fanout));
        const bool is_too_full = load > shape_.limit(Room::slack);
        return taken + 2 * overload + (is_too_full ? too_full : 0);
    }

    const Shape& shape_;
    const SpareRequest& request_;
    HostId parent_;
};

void add_spare(std::vector<HostId>& spares, HostId spare) {
    if (spare == HostId{} || spares.size() >= spares_max) return;
    if (std::find(spares.begin(), spares.end(), spare) == spares.end()) spares.push_back(spare);
}

}  // namespace

Shape::Depth depth_bound(std::uint64_t hosts, std::uint32_t fanout) {
    Shape::Depth levels = 0;
    for (std::uint64_t reach = 1; reach < hosts; reach *= fanout) ++levels;
    return levels + 1;
}

std::optional<Placement> place_for_join(const Shape& shape) {
    if (const HostId parent = shape.best_parent(Room::fill); parent != HostId{})
        return Placement{parent};
    for (const Fitness fitness : willing)
        if (const HostId leaf = shape.best_leaf(fitness); leaf != HostId{})
            return Placement{leaf, true};
    if (const HostId parent = shape.best_parent(Room::fanout); parent != HostId{})
        return Placement{parent};
    if (const HostId leaf = shape.best_leaf(Fitness::last_resort); leaf != HostId{})
        return Placement{leaf, true};
    return std::nullopt;
}

std::optional<Placement> place_for_orphan(const Shape& shape, HostId host, Shape::Depth depth_max,
                                          HostId avoid) {
    const Shape::Depth levels = shape.height(host) + 1;
    for (const Shape::Depth bound : {depth_max, Shape::detached - 1}) {
        for (const Room room : {Room::fill, Room::fanout, Room::slack})
            if (const HostId parent = shape.best_parent(room, avoid);
                fits(shape, parent, levels, bound))
                return Placement{parent};
        for (const Fitness fitness : willing)
            if (const HostId leaf = shape.best_leaf(fitness, avoid);
                fits(shape, leaf, levels, bound))
                return Placement{leaf, true};
        // The host does not reach `avoid`; its leaves, which do, may reach the host.
        const bool may_promote_below =
            bound == depth_max && shape.is_open(avoid) && shape.depth(avoid) != Shape::detached;
        for (const Fitness fitness : willing)
            if (const HostId leaf = shape.best_leaf_of(avoid, fitness);
                may_promote_below && fits(shape, leaf, levels, bound))
                return Placement{leaf, true};
    }
    if (const HostId leaf = shape.best_leaf(Fitness::last_resort, avoid);
        fits(shape, leaf, levels, Shape::detached - 1))
        return Placement{leaf, true};
    return std::nullopt;
}

HostId choose_understudy(const Shape& shape) {
    for (const Fitness fitness : {Fitness::ready, Fitness::cooling, Fitness::last_resort}) {
        if (const HostId leaf = shape.best_leaf_of(shape.root(), fitness); leaf != HostId{})
            return leaf;
        if (const HostId leaf = shape.best_leaf(fitness); leaf != HostId{}) return leaf;
    }
    return {};
}

std::vector<HostId> spares_for(const Shape& shape, const SpareRequest& request) {
    std::vector<HostId> spares;
    const HostId parent = shape.parent(request.host);
    const Shape::Depth level = shape.depth(parent);
    if (level == Shape::detached) return spares;
    const SpareFinder finder{shape, request};
    if (level == 0) {
        if (request.understudy != request.host) add_spare(spares, request.understudy);
        for (std::size_t more = 0; more < 2; ++more) add_spare(spares, finder.best_at(1, spares));
        return spares;
    }
    add_spare(spares, finder.best_at(level, spares));
    const HostId above = shape.parent(parent);
    if (shape.is_open(above)) add_spare(spares, above);
    add_spare(spares, finder.best_at(level, spares));
    if (spares.size() < 2 && level > 1) add_spare(spares, finder.best_at(level - 1, spares));
    return spares;
}

}  // namespace coppice
