#pragma once
// Shapes as tests want them, and what plans ask about their hosts.

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "manager/placement.h"
#include "manager/reshaping.h"

namespace coppice::testing {

/// Hosts are open and ready unless a test says otherwise.
class PlainShape {
public:
    explicit PlainShape(std::uint32_t fanout, std::uint32_t fill, std::uint64_t seed = 1,
                        std::vector<std::string> domain_path = {})
        : shape{ShapeLimits{.fill = fill, .fanout = fanout, .slack = fanout, .seed = seed},
                std::move(domain_path)} {}

    /// As a manager places it.
    HostId join(const Labels& labels = {}) {
        const HostId host = add_alone(labels);
        if (shape.root() == HostId{}) {
            shape.make_root(host);
        } else {
            const Shape::Depth bound = depth_bound(host.value, shape.limits().fanout);
            const Placement placement = *place_for_join(shape, host, bound);
            if (placement.is_promotion) shape.set_interior(placement.parent, true);
            shape.attach(host, placement.parent);
        }
        make_ready(host);
        return host;
    }
    HostId root() {
        const HostId host = add_alone();
        shape.make_root(host);
        make_ready(host);
        return host;
    }
    HostId leaf(HostId parent) {
        const HostId host = add_alone();
        shape.attach(host, parent);
        make_ready(host);
        return host;
    }
    HostId branch(HostId parent, std::uint32_t leaves = 0) {
        const HostId host = leaf(parent);
        shape.set_interior(host, true);
        for (std::uint32_t i = 0; i < leaves; ++i) leaf(host);
        return host;
    }

    [[nodiscard]] ReshapingRequest request(std::uint64_t moves_max,
                                           Shape::Depth depth_max = 8) const {
        return {.moves_max = moves_max,
                .depth_max = depth_max,
                .may_move = [this](HostId host) { return !rooted.contains(host); },
                .may_lead = [this](HostId host) { return !unfit.contains(host); },
                .name_of = [](HostId host) { return "h" + std::to_string(host.value); }};
    }
    /// Does what a plan says.
    void apply(const TreePlan& plan) {
        for (const HostId host : plan.promoted) {
            shape.set_interior(host, true);
            shape.set_open(host, true);
        }
        for (const PlannedMove& move : plan.moves) shape.attach(move.host, move.to);
        for (const HostId host : plan.dissolved) shape.set_interior(host, false);
    }

    Shape shape;
    std::set<HostId> rooted;  // may not be moved
    std::set<HostId> unfit;   // may not lead

private:
    HostId add_alone(const Labels& labels = {}) {
        const HostId host{++newest_};
        shape.add(host, labels);
        return host;
    }
    void make_ready(HostId host) {
        shape.set_fitness(host, Fitness::ready);
        shape.set_open(host, true);
    }

    std::uint32_t newest_ = 0;
};

}  // namespace coppice::testing
