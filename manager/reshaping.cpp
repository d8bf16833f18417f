#include "manager/reshaping.h"

#include <algorithm>
#include <utility>

#include "common/ensure.h"
#include "manager/placement.h"

namespace coppice {
namespace {

std::vector<HostId> hosts_below(const Shape& shape, HostId top) {
    std::vector<HostId> hosts;
    if (top != HostId{}) hosts.push_back(top);
    for (std::size_t next = 0; next < hosts.size(); ++next) {
        const std::vector<HostId>& children = shape.children(hosts[next]);
        hosts.insert(hosts.end(), children.begin(), children.end());
    }
    return hosts;
}

}  // namespace

TreeFigures figures_of(const Shape& shape, Shape::Depth depth_max) {
    TreeFigures figures;
    std::uint64_t links = 0;
    const std::vector<HostId> hosts = hosts_below(shape, shape.root());
    for (const HostId host : hosts) {
        const Shape::Depth depth = shape.depth(host);
        links += depth;
        figures.depth = std::max(figures.depth, depth);
        if (!shape.is_interior(host)) continue;
        const auto children = static_cast<std::uint32_t>(shape.children(host).size());
        ++figures.parents;
        figures.max_children = std::max(figures.max_children, children);
        if (children > shape.limit(Room::fill)) ++figures.above_fill;
        if (children > shape.limit(Room::fanout)) ++figures.above_fanout;
    }
    if (!hosts.empty())
        figures.mean_depth = static_cast<double>(links) / static_cast<double>(hosts.size());
    const DomainCrossings crossings = domain_crossings(shape, depth_max);
    figures.crossings = crossings.edges;
    figures.needless_crossings = crossings.needless;
    return figures;
}

Reshaping::Reshaping(const Shape& shape, const ReshapingRequest& request)
    : original_{shape}, shape_{shape}, request_{request}, hosts_{hosts_below(shape, shape.root())} {
    std::uint32_t last = 0;
    for (const HostId host : hosts_) last = std::max(last, host.value);
    marks_.resize(std::size_t{last} + 1);
    plan_.moves_max = request.moves_max;
    plan_.before = figures_of(shape, request.depth_max);
    for (const HostId host : hosts_) {
        if (request.may_lead(host)) continue;
        if (shape_.is_interior(host)) {
            shape_.set_open(host, false);
        } else {
            shape_.set_fitness(host, Fitness::unfit);
        }
    }
}

bool Reshaping::may_move(HostId host) const {
    return host.value < marks_.size() && marks_[host.value] == 0 &&
           shape_.parent(host) != HostId{} && request_.may_move(host);
}

bool Reshaping::fits(HostId host, HostId parent) const {
    return !shape_.is_within(parent, host) &&
           shape_.depth(parent) + 1 + shape_.height(host) <= request_.depth_max;
}

void Reshaping::pin_path(HostId host) {
    for (HostId above = host; above != HostId{}; above = shape_.parent(above))
        marks_[above.value] |= pinned;
}

void Reshaping::carry(HostId host) {
    for (const HostId below : hosts_below(shape_, host)) {
        marks_[below.value] |= carried;
        if (shape_.is_interior(below)) {
            shape_.set_open(below, false);
        } else {
            shape_.set_fitness(below, Fitness::unfit);
        }
    }
}

void Reshaping::move(HostId host, HostId parent, std::string why) {
    COPPICE_ENSURE(may_move(host) && moves_left() > 0 && !is_carried(parent),
                   "a plan moves nobody twice, and not two hosts of one path");
    const HostId from = shape_.parent(host);
    pin_path(from);
    pin_path(parent);
    shape_.attach(host, parent);
    carry(host);
    plan_.moves.push_back({host, from, parent, std::move(why)});
}

void Reshaping::promote(HostId leaf) {
    pin_path(leaf);
    shape_.set_interior(leaf, true);
    shape_.set_open(leaf, true);
    plan_.promoted.push_back(leaf);
}

void Reshaping::dissolve(HostId branch) {
    shape_.set_interior(branch, false);
    plan_.dissolved.push_back(branch);
}

/// With everybody open who was so: which crossings are needless depends on it.
TreeFigures Reshaping::figures_after() const {
    Shape after = original_;
    for (const HostId host : plan_.promoted) {
        after.set_interior(host, true);
        after.set_open(host, true);
    }
    for (const PlannedMove& move : plan_.moves) after.attach(move.host, move.to);
    for (const HostId host : plan_.dissolved) after.set_interior(host, false);
    return figures_of(after, request_.depth_max);
}

TreePlan Reshaping::finish() {
    plan_.after = plan_.moves.empty() ? plan_.before : figures_after();
    return std::move(plan_);
}

}  // namespace coppice
