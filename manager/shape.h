#pragma once
// The tree as placement sees it: who is below whom, and where there is room, in ordered indexes.

#include <array>
#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include "common/ids.h"

namespace coppice {

struct ShapeLimits {
    std::uint32_t fill = 28;    // children that placement gives a parent
    std::uint32_t fanout = 32;  // children that a parent may have
    std::uint32_t slack = 8;    // adopted orphans above that
    std::uint64_t seed = 1;     // breaks ties
};

/// How willingly a leaf is made a branch, best first. The last resort are hosts that should hold no
/// role, when nobody else is left.
enum class Fitness : std::uint8_t { ready, cooling, joining, understudy, last_resort, unfit };
/// Up to how many children a parent is asked for.
enum class Room : std::uint8_t { fill, fanout, slack };

/// A forest: the tree below the root, and the subtrees of orphans, which are in no index until they
/// are attached again. Depths of whole subtrees follow at once; only interior hosts are visited for
/// it.
class Shape {
public:
    using Depth = std::uint32_t;
    static constexpr Depth detached = std::numeric_limits<Depth>::max();

    explicit Shape(ShapeLimits limits) : limits_{limits} {}

    /// A leaf without a parent, closed, never to be promoted. Requires that it is not here yet.
    void add(HostId host);
    /// Its children are orphans then.
    void remove(HostId host);
    /// Becomes interior at depth zero. Requires that there is no root.
    void make_root(HostId host);
    /// Leaves its former parent. Requires an interior parent outside the host's subtree.
    void attach(HostId host, HostId parent);
    /// An orphan then, with its subtree; a root stops being one.
    void detach(HostId host);
    /// To interior, or back to leaf, which requires that it has no children.
    void set_interior(HostId host, bool is_interior);
    /// Open interior hosts are offered as parents and as spares.
    void set_open(HostId host, bool is_open);
    void set_fitness(HostId host, Fitness fitness);

    [[nodiscard]] bool contains(HostId host) const;
    [[nodiscard]] HostId root() const { return root_; }
    /// Zero for the root, orphans and unknown hosts.
    [[nodiscard]] HostId parent(HostId host) const;
    [[nodiscard]] const std::vector<HostId>& children(HostId host) const;
    /// Links to the root; `detached` without one.
    [[nodiscard]] Depth depth(HostId host) const;
    [[nodiscard]] bool is_interior(HostId host) const;
    [[nodiscard]] bool is_open(HostId host) const;
    /// Levels below the host.
    [[nodiscard]] Depth height(HostId host) const;
    /// True when `ancestor` is the host itself or above it.
    [[nodiscard]] bool is_within(HostId host, HostId ancestor) const;
    [[nodiscard]] std::uint32_t limit(Room room) const;
    [[nodiscard]] const ShapeLimits& limits() const { return limits_; }

    /// The open interior host of smallest depth with that much room, ties by seed; zero when there
    /// is none but `avoid`.
    [[nodiscard]] HostId best_parent(Room room, HostId avoid = {}) const;
    /// The leaf of smallest depth of that fitness below an open parent other than `avoid`, ties by
    /// seed; zero when there is none.
    [[nodiscard]] HostId best_leaf(Fitness fitness, HostId avoid = {}) const;
    [[nodiscard]] HostId best_leaf_of(HostId parent, Fitness fitness) const;
    /// Open interior hosts of one depth, in an order given by the seed.
    [[nodiscard]] const std::vector<HostId>& open_at(Depth depth) const;
    /// The order of hosts that are otherwise alike.
    [[nodiscard]] std::uint64_t tie(HostId host) const;

private:
    struct Place {
        Depth depth = detached;
        std::uint64_t tie = 0;
        HostId host;
        friend auto operator<=>(const Place&, const Place&) = default;
    };
    static constexpr std::size_t rooms = 3;
    static constexpr std::size_t grades = 5;  // fitness that can be promoted

    struct Node {
        bool is_present = false;
        bool is_interior = false;
        bool is_open = false;
        Fitness fitness = Fitness::unfit;
        HostId parent;
        Depth depth = detached;  // of interior hosts; a leaf's follows from its parent
        std::vector<HostId> children;
        std::array<std::uint32_t, grades> leaves{};  // children that are leaves, by fitness
        std::uint32_t listed = 0;                    // one bit for each index that it is in
        Depth listed_depth = detached;
    };

    [[nodiscard]] const Node* find(HostId host) const;
    [[nodiscard]] Node& at(HostId host);
    void count_leaf(HostId parent, Fitness fitness, bool is_added);
    void set_depth(HostId host, Depth depth);
    void list(HostId host);
    void relist(HostId host, std::size_t index, bool is_wanted, const Place& place);

    ShapeLimits limits_;
    std::vector<Node> nodes_;  // by host id
    HostId root_;
    std::array<std::set<Place>, rooms> rooms_;
    std::array<std::set<Place>, grades> leaves_;  // parents that have such a leaf
    std::vector<std::vector<HostId>> levels_;     // open interior hosts by depth, sorted by tie
};

}  // namespace coppice
