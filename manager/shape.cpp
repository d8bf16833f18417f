// Keeps the forest and its indexes in step.

#include "manager/shape.h"

#include <algorithm>

#include "common/ensure.h"
#include "common/random.h"

namespace coppice {

std::uint64_t Shape::tie(HostId host) const {
    return Random{limits_.seed * 0x100000001b3ULL + host.value}.next();
}

const Shape::Node* Shape::find(HostId host) const {
    if (host.value >= nodes_.size() || !nodes_[host.value].is_present) return nullptr;
    return &nodes_[host.value];
}

Shape::Node& Shape::at(HostId host) {
    COPPICE_ENSURE(find(host) != nullptr, "a host is handled that is not in the shape");
    return nodes_[host.value];
}

void Shape::add(HostId host, const Labels& labels) {
    COPPICE_ENSURE(host != manager_host && !contains(host), "a host is added twice to the shape");
    if (host.value >= nodes_.size()) nodes_.resize(std::size_t{host.value} + 1);
    nodes_[host.value].is_present = true;
    nodes_[host.value].domain = domain_of(labels);
}

void Shape::remove(HostId host) {
    detach(host);
    const std::vector<HostId> orphans = at(host).children;
    for (const HostId orphan : orphans) detach(orphan);
    nodes_[host.value] = Node{};
}

void Shape::make_root(HostId host) {
    COPPICE_ENSURE(root_ == HostId{}, "a cell has one root");
    detach(host);
    root_ = host;
    at(host).is_interior = true;
    set_depth(host, 0);
}

void Shape::attach(HostId host, HostId parent) {
    detach(host);
    COPPICE_ENSURE(is_interior(parent) && !is_within(parent, host),
                   "a parent must be interior, without a cycle");
    Node& above = at(parent);
    Node& node = at(host);
    node.parent = parent;
    above.children.push_back(host);
    if (node.is_interior) {
        if (above.depth != detached) set_depth(host, above.depth + 1);
    } else {
        count_leaf(parent, node.fitness, true);
        set_stray(host, true);
    }
    list(parent);
}

void Shape::detach(HostId host) {
    Node& node = at(host);
    if (root_ == host) root_ = {};
    const HostId parent = node.parent;
    if (parent != HostId{}) {
        if (!node.is_interior) set_stray(host, false);
        std::vector<HostId>& siblings = at(parent).children;
        siblings.erase(std::find(siblings.begin(), siblings.end(), host));
        node.parent = {};
        if (!node.is_interior) count_leaf(parent, node.fitness, false);
        list(parent);
    }
    if (node.is_interior) set_depth(host, detached);
}

void Shape::set_interior(HostId host, bool is_interior) {
    Node& node = at(host);
    if (node.is_interior == is_interior) return;
    COPPICE_ENSURE(node.children.empty(), "a host with children cannot become a leaf");
    const Depth depth_now = depth(host);
    if (is_interior) set_stray(host, false);
    if (node.parent != HostId{}) count_leaf(node.parent, node.fitness, !is_interior);
    node.is_interior = is_interior;
    node.depth = is_interior ? depth_now : detached;
    if (!is_interior) set_stray(host, true);
    list(host);
    if (node.parent != HostId{}) list(node.parent);
}

void Shape::set_open(HostId host, bool is_open) {
    Node& node = at(host);
    if (node.is_open == is_open) return;
    node.is_open = is_open;
    list(host);
}

void Shape::set_fitness(HostId host, Fitness fitness) {
    Node& node = at(host);
    if (node.fitness == fitness) return;
    const bool is_counted = !node.is_interior && node.parent != HostId{};
    if (is_counted) count_leaf(node.parent, node.fitness, false);
    node.fitness = fitness;
    if (!is_counted) return;
    count_leaf(node.parent, fitness, true);
    list(node.parent);
}

void Shape::set_labels(HostId host, const Labels& labels) {
    Node& node = at(host);
    const Domains::Id domain = domain_of(labels);
    if (domain == node.domain) return;
    const auto set_strays = [&](bool is_listed) {
        if (!node.is_interior) set_stray(host, is_listed);
        for (const HostId child : node.children)
            if (!at(child).is_interior) set_stray(child, is_listed);
    };
    set_strays(false);
    relist(host, 0);
    node.domain = domain;
    set_strays(true);
    list(host);
    for (const HostId child : node.children) list(child);
}

bool Shape::contains(HostId host) const { return find(host) != nullptr; }

Domains::Id Shape::domain(HostId host) const {
    const Node* node = find(host);
    return node == nullptr ? Domains::fleet : node->domain;
}

HostId Shape::parent(HostId host) const {
    const Node* node = find(host);
    return node == nullptr ? HostId{} : node->parent;
}

const std::vector<HostId>& Shape::children(HostId host) const {
    static const std::vector<HostId> none;
    const Node* node = find(host);
    return node == nullptr ? none : node->children;
}

Shape::Depth Shape::depth(HostId host) const {
    const Node* node = find(host);
    if (node == nullptr) return detached;
    if (node->is_interior) return node->depth;
    const Node* above = find(node->parent);
    return above == nullptr || above->depth == detached ? detached : above->depth + 1;
}

bool Shape::is_interior(HostId host) const {
    const Node* node = find(host);
    return node != nullptr && node->is_interior;
}

bool Shape::is_open(HostId host) const {
    const Node* node = find(host);
    return node != nullptr && node->is_interior && node->is_open;
}

Shape::Depth Shape::height(HostId host) const {
    if (children(host).empty()) return 0;
    std::vector<std::pair<HostId, Depth>> open{{host, 0}};
    Depth highest = 0;
    while (!open.empty()) {
        const auto [next, level] = open.back();
        open.pop_back();
        highest = std::max(highest, level);
        for (const HostId child : children(next)) {
            if (is_interior(child)) {
                open.emplace_back(child, level + 1);
            } else {
                highest = std::max(highest, level + 1);
            }
        }
    }
    return highest;
}

bool Shape::is_within(HostId host, HostId ancestor) const {
    for (HostId above = host; above != HostId{}; above = parent(above))
        if (above == ancestor) return true;
    return false;
}

std::uint32_t Shape::limit(Room room) const {
    switch (room) {
        case Room::fill:
            return limits_.fill;
        case Room::fanout:
            return limits_.fanout;
        case Room::slack:
            break;
    }
    return limits_.fanout + limits_.slack;
}

void Shape::count_leaf(HostId parent, Fitness fitness, bool is_added) {
    if (fitness == Fitness::unfit) return;
    std::uint32_t& count = at(parent).leaves[static_cast<std::size_t>(fitness)];
    count = is_added ? count + 1 : count - 1;
}

void Shape::set_depth(HostId host, Depth depth) {
    std::vector<std::pair<HostId, Depth>> open{{host, depth}};
    while (!open.empty()) {
        const auto [next, level] = open.back();
        open.pop_back();
        Node& node = at(next);
        node.depth = level;
        list(next);
        for (const HostId child : node.children)
            if (at(child).is_interior)
                open.emplace_back(child, level == detached ? detached : level + 1);
    }
}

}  // namespace coppice
