#pragma once
// The tree as placement sees it: who is below whom, and where there is room, in ordered indexes.

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "common/ids.h"
#include "manager/domains.h"
#include "manager/place_index.h"

namespace coppice {

struct ShapeLimits {
    std::uint32_t fill = 28;    // children that placement gives a parent
    std::uint32_t fanout = 32;  // children that a parent may have
    std::uint32_t slack = 8;    // adopted orphans above that
    std::uint64_t seed = 1;     // breaks ties
};

/// A place that is looked for.
struct Need {
    /// Only parents in this domain.
    Domains::Id domain = Domains::fleet;
    /// The parent is at most so far from the root.
    std::uint32_t depth_max = std::numeric_limits<std::uint32_t>::max() - 1;
    /// Not this parent, nor a leaf below it.
    HostId avoid;
    /// Nobody of the subtree of this host; zero: it is detached, so nobody of it is offered.
    HostId apart_from;
};

/// A forest: the tree below the root, and the subtrees of orphans, which are in no index until they
/// are attached again. Depths of whole subtrees follow at once; only interior hosts are visited for
/// it.
///
/// With a path of failure domains there is an index for each domain. An interior host heads the
/// domains that it is in and its parent is not; it serves the outermost of them, or its innermost
/// domain when it heads none. For that domain it has room up to the limit. For one further in it
/// has room for an eighth of the fill, and for one further out for half of it, so that who heads
/// much is not filled by its neighbours, nor those who head little by others.
class Shape {
public:
    using Depth = std::uint32_t;
    static constexpr Depth detached = std::numeric_limits<Depth>::max();

    explicit Shape(ShapeLimits limits, std::vector<std::string> domain_path = {})
        : limits_{limits}, domains_{std::move(domain_path)}, indexes_(1) {}

    /// A leaf without a parent, closed, never to be promoted. Requires that it is not here yet.
    void add(HostId host, const Labels& labels = {});
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
    /// Its failure domain may be another then; where it is in the tree does not change.
    void set_labels(HostId host, const Labels& labels);

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

    [[nodiscard]] const Domains& domains() const { return domains_; }
    /// The innermost of a host.
    [[nodiscard]] Domains::Id domain(HostId host) const;
    /// Requires that the host is here.
    [[nodiscard]] bool is_in(HostId host, Domains::Id domain) const;

    /// The open interior host with that much room: by duty, then of smallest depth, ties by seed;
    /// zero when there is none. Without domains all duties are alike.
    [[nodiscard]] HostId best_parent(Room room, const Need& need = {}) const;
    /// The leaf of smallest depth of that fitness below an open parent, ties by seed; zero when
    /// there is none.
    [[nodiscard]] HostId best_leaf(Fitness fitness, const Need& need = {}) const;
    /// A child of that parent, in that domain.
    [[nodiscard]] HostId best_leaf_of(HostId parent, Fitness fitness,
                                      Domains::Id domain = Domains::fleet) const;
    /// Open interior hosts of one depth, in an order given by the seed.
    [[nodiscard]] const std::vector<HostId>& open_at(Depth depth,
                                                     Domains::Id domain = Domains::fleet) const;
    /// The order of hosts that are otherwise alike.
    [[nodiscard]] std::uint64_t tie(HostId host) const;

private:
    struct Node {
        bool is_present = false;
        bool is_interior = false;
        bool is_open = false;
        Fitness fitness = Fitness::unfit;
        std::uint16_t listed = 0;        // one bit for each index that it is in
        std::uint8_t listed_serves = 0;  // the level of the domain that it serves
        HostId parent;
        Depth depth = detached;  // of interior hosts; a leaf's follows from its parent
        Depth listed_depth = detached;
        Domains::Id domain = Domains::fleet;
        std::vector<HostId> children;
        std::array<std::uint32_t, grades> leaves{};  // children that are leaves, by fitness
    };

    [[nodiscard]] const Node* find(HostId host) const;
    [[nodiscard]] Node& at(HostId host);
    [[nodiscard]] Domains::Id domain_of(const Labels& labels);
    [[nodiscard]] bool is_excluded(HostId parent, const Need& need) const;
    [[nodiscard]] Candidate best_stray(Fitness fitness, const Need& need) const;
    void count_leaf(HostId parent, Fitness fitness, bool is_added);
    void set_depth(HostId host, Depth depth);
    void set_stray(HostId host, bool is_listed);
    [[nodiscard]] Domains::Level serves(const Node& node) const;
    [[nodiscard]] std::uint16_t wanted(const Node& node, Domains::Level serves) const;
    void list(HostId host);
    void relist(HostId host, std::uint16_t wanted);
    void list_at_level(HostId host, Domains::Id domain, bool is_listed);

    ShapeLimits limits_;
    Domains domains_;
    std::vector<Node> nodes_;  // by host id
    HostId root_;
    std::vector<PlaceIndex> indexes_;  // by domain
};

}  // namespace coppice
