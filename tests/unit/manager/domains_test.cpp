// Placement by failure domains over a bare shape: nested domains, small and large ones, what is
// given up, spares, labels that change.

#include "manager/domains.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "common/random.h"
#include "manager/placement.h"

namespace coppice {
namespace {

using Path = std::vector<std::string>;

const Path site_rack{"site", "rack"};

ShapeLimits limits_of(std::uint32_t fanout) {
    return {.fill = (fanout * 7 + 7) / 8,
            .fanout = fanout,
            .slack = std::max(fanout / 4, 2U),
            .seed = 7};
}

Labels in(const std::string& site, const std::string& rack) {
    return {{"site", site}, {"rack", rack}};
}

/// Host `number` of a fleet whose domains have so many hosts, outermost first.
Labels on_grid(const Path& path, const std::vector<std::uint32_t>& hosts, std::uint32_t number) {
    Labels labels;
    for (std::size_t level = 0; level < path.size(); ++level)
        labels[path[level]] = std::to_string(number / hosts[level]);
    return labels;
}

std::vector<std::uint32_t> shuffled(std::uint32_t count, std::uint64_t seed) {
    std::vector<std::uint32_t> numbers(count);
    for (std::uint32_t number = 0; number < count; ++number) numbers[number] = number;
    Random random{seed};
    for (std::size_t last = count; last > 1; --last)
        std::swap(numbers[last - 1], numbers[random.below(last)]);
    return numbers;
}

/// Places a host as a manager does that knows of `hosts` in all.
void join(Shape& shape, HostId host, const Labels& labels, std::uint64_t hosts,
          Fitness fitness = Fitness::ready) {
    shape.add(host, labels);
    if (shape.root() == HostId{}) {
        shape.make_root(host);
    } else {
        const auto placement =
            place_for_join(shape, host, depth_bound(hosts, shape.limits().fanout));
        ASSERT_TRUE(placement.has_value());
        if (placement->is_promotion) shape.set_interior(placement->parent, true);
        shape.attach(host, placement->parent);
    }
    shape.set_fitness(host, fitness);
    shape.set_open(host, true);
}

Shape grid(const Path& path, const std::vector<std::uint32_t>& hosts_of, std::uint32_t hosts,
           std::uint32_t fanout = 32) {
    Shape shape{limits_of(fanout), path};
    std::uint32_t id = 0;
    for (const std::uint32_t number : shuffled(hosts, 3))
        join(shape, HostId{++id}, on_grid(path, hosts_of, number), hosts);
    return shape;
}

DomainCrossings crossings(const Shape& shape, std::uint64_t hosts) {
    return domain_crossings(shape, depth_bound(hosts, shape.limits().fanout));
}

void expect_sound(const Shape& shape, std::uint32_t hosts) {
    const Shape::Depth bound = depth_bound(hosts, shape.limits().fanout);
    for (std::uint32_t id = 1; id <= hosts; ++id) {
        ASSERT_LE(shape.depth(HostId{id}), bound) << "host " << id << " of " << hosts;
        ASSERT_LE(shape.children(HostId{id}).size(), shape.limits().fanout);
    }
}

TEST(Domains, AreNumberedAsFarAsTheLabelsFollowThePath) {
    Domains domains{site_rack};
    const Domains::Id first = domains.of(in("a", "r1"));
    const Domains::Id same_rack_name = domains.of(in("b", "r1"));
    EXPECT_NE(first, same_rack_name) << "a rack is within its site";
    EXPECT_EQ(domains.of(in("a", "r1")), first);
    EXPECT_EQ(domains.of({{"site", "a"}}), domains.outer(first));
    EXPECT_EQ(domains.of({{"rack", "r1"}}), Domains::fleet);
    EXPECT_EQ(domains.common(first, domains.of(in("a", "r2"))), 1U);
    EXPECT_EQ(domains.common(first, same_rack_name), 0U);
    EXPECT_EQ(domains.common(first, domains.outer(first)), 1U);
    EXPECT_EQ(domains.text(first), "site=a,rack=r1");
    EXPECT_EQ(domains.text(Domains::fleet), "the fleet");
}

TEST(DomainPlacement, GivesEachDomainOneEntryWhateverItsSize) {
    struct Case {
        Path path;
        std::vector<std::uint32_t> hosts_of;
    };
    for (const Case& one : {Case{{"rack"}, {32}}, Case{{"rack"}, {1}}, Case{{"rack"}, {1000}},
                            Case{{"cluster", "rack"}, {1000, 40}},
                            Case{{"site", "cluster", "rack"}, {5000, 500, 20}}}) {
        SCOPED_TRACE(one.path.front() + " of " + std::to_string(one.hosts_of.front()));
        constexpr std::uint32_t hosts = 10'000;
        const Shape shape = grid(one.path, one.hosts_of, hosts);
        expect_sound(shape, hosts);
        const DomainCrossings found = crossings(shape, hosts);
        EXPECT_EQ(found.needless, 0U);
        for (std::size_t level = 0; level < one.path.size(); ++level)
            EXPECT_EQ(found.leaving[level], (hosts - 1) / one.hosts_of[level]) << one.path[level];
    }
}

TEST(DomainPlacement, KeepsDepthAndFanoutBeforeDomains) {
    for (const std::uint32_t fanout : {2U, 3U, 4U, 8U}) {
        for (const std::uint32_t hosts : {5U, 17U, 64U, 65U, 500U}) {
            for (const std::uint32_t in_rack : {1U, 2U, 3U, 50U}) {
                SCOPED_TRACE(std::to_string(hosts) + " hosts, " + std::to_string(in_rack) +
                             " a rack, fan-out " + std::to_string(fanout));
                expect_sound(grid(site_rack, {in_rack * 4, in_rack}, hosts, fanout), hosts);
            }
        }
    }
}

TEST(DomainPlacement, TakesHostsWithoutLabels) {
    Shape shape{limits_of(8), site_rack};
    constexpr std::uint32_t hosts = 300;
    for (std::uint32_t id = 1; id <= hosts; ++id) {
        const std::string rack = std::to_string(id % 20);
        join(shape, HostId{id},
             id % 3 == 0   ? Labels{}
             : id % 3 == 1 ? Labels{{"site", "a"}}
                           : in("b", rack),
             hosts);
    }
    expect_sound(shape, hosts);
    EXPECT_EQ(crossings(shape, hosts).needless, 0U);
}

TEST(DomainPlacement, PromotesTheOtherHostOfItsRack) {
    Shape shape{limits_of(8), site_rack};
    join(shape, HostId{1}, in("a", "r1"), 50);
    join(shape, HostId{2}, in("a", "r2"), 50);
    join(shape, HostId{3}, in("a", "r3"), 50);
    join(shape, HostId{4}, in("a", "r2"), 50);
    EXPECT_EQ(shape.parent(HostId{4}), HostId{2});
}

TEST(DomainPlacement, GivesTheDomainUpBeforeAHostThatShouldNotLeadLeads) {
    Shape shape{limits_of(8), site_rack};
    join(shape, HostId{1}, in("a", "r1"), 50);
    join(shape, HostId{2}, in("a", "r2"), 50, Fitness::last_resort);
    join(shape, HostId{3}, in("a", "r2"), 50, Fitness::last_resort);
    EXPECT_EQ(shape.parent(HostId{3}), HostId{1});
    EXPECT_FALSE(better_parent(shape, HostId{3}, 9)) << "nobody in the rack could take it";
}

TEST(DomainPlacement, PutsTheChildrenOfADrainedHeadBelowOneOfThem) {
    Shape shape = grid(site_rack, {100, 10}, 300, 16);
    HostId head;
    for (std::uint32_t id = 2; id <= 300 && head == HostId{}; ++id)
        if (shape.children(HostId{id}).size() == 9) head = HostId{id};
    ASSERT_NE(head, HostId{});
    shape.set_open(head, false);
    const std::vector<HostId> children = shape.children(head);
    for (const HostId child : children) {
        shape.detach(child);
        const auto placement = place_for_orphan(shape, child, depth_bound(300, 16), head);
        ASSERT_TRUE(placement.has_value());
        if (placement->is_promotion) shape.set_interior(placement->parent, true);
        shape.attach(child, placement->parent);
    }
    EXPECT_EQ(shape.children(children.front()).size(), children.size() - 1);
    EXPECT_EQ(crossings(shape, 300).needless, 1U) << "the drained host stays where it is";
}

TEST(DomainPlacement, SaysWhichEdgesCrossNeedlesslyAndWhereTheHostWouldBeBetter) {
    Shape shape{limits_of(8), site_rack};
    for (std::uint32_t id = 1; id <= 3; ++id) join(shape, HostId{id}, in("a", "r1"), 50);
    join(shape, HostId{4}, in("b", "r2"), 50);
    for (std::uint32_t id = 5; id <= 6; ++id) join(shape, HostId{id}, in("b", "r2"), 50);
    ASSERT_EQ(shape.parent(HostId{6}), HostId{5}) << "4 heads the site";
    EXPECT_EQ(crossings(shape, 50), (DomainCrossings{1, 0, {1, 1}}));
    shape.attach(HostId{6}, HostId{1});
    EXPECT_EQ(crossings(shape, 50), (DomainCrossings{2, 1, {2, 2}}));
    const auto better = better_parent(shape, HostId{6}, 5);
    ASSERT_TRUE(better.has_value());
    EXPECT_EQ(better->parent, HostId{5});
    EXPECT_FALSE(better->is_promotion);
    EXPECT_FALSE(better_parent(shape, HostId{6}, 1)) << "it would be too deep";
    EXPECT_FALSE(better_parent(shape, HostId{5}, 5)) << "its edge crosses nothing";
    for (const std::uint32_t id : {4U, 5U}) shape.set_open(HostId{id}, false);
    EXPECT_FALSE(better_parent(shape, HostId{6}, 5)) << "nobody there can take it";
}

TEST(DomainPlacement, FollowsLabelsThatChange) {
    Shape shape = grid(site_rack, {100, 10}, 300, 16);
    for (std::uint32_t id = 1; id <= 300; ++id)
        shape.set_labels(HostId{id}, on_grid(site_rack, {100, 10}, (id * 7) % 300));
    Shape fresh{limits_of(16), site_rack};
    for (std::uint32_t id = 1; id <= 300; ++id)
        fresh.add(HostId{id}, on_grid(site_rack, {100, 10}, (id * 7) % 300));
    fresh.make_root(shape.root());
    std::vector<HostId> open{shape.root()};
    while (!open.empty()) {
        const HostId parent = open.back();
        open.pop_back();
        fresh.set_fitness(parent, Fitness::ready);
        fresh.set_open(parent, true);
        for (const HostId child : shape.children(parent)) {
            fresh.set_interior(child, shape.is_interior(child));
            fresh.attach(child, parent);
            open.push_back(child);
        }
    }
    EXPECT_EQ(crossings(shape, 300), crossings(fresh, 300)) << "as if it had always been so";
    EXPECT_GT(crossings(shape, 300).needless, 0U);
}

TEST(DomainPlacement, NamesTheNearestSpareFirstThenOneOutsideTheRack) {
    const Shape shape = grid(site_rack, {200, 20}, 1000, 16);
    const Domains& domains = shape.domains();
    std::size_t asked = 0;
    for (std::uint32_t id = 1; id <= 1000; ++id) {
        const HostId host{id};
        if (shape.depth(host) < 3) continue;
        const std::vector<HostId> spares =
            spares_for(shape, {.host = host, .understudy = {}, .taken = {}});
        ASSERT_GE(spares.size(), 2U);
        ++asked;
        EXPECT_GE(domains.common(shape.domain(host), shape.domain(spares[0])), 1U) << "its site";
        EXPECT_NE(shape.domain(spares[1]), shape.domain(host));
        for (const HostId spare : spares) {
            EXPECT_NE(spare, shape.parent(host));
            EXPECT_FALSE(shape.is_within(spare, host));
            EXPECT_TRUE(shape.is_open(spare));
        }
    }
    EXPECT_GT(asked, 500U);
}

TEST(DomainPlacement, StandsByOutsideTheRackOfTheRoot) {
    const Shape shape = grid(site_rack, {100, 10}, 300, 16);
    const HostId understudy = choose_understudy(shape);
    EXPECT_NE(shape.domain(understudy), shape.domain(shape.root()));
    EXPECT_EQ(shape.domain(understudy), shape.domain(shape.parent(understudy)))
        << "a rack with one host may need it";
}

}  // namespace
}  // namespace coppice
