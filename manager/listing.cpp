// The indexes of a shape: which hosts are listed where, and how the best is found.

#include <algorithm>
#include <tuple>

#include "common/ensure.h"
#include "common/limits.h"
#include "manager/shape.h"

namespace coppice {
namespace {

// Bits of what a host is listed in: room to fill, which differs by level, then what does not.
constexpr std::size_t levels_max = limits::domain_keys_max + 1;
constexpr std::size_t first_room = levels_max;
constexpr std::size_t first_grade = first_room + rooms - 1;
constexpr std::size_t level_bit = first_grade + grades;
static_assert(level_bit < 16);

/// In a tree that follows its domains the first is good.
constexpr std::size_t parents_tried_max = 16;
constexpr std::size_t strays_tried_max = 64;

constexpr std::uint16_t bit(std::size_t index) { return static_cast<std::uint16_t>(1U << index); }

Duty duty(Domains::Level serves, Domains::Level level) {
    if (serves == level) return Duty::own;
    return serves < level ? Duty::wider : Duty::part;
}

std::uint32_t fill_for(Duty duty, std::uint32_t fill) {
    switch (duty) {
        case Duty::own:
            break;
        case Duty::wider:
            return (fill + 7) / 8;
        case Duty::part:
            return (fill + 1) / 2;
    }
    return fill;
}

template <typename Set>
void enlist(Set& places, const Candidate& place, bool is_listed) {
    if (is_listed) {
        places.insert(place);
    } else {
        places.erase(place);
    }
}

}  // namespace

// --- listing ------------------------------------------------------------------------------------

Domains::Id Shape::domain_of(const Labels& labels) {
    const Domains::Id domain = domains_.of(labels);
    if (domains_.size() > indexes_.size()) indexes_.resize(domains_.size());
    return domain;
}

bool Shape::is_in(HostId host, Domains::Id domain) const {
    const Domains::Id own = nodes_[host.value].domain;
    return own == domain || domains_.common(own, domain) == domains_.level(domain);
}

/// A leaf with a parent, in the domains that its parent is not in.
void Shape::set_stray(HostId host, bool is_listed) {
    const Node& node = at(host);
    if (node.parent == HostId{}) return;
    const Domains::Id theirs = at(node.parent).domain;
    if (theirs == node.domain) return;
    const Domains::Level shared = domains_.common(node.domain, theirs);
    for (Domains::Id domain = node.domain; domains_.level(domain) > shared;
         domain = domains_.outer(domain)) {
        std::vector<HostId>& strays = indexes_[domain].strays;
        if (is_listed) {
            strays.push_back(host);
        } else {
            *std::find(strays.begin(), strays.end(), host) = strays.back();
            strays.pop_back();
        }
    }
}

Domains::Level Shape::serves(const Node& node) const {
    if (node.depth == 0) return 0;
    const Domains::Level own = domains_.level(node.domain);
    if (own == 0) return 0;
    const Domains::Level shared = domains_.common(node.domain, nodes_[node.parent.value].domain);
    return std::min(own, shared + 1);
}

std::uint16_t Shape::wanted(const Node& node, Domains::Level serves) const {
    if (!node.is_interior || !node.is_open || node.depth == detached) return 0;
    std::uint16_t bits = bit(level_bit);
    const std::size_t children = node.children.size();
    for (Domains::Level level = 0; level <= domains_.level(node.domain); ++level)
        if (children < fill_for(duty(serves, level), limits_.fill)) bits |= bit(level);
    if (children < limit(Room::fanout)) bits |= bit(first_room);
    if (children < limit(Room::slack)) bits |= bit(first_room + 1);
    for (std::size_t grade = 0; grade < grades; ++grade)
        if (node.leaves[grade] > 0) bits |= bit(first_grade + grade);
    return bits;
}

void Shape::list(HostId host) {
    Node& node = at(host);
    if (!node.is_interior && node.listed == 0) return;
    const bool is_offered = node.is_interior && node.is_open && node.depth != detached;
    const Domains::Level now_serves = is_offered ? serves(node) : 0;
    if (node.depth != node.listed_depth || now_serves != node.listed_serves) relist(host, 0);
    node.listed_depth = node.depth;
    node.listed_serves = static_cast<std::uint8_t>(now_serves);
    relist(host, wanted(node, now_serves));
}

/// By the depth and the level that it is listed with.
void Shape::relist(HostId host, std::uint16_t wanted) {
    Node& node = nodes_[host.value];
    const std::uint16_t changed = node.listed ^ wanted;
    if (changed == 0) return;
    node.listed = wanted;
    const auto is_changed = [changed](std::size_t index) { return (changed & bit(index)) != 0; };
    const auto is_listed = [wanted](std::size_t index) { return (wanted & bit(index)) != 0; };
    const std::uint64_t rank = tie(host);
    for (Domains::Id domain = node.domain;; domain = domains_.outer(domain)) {
        PlaceIndex& places = indexes_[domain];
        const Domains::Level level = domains_.level(domain);
        const Candidate place{duty(node.listed_serves, level), node.listed_depth, rank, host};
        if (is_changed(level)) enlist(places.room[0], place, is_listed(level));
        for (std::size_t room = 1; room < rooms; ++room)
            if (const std::size_t at = first_room + room - 1; is_changed(at))
                enlist(places.room[room], place, is_listed(at));
        const Candidate alike{Duty::own, node.listed_depth, rank, host};
        for (std::size_t grade = 0; grade < grades; ++grade)
            if (const std::size_t at = first_grade + grade; is_changed(at))
                enlist(places.leaves[grade], alike, is_listed(at));
        if (is_changed(level_bit)) list_at_level(host, domain, is_listed(level_bit));
        if (level == 0) break;
    }
}

void Shape::list_at_level(HostId host, Domains::Id domain, bool is_listed) {
    const Depth depth = nodes_[host.value].listed_depth;
    std::vector<std::vector<HostId>>& levels = indexes_[domain].levels;
    if (depth >= levels.size()) levels.resize(std::size_t{depth} + 1);
    std::vector<HostId>& hosts = levels[depth];
    const auto spot =
        std::lower_bound(hosts.begin(), hosts.end(), host, [this](HostId left, HostId right) {
            return std::tuple{tie(left), left} < std::tuple{tie(right), right};
        });
    if (is_listed) {
        hosts.insert(spot, host);
    } else {
        hosts.erase(spot);
    }
}

// --- finding ------------------------------------------------------------------------------------

bool Shape::is_excluded(HostId parent, const Need& need) const {
    return parent == need.avoid ||
           (need.apart_from != HostId{} && is_within(parent, need.apart_from));
}

HostId Shape::best_parent(Room room, const Need& need) const {
    const std::set<Candidate>& places = indexes_[need.domain].room[static_cast<std::size_t>(room)];
    for (auto place = places.begin(); place != places.end();) {
        if (place->depth > need.depth_max) {  // so are the others with this duty
            if (place->duty == Duty::part) break;
            place = places.lower_bound(
                {.duty = static_cast<Duty>(static_cast<int>(place->duty) + 1), .depth = 0});
        } else if (is_excluded(place->host, need)) {
            ++place;
        } else {
            return place->host;
        }
    }
    return {};
}

HostId Shape::best_leaf(Fitness fitness, const Need& need) const {
    const Candidate stray = best_stray(fitness, need);
    std::size_t tried = 0;
    for (const Candidate& place : indexes_[need.domain].leaves[static_cast<std::size_t>(fitness)]) {
        if (++tried > parents_tried_max || place.depth + 1 > need.depth_max) break;
        if (stray.host != HostId{} && stray.depth <= place.depth + 1) break;
        if (is_excluded(place.host, need)) continue;
        const HostId leaf = best_leaf_of(place.host, fitness, need.domain);
        if (leaf != HostId{} && leaf != need.apart_from) return leaf;
    }
    return stray.host;
}

/// Of the leaves whose parent is outside the domain; no host when there is none.
Candidate Shape::best_stray(Fitness fitness, const Need& need) const {
    Candidate best;
    std::size_t tried = 0;
    for (const HostId stray : indexes_[need.domain].strays) {
        if (++tried > strays_tried_max) break;
        const Node& node = nodes_[stray.value];
        const Candidate place{.depth = depth(stray), .tie = tie(stray), .host = stray};
        const bool is_fit = node.fitness == fitness && is_open(node.parent) &&
                            !is_excluded(node.parent, need) && stray != need.apart_from &&
                            place.depth <= need.depth_max;
        if (is_fit && (best.host == HostId{} || place < best)) best = place;
    }
    return best;
}

HostId Shape::best_leaf_of(HostId parent, Fitness fitness, Domains::Id domain) const {
    HostId best;
    for (const HostId child : children(parent)) {
        const Node* node = find(child);
        if (node->is_interior || node->fitness != fitness || !is_in(child, domain)) continue;
        if (best == HostId{} || tie(child) < tie(best)) best = child;
    }
    return best;
}

const std::vector<HostId>& Shape::open_at(Depth depth, Domains::Id domain) const {
    static const std::vector<HostId> none;
    const std::vector<std::vector<HostId>>& levels = indexes_[domain].levels;
    return depth < levels.size() ? levels[depth] : none;
}

}  // namespace coppice
