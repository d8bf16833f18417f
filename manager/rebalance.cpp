#include "manager/rebalance.h"

#include <algorithm>
#include <tuple>

namespace coppice {
namespace {

class Rebalance {
public:
    Rebalance(const Shape& shape, const ReshapingRequest& request) : tree_{shape, request} {}

    TreePlan run() {
        for (const HostId parent : overfull()) relieve(parent);
        raise();
        for (const HostId branch : small_branches()) dissolve(branch);
        return tree_.finish();
    }

private:
    [[nodiscard]] const Shape& shape() const { return tree_.shape(); }
    [[nodiscard]] std::size_t children(HostId parent) const {
        return shape().children(parent).size();
    }
    [[nodiscard]] std::string name(HostId host) const { return tree_.request().name_of(host); }

    /// True when a move may be made; otherwise it is noted that there is more to do.
    bool has_move_left() {
        if (tree_.moves_left() > 0) return true;
        tree_.note_bounded();
        return false;
    }

    // --- 1 --------------------------------------------------------------------------------------

    [[nodiscard]] std::vector<HostId> overfull() const {
        std::vector<HostId> parents;
        for (const HostId host : tree_.hosts())
            if (children(host) > shape().limit(Room::fill)) parents.push_back(host);
        std::sort(parents.begin(), parents.end(), [this](HostId left, HostId right) {
            const auto rank = [this](HostId host) {
                return std::tuple{-static_cast<std::int64_t>(children(host)), shape().tie(host)};
            };
            return rank(left) < rank(right);
        });
        return parents;
    }

    /// Leaves first, in an order given by the seed.
    [[nodiscard]] std::vector<HostId> movable_children(HostId parent) const {
        std::vector<HostId> movable;
        for (const HostId child : shape().children(parent))
            if (tree_.may_move(child)) movable.push_back(child);
        std::sort(movable.begin(), movable.end(), [this](HostId left, HostId right) {
            return std::tuple{shape().is_interior(left), shape().tie(left)} <
                   std::tuple{shape().is_interior(right), shape().tie(right)};
        });
        return movable;
    }

    void relieve(HostId parent) {
        const std::size_t count = children(parent);
        const bool may_deepen = count > shape().limit(Room::fanout);
        const std::string why =
            name(parent) + " has " + std::to_string(count) + " children, above its " +
            (may_deepen ? "fan-out of " + std::to_string(shape().limit(Room::fanout))
                        : "fill of " + std::to_string(shape().limit(Room::fill)));
        for (const HostId child : movable_children(parent)) {
            if (children(parent) <= shape().limit(Room::fill)) return;
            if (!tree_.may_move(child)) continue;  // it is promoted meanwhile
            const HostId heir = heir_for(child, parent, may_deepen);
            if (heir == HostId{}) continue;
            if (!has_move_left()) return;
            tree_.move(child, heir, why);
        }
    }

    /// Who takes a child of an overfull parent; zero: nobody.
    HostId heir_for(HostId child, HostId parent, bool may_deepen) {
        const HostId best = shape().best_parent(Room::fill, parent);
        const bool is_near = best != HostId{} && shape().depth(best) <= shape().depth(parent);
        if (best != HostId{} && (is_near || may_deepen) && tree_.fits(child, best)) return best;
        if (!may_deepen || best != HostId{}) return {};
        const HostId leaf = shape().best_leaf_of(parent, Fitness::ready);
        if (leaf == HostId{} || leaf == child || !tree_.fits(child, leaf)) return {};
        if (!has_move_left()) return {};
        tree_.promote(leaf);
        return leaf;
    }

    // --- 2 --------------------------------------------------------------------------------------

    struct Deep {
        HostId host;
        Shape::Depth depth = 0;
        Shape::Depth deepest = 0;  // of what is below it
    };

