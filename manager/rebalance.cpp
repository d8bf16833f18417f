#include "manager/rebalance.h"

#include <algorithm>
#include <tuple>

#include "manager/placement.h"

namespace coppice {
namespace {

class Rebalance {
public:
    Rebalance(const Shape& shape, const ReshapingRequest& request) : tree_{shape, request} {}

    TreePlan run() {
        for (const HostId parent : overfull()) relieve(parent);
        if (shape().domains().has_path())
            for (const HostId host : tree_.hosts()) bring_home(host);
        for (const HostId host : deepest_first()) raise(host);
        for (const HostId branch : small_branches()) dissolve(branch);
        return tree_.finish();
    }

private:
    [[nodiscard]] const Shape& shape() const { return tree_.shape(); }
    [[nodiscard]] std::size_t children(HostId parent) const {
        return shape().children(parent).size();
    }
    [[nodiscard]] std::string name(HostId host) const { return tree_.request().name_of(host); }

    /// The innermost failure domain that the host shares with that parent.
    [[nodiscard]] Domains::Id shared(HostId host, HostId parent) const {
        const Domains& domains = shape().domains();
        const Domains::Id own = shape().domain(host);
        return domains.at(own, domains.common(own, shape().domain(parent)));
    }

    /// True when a move may be made; otherwise it is noted that there is more to do.
    bool has_move_left() {
        if (tree_.moves_left() > 0) return true;
        tree_.note_bounded();
        return false;
    }

    /// These hosts in order of what `rank` says, the smallest first.
    template <class Rank>
    static void sort_by(std::vector<HostId>& hosts, Rank rank) {
        std::sort(hosts.begin(), hosts.end(),
                  [&rank](HostId left, HostId right) { return rank(left) < rank(right); });
    }

    // --- 1 --------------------------------------------------------------------------------------

    [[nodiscard]] std::vector<HostId> overfull() const {
        std::vector<HostId> parents;
        for (const HostId host : tree_.hosts())
            if (children(host) > shape().limit(Room::fill)) parents.push_back(host);
        sort_by(parents, [this](HostId host) {
            return std::tuple{-static_cast<std::int64_t>(children(host)), shape().tie(host)};
        });
        return parents;
    }

    /// Leaves first, in an order given by the seed.
    [[nodiscard]] std::vector<HostId> movable_children(HostId parent) const {
        std::vector<HostId> movable;
        for (const HostId child : shape().children(parent))
            if (tree_.may_move(child)) movable.push_back(child);
        sort_by(movable, [this](HostId host) {
            return std::tuple{shape().is_interior(host), shape().tie(host)};
        });
        return movable;
    }

    void relieve(HostId parent) {
        const std::size_t count = children(parent);
        const bool is_urgent = count > shape().limit(Room::fanout);
        const std::string why =
            name(parent) + " has " + std::to_string(count) + " children, above its " +
            (is_urgent ? "fan-out of " + std::to_string(shape().limit(Room::fanout))
                       : "fill of " + std::to_string(shape().limit(Room::fill)));
        for (const HostId child : movable_children(parent)) {
            if (children(parent) <= shape().limit(Room::fill)) return;
            if (!tree_.may_move(child)) continue;  // it is promoted meanwhile
            const HostId heir = heir_for(child, parent, is_urgent);
            if (heir == HostId{}) continue;
            if (!has_move_left()) return;
            tree_.move(child, heir, why);
        }
    }

    /// Who takes a child of an overfull parent; zero: nobody. Beyond the failure domain that it
    /// shares with the parent only while that is above the fan-out.
    HostId heir_for(HostId child, HostId parent, bool is_urgent) {
        const Domains::Id domain = shared(child, parent);
        if (const HostId near = best_for(child, domain, shape().depth(parent)); near != HostId{})
            return near;
        if (!is_urgent) return {};
        const Shape::Depth deepest = tree_.request().depth_max;
        if (const HostId deep = best_for(child, domain, deepest); deep != HostId{}) return deep;
        const HostId leaf = shape().best_leaf_of(parent, Fitness::ready, domain);
        if (leaf != HostId{} && leaf != child && tree_.fits(child, leaf)) {
            if (!has_move_left()) return {};
            tree_.promote(leaf);
            return leaf;
        }
        const bool is_above = children(parent) > shape().limit(Room::fanout);
        return is_above ? best_for(child, Domains::fleet, deepest) : HostId{};
    }

