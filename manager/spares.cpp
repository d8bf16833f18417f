// Spares: who takes a host in when its parent dies; the order is in placement.h.

#include <algorithm>
#include <array>
#include <span>

#include "manager/placement.h"

namespace coppice {
namespace {

/// Where a spare is looked for: in one domain, and not in another.
struct Area {
    Domains::Id domain = Domains::fleet;
    std::optional<Domains::Id> outside;
};

/// Open interior hosts of one depth, from the parent's own rank on, so that neighbours differ.
class SpareFinder {
public:
    SpareFinder(const Shape& shape, const SpareRequest& request)
        : shape_{shape},
          request_{request},
          parent_{shape.parent(request.host)},
          is_childless_{shape.children(request.host).empty()} {}

    /// The best at that depth: not taken before taken, with room before full. Zero: none.
    [[nodiscard]] HostId best_at(Shape::Depth depth, const std::vector<HostId>& chosen,
                                 const Area& area = {}) const {
        constexpr std::size_t tries_max = 64;
        const std::vector<HostId>& level = shape_.open_at(depth, area.domain);
        if (level.empty()) return {};
        const std::size_t start = shape_.tie(request_.host) % level.size();
        HostId best;
        std::size_t best_cost = 0;
        for (std::size_t step = 0; step < std::min(level.size(), tries_max); ++step) {
            const HostId candidate = level[(start + step) % level.size()];
            if (!may_be(candidate) || contains(chosen, candidate)) continue;
            if (area.outside && shape_.is_in(candidate, *area.outside)) continue;
            const std::size_t cost = cost_of(candidate);
            if (cost >= too_full && area.domain != Domains::fleet) continue;
            if (best == HostId{} || cost < best_cost) {
                best = candidate;
                best_cost = cost;
            }
            if (best_cost == 0) break;
        }
        return best;
    }

private:
    static constexpr std::size_t too_full = 1000;

    [[nodiscard]] static bool contains(const std::vector<HostId>& hosts, HostId host) {
        return std::find(hosts.begin(), hosts.end(), host) != hosts.end();
    }
    [[nodiscard]] bool may_be(HostId candidate) const {
        if (candidate == parent_) return false;
        return is_childless_ ? candidate != request_.host
                             : !shape_.is_within(candidate, request_.host);
    }
    /// Its load when the siblings come as well: none above the fan-out is best, and none taken.
    [[nodiscard]] std::size_t cost_of(HostId candidate) const {
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
    bool is_childless_;
};

void add_spare(std::vector<HostId>& spares, HostId spare) {
    if (spare == HostId{} || spares.size() >= spares_max) return;
    if (std::find(spares.begin(), spares.end(), spare) == spares.end()) spares.push_back(spare);
}

/// The nearest of the domains round the host that has a spare at one of these depths.
HostId nearest_spare(const Shape& shape, const SpareFinder& finder,
                     std::span<const Shape::Depth> depths, const std::vector<HostId>& chosen,
                     std::pair<Domains::Id, std::optional<Domains::Id>> from) {
    for (Domains::Id domain = from.first;; domain = shape.domains().outer(domain)) {
        for (const Shape::Depth depth : depths)
            if (const HostId spare = finder.best_at(depth, chosen, {domain, from.second});
                spare != HostId{})
                return spare;
        if (domain == Domains::fleet) return {};
    }
}

std::vector<HostId> spares_by_domain(const Shape& shape, const SpareRequest& request,
                                     const SpareFinder& finder) {
    std::vector<HostId> spares;
    spares.reserve(spares_max);
    const HostId parent = shape.parent(request.host);
    const Shape::Depth level = shape.depth(parent);
    const Domains::Id own = shape.domain(request.host);
    const std::array<Shape::Depth, 2> both{std::max<Shape::Depth>(level, 1), level - 1};
    const std::span<const Shape::Depth> depths{both.data(), level > 1 ? 2U : 1U};
    if (level == 0 && request.understudy != request.host) add_spare(spares, request.understudy);
    add_spare(spares, nearest_spare(shape, finder, depths, spares, {own, std::nullopt}));
    if (own != Domains::fleet)
        add_spare(spares,
                  nearest_spare(shape, finder, depths, spares, {shape.domains().outer(own), own}));
    const HostId above = shape.parent(parent);
    if (shape.is_open(above)) add_spare(spares, above);
    if (spares.size() < spares_max) add_spare(spares, finder.best_at(depths.front(), spares));
    return spares;
}

}  // namespace

std::vector<HostId> spares_for(const Shape& shape, const SpareRequest& request) {
    std::vector<HostId> spares;
    const HostId parent = shape.parent(request.host);
    const Shape::Depth level = shape.depth(parent);
    if (level == Shape::detached) return spares;
    const SpareFinder finder{shape, request};
    if (shape.domains().has_path()) return spares_by_domain(shape, request, finder);
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