    /// Those that are two levels or more below a parent with room, the deepest first.
    [[nodiscard]] std::vector<Deep> deep_hosts(Shape::Depth best) const {
        std::vector<Deep> deep;
        for (const HostId host : tree_.hosts()) {
            const Shape::Depth depth = shape().depth(host);
            if (depth > best + 1 && tree_.may_move(host))
                deep.push_back({host, depth, depth + shape().height(host)});
        }
        std::sort(deep.begin(), deep.end(), [this](const Deep& left, const Deep& right) {
            const auto rank = [this](const Deep& one) {
                return std::tuple{-static_cast<std::int64_t>(one.deepest), one.depth,
                                  shape().tie(one.host)};
            };
            return rank(left) < rank(right);
        });
        return deep;
    }

    void raise() {
        const HostId first = shape().best_parent(Room::fill);
        if (first == HostId{}) return;
        for (const Deep& deep : deep_hosts(shape().depth(first))) {
            const HostId parent = shape().best_parent(Room::fill);
            if (parent == HostId{}) return;
            const Shape::Depth depth = shape().depth(parent) + 1;
            if (depth >= deep.depth || !tree_.may_move(deep.host)) continue;
            if (!has_move_left()) return;
            tree_.move(deep.host, parent,
                       "nearer the root: depth " + std::to_string(depth) + " instead of " +
                           std::to_string(deep.depth));
        }
    }

    // --- 3 --------------------------------------------------------------------------------------

    [[nodiscard]] std::size_t small() const {
        constexpr std::uint32_t part = 8;
        return std::max<std::size_t>(shape().limit(Room::fill) / part, 1);
    }

    [[nodiscard]] bool is_small(HostId branch) const {
        const std::vector<HostId>& below = shape().children(branch);
        return branch != shape().root() && !below.empty() && below.size() <= small() &&
               tree_.request().may_move(branch) && !tree_.is_carried(branch) &&
               std::all_of(below.begin(), below.end(), [this](HostId child) {
                   return !shape().is_interior(child) && tree_.may_move(child);
               });
    }

    /// The smallest first, of these the deepest.
    [[nodiscard]] std::vector<HostId> small_branches() {
        std::vector<HostId> branches;
        for (const HostId host : tree_.hosts()) {
            if (is_small(host)) branches.push_back(host);
            if (!shape().is_open(host)) continue;
            const std::size_t fill = shape().limit(Room::fill);
            const Shape::Depth depth = shape().depth(host);
            if (room_.size() <= depth) room_.resize(std::size_t{depth} + 1);
            room_[depth] += fill - std::min(fill, children(host));
        }
        std::sort(branches.begin(), branches.end(), [this](HostId left, HostId right) {
            const auto rank = [this](HostId host) {
                return std::tuple{children(host), -static_cast<std::int64_t>(shape().depth(host)),
                                  shape().tie(host)};
            };
            return rank(left) < rank(right);
        });
        return branches;
    }

    void dissolve(HostId branch) {
        const std::vector<HostId> below = shape().children(branch);
        const Shape::Depth depth = shape().depth(branch);
        const std::size_t own =
            shape().is_open(branch) ? shape().limit(Room::fill) - below.size() : 0;
        std::size_t room = 0;
        for (Shape::Depth level = 0; level <= depth && level < room_.size(); ++level)
            room += room_[level];
        const bool is_worth_it = is_small(branch) && room >= own + 2 * below.size();
        if (!is_worth_it) return;
        if (tree_.moves_left() < below.size()) return tree_.note_bounded();
        tree_.close(branch);
        room_[depth] -= own;
        for (const HostId child : below) {
            const HostId parent = shape().best_parent(Room::fill);
            --room_[shape().depth(parent)];
            tree_.move(child, parent,
                       name(branch) + " has only " + std::to_string(below.size()) +
                           (below.size() == 1 ? " child" : " children") + " and becomes a leaf");
        }
        tree_.dissolve(branch);
    }

    Reshaping tree_;
    std::vector<std::size_t> room_;  // of open parents, by depth, before any is dissolved
};

}  // namespace

TreePlan plan_rebalance(const Shape& shape, const ReshapingRequest& request) {
    return Rebalance{shape, request}.run();
}

}  // namespace coppice
