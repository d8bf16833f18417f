#pragma once
// The tree as it was at one time, from what each host was then.

#include <cstdint>
#include <string>
#include <vector>

#include "common/timeline.h"

namespace coppice {

struct PastHost {
    HostId id;
    std::string name;
    HostCondition condition;
    std::string parent;  // its name; empty: none
};

struct PastTree {
    struct Node {
        PastHost host;
        std::uint32_t children = 0;
    };
    std::uint64_t generation = 0;  // the newest in which a host became what it was then
    std::uint32_t depth = 0;       // links from the root to the farthest host
    std::uint32_t max_children = 0;
    std::string root;  // empty: there was none
    /// Parents before children, from the root on; then who had no way to it. Without hosts that
    /// were lost or had left: they have no place.
    std::vector<Node> nodes;
};

/// `hosts` by id. Where an older release did not write roles, the root is who had no parent and the
/// most children.
[[nodiscard]] PastTree past_tree(std::vector<PastHost> hosts);

}  // namespace coppice