    /// The best parent of a domain, no deeper than that, with room; zero: none.
    [[nodiscard]] HostId best_for(HostId host, Domains::Id domain, Shape::Depth depth_max) const {
        const Need need{.domain = domain,
                        .depth_max = depth_max,
                        .avoid = shape().parent(host),
                        .apart_from = host};
        const HostId best = shape().best_parent(Room::fill, need);
        return best != HostId{} && tree_.fits(host, best) ? best : HostId{};
    }

    // --- 2 --------------------------------------------------------------------------------------

    void bring_home(HostId host) {
        if (!tree_.may_move(host)) return;
        const auto better = better_parent(shape(), host, tree_.request().depth_max);
        if (!better || !has_move_left()) return;
        if (better->is_promotion) tree_.promote(better->parent);
        tree_.move(host, better->parent,
                   "stays in " + shape().domains().text(shared(host, better->parent)));
    }

    // --- 3 --------------------------------------------------------------------------------------

    /// Where a host would be nearer to the root; zero: nowhere.
    [[nodiscard]] HostId higher_parent(HostId host) const {
        constexpr Shape::Depth levels = 2;  // from its parent's parent on up
        const Shape::Depth depth = shape().depth(host);
        if (depth < levels || !tree_.may_move(host)) return {};
        return best_for(host, shared(host, shape().parent(host)), depth - levels);
    }

    /// Those that have a place nearer the root: who has the deepest hosts below it, then who is
    /// nearest to the root.
    [[nodiscard]] std::vector<HostId> deepest_first() const {
        std::vector<HostId> hosts;
        for (const HostId host : tree_.hosts())
            if (higher_parent(host) != HostId{}) hosts.push_back(host);
        sort_by(hosts, [this](HostId host) {
            const Shape::Depth depth = shape().depth(host);
            return std::tuple{-static_cast<std::int64_t>(depth + shape().height(host)), depth,
                              shape().tie(host)};
        });
        return hosts;
    }

    void raise(HostId host) {
        const HostId parent = higher_parent(host);
        if (parent == HostId{} || !has_move_left()) return;
        tree_.move(host, parent,
                   "nearer the root: depth " + std::to_string(shape().depth(parent) + 1) +
                       " instead of " + std::to_string(shape().depth(host)));
    }

    // --- 4 --------------------------------------------------------------------------------------

    [[nodiscard]] bool is_small(HostId branch) const {
        constexpr std::uint32_t part = 8;
        const std::size_t most = std::max<std::size_t>(shape().limit(Room::fill) / part, 1);
        const std::vector<HostId>& below = shape().children(branch);
        return branch != shape().root() && !below.empty() && below.size() <= most &&
               tree_.request().may_move(branch) && !tree_.is_carried(branch) &&
               std::all_of(below.begin(), below.end(), [this](HostId child) {
                   return !shape().is_interior(child) && tree_.may_move(child);
               });
    }

    /// The smallest first, of these the deepest.
    [[nodiscard]] std::vector<HostId> small_branches() const {
        std::vector<HostId> branches;
        for (const HostId host : tree_.hosts())
            if (is_small(host)) branches.push_back(host);
        sort_by(branches, [this](HostId host) {
            return std::tuple{children(host), -static_cast<std::int64_t>(shape().depth(host)),
                              shape().tie(host)};
        });
        return branches;
    }

    void dissolve(HostId branch) {
        if (!is_small(branch)) return;
        const std::vector<HostId> below = shape().children(branch);
        std::vector<HostId> heirs;
        for (const HostId child : below) {
            const HostId heir = best_for(child, shared(child, branch), shape().depth(branch));
            const bool has_room =
                heir != HostId{} && children(heir) + 2 * below.size() <= shape().limit(Room::fill);
            if (!has_room) return;
            heirs.push_back(heir);
        }
        if (tree_.moves_left() < below.size()) return tree_.note_bounded();
        for (std::size_t i = 0; i < below.size(); ++i)
            tree_.move(below[i], heirs[i],
                       name(branch) + " has only " + std::to_string(below.size()) +
                           (below.size() == 1 ? " child" : " children") + " and becomes a leaf");
        tree_.dissolve(branch);
    }

    Reshaping tree_;
};

}  // namespace

TreePlan plan_rebalance(const Shape& shape, const ReshapingRequest& request) {
    return Rebalance{shape, request}.run();
}

}  // namespace coppice
