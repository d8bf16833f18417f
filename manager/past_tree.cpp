#include "manager/past_tree.h"

#include <algorithm>
#include <map>
#include <utility>

namespace coppice {
namespace {

/// The hosts that have a place, by their order in `hosts`.
class Links {
public:
    explicit Links(const std::vector<PastHost>& hosts)
        : hosts_{hosts}, children_(hosts.size()), is_ordered_(hosts.size()) {
        std::map<HostId, std::size_t> index;
        for (std::size_t i = 0; i < hosts.size(); ++i) index.emplace(hosts[i].id, i);
        for (std::size_t i = 0; i < hosts.size(); ++i) {
            const auto parent = index.find(hosts[i].condition.parent);
            if (parent == index.end())
                tops_.push_back(i);
            else
                children_[parent->second].push_back(i);
        }
    }

    /// Without a parent that is there.
    [[nodiscard]] const std::vector<std::size_t>& tops() const { return tops_; }
    [[nodiscard]] std::size_t children(std::size_t host) const { return children_[host].size(); }

    /// What is below a host, with it, parents first, and its depth; what was ordered before is left
    /// out.
    std::vector<std::pair<std::size_t, std::uint32_t>> order_from(std::size_t top) {
        std::vector<std::pair<std::size_t, std::uint32_t>> order;
        const auto add = [&](std::size_t host, std::uint32_t depth) {
            if (is_ordered_[host]) return;
            is_ordered_[host] = true;
            order.emplace_back(host, depth);
        };
        add(top, 0);
        for (std::size_t next = 0; next < order.size(); ++next) {
            const auto [host, depth] = order[next];
            for (const std::size_t child : children_[host]) add(child, depth + 1);
        }
        return order;
    }

    /// One of the tops; the number of hosts when there was no root.
    [[nodiscard]] std::size_t root() const {
        std::size_t found = hosts_.size();
        for (const std::size_t top : tops_)
            if (weight(top) > (found < hosts_.size() ? weight(found) : Weight{})) found = top;
        return found;
    }

private:
    using Weight = std::pair<bool, std::size_t>;

    [[nodiscard]] Weight weight(std::size_t top) const {
        const std::optional<Role>& role = hosts_[top].condition.role;
        if (role && *role != Role::root) return {};
        return {role.has_value(), children(top)};
    }

    const std::vector<PastHost>& hosts_;
    std::vector<std::vector<std::size_t>> children_;
    std::vector<std::size_t> tops_;
    std::vector<bool> is_ordered_;
};

bool has_place(const PastHost& host) {
    return host.condition.state != HostState::lost && host.condition.state != HostState::left;
}

}  // namespace

PastTree past_tree(std::vector<PastHost> hosts) {
    PastTree tree;
    for (const PastHost& host : hosts)
        tree.generation = std::max(tree.generation, host.condition.generation);
    std::erase_if(hosts, [](const PastHost& host) { return !has_place(host); });
    Links links{hosts};
    const auto add_from = [&](std::size_t top) {
        std::uint32_t depth = 0;
        for (const auto& [host, below] : links.order_from(top)) {
            const auto children = static_cast<std::uint32_t>(links.children(host));
            tree.max_children = std::max(tree.max_children, children);
            tree.nodes.push_back({hosts[host], children});
            depth = below;
        }
        return depth;
    };
    if (const std::size_t root = links.root(); root < hosts.size()) {
        tree.root = hosts[root].name;
        tree.depth = add_from(root);
    }
    for (const std::size_t top : links.tops()) add_from(top);
    // Rows of one time may be of several commits: what they say need not be a tree.
    for (std::size_t host = 0; host < hosts.size(); ++host) add_from(host);
    return tree;
}

}  // namespace coppice
