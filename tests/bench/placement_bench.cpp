// What it costs to place hosts: the decision alone, and through a manager's registration.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "manager/placement.h"
#include "simulator/virtual_notary.h"
#include "tests/support/large_cell.h"

namespace coppice {
namespace {

constexpr std::uint32_t fleet_size = 100'000;

const std::vector<std::string> path{"zone", "rack"};

/// Racks of 40 in zones of 1,000. Hosts come in an order in which each rack is spread out.
Labels labels_of(std::uint32_t host) {
    const std::uint64_t spread = host * 7'919ULL % fleet_size;
    return {{"zone", std::to_string(spread / 1000)}, {"rack", std::to_string(spread / 40)}};
}

/// As a manager does for a host that joins: its place, and its spares when it is placed.
void place(Shape& shape, HostId host, const Labels& labels = {}) {
    shape.add(host, labels);
    if (shape.root() == HostId{}) {
        shape.make_root(host);
    } else {
        const Placement placement =
            *place_for_join(shape, host, depth_bound(fleet_size, shape.limits().fanout));
        if (placement.is_promotion) shape.set_interior(placement.parent, true);
        shape.attach(host, placement.parent);
    }
    shape.set_fitness(host, Fitness::ready);
    shape.set_open(host, true);
    benchmark::DoNotOptimize(spares_for(shape, {.host = host}));
}

Shape shape_of(std::uint32_t count) {
    Shape shape{ShapeLimits{}};
    for (std::uint32_t host = 1; host <= count; ++host) place(shape, HostId{host});
    return shape;
}

void decide_from_nothing(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(shape_of(static_cast<std::uint32_t>(state.range(0))));
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(decide_from_nothing)->Arg(fleet_size)->Unit(benchmark::kMillisecond);

void decide_one_more(benchmark::State& state) {
    auto count = static_cast<std::uint32_t>(state.range(0));
    Shape shape = shape_of(count);
    for (auto _ : state) place(shape, HostId{++count});
}
BENCHMARK(decide_one_more)->Arg(fleet_size)->Unit(benchmark::kMicrosecond);

void decide_from_nothing_by_domain(benchmark::State& state) {
    std::vector<Labels> labels;
    for (std::uint32_t host = 0; host <= fleet_size; ++host) labels.push_back(labels_of(host));
    for (auto _ : state) {
        Shape shape{ShapeLimits{}, path};
        for (std::uint32_t host = 1; host <= fleet_size; ++host)
            place(shape, HostId{host}, labels[host]);
        benchmark::DoNotOptimize(shape);
    }
    state.SetItemsProcessed(state.iterations() * fleet_size);
}
BENCHMARK(decide_from_nothing_by_domain)->Unit(benchmark::kMillisecond);

void decide_one_more_by_domain(benchmark::State& state) {
    Shape shape{ShapeLimits{}, path};
    std::uint32_t count = 0;
    while (count < fleet_size) {
        ++count;
        place(shape, HostId{count}, labels_of(count));
    }
    std::vector<Labels> labels;
    for (std::uint32_t host = 0; host < fleet_size; ++host) labels.push_back(labels_of(host));
    for (auto _ : state) {
        ++count;
        place(shape, HostId{count}, labels[count % fleet_size]);
    }
}
BENCHMARK(decide_one_more_by_domain)->Unit(benchmark::kMicrosecond);

void register_from_nothing_by_domain(benchmark::State& state) {
    const VirtualNotary notary{1};
    for (auto _ : state) {
        std::optional<testing::LargeCell> cell{std::in_place, notary,
                                               ManagerConfig{.domain_path = path}, labels_of};
        cell->join(fleet_size);
        state.PauseTiming();
        cell.reset();
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * fleet_size);
}
BENCHMARK(register_from_nothing_by_domain)->Unit(benchmark::kMillisecond);

void register_from_nothing(benchmark::State& state) {
    const VirtualNotary notary{1};
    for (auto _ : state) {
        std::optional<testing::LargeCell> cell{std::in_place, notary};
        cell->join(static_cast<std::uint32_t>(state.range(0)));
        state.PauseTiming();
        cell.reset();
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(register_from_nothing)->Arg(fleet_size)->Unit(benchmark::kMillisecond);

/// Into a tree of live hosts whose root is heard; `most_us` is the slowest of them.
void register_one_more(benchmark::State& state) {
    const VirtualNotary notary{1};
    testing::LargeCell cell{notary};
    cell.join(static_cast<std::uint32_t>(state.range(0)));
    using Clock = std::chrono::steady_clock;
    Clock::duration most{};
    for (auto _ : state) {
        state.PauseTiming();
        if (!cell.settle()) state.SkipWithError("the fleet does not come to rest");
        state.ResumeTiming();
        const Clock::time_point start = Clock::now();
        cell.join(1);
        most = std::max(most, Clock::now() - start);
    }
    state.counters["most_us"] = std::chrono::duration<double, std::micro>(most).count();
}
BENCHMARK(register_one_more)->Arg(fleet_size)->Unit(benchmark::kMicrosecond)->Iterations(100);

}  // namespace
}  // namespace coppice
