// What it costs to plan: a tree of very many hosts, of which many have died.

#include <benchmark/benchmark.h>

#include "manager/rebalance.h"
#include "tests/support/plain_shape.h"

namespace coppice {
namespace {

using testing::PlainShape;

/// Every `dead_every`th host is gone, and its children were adopted by whoever had room.
PlainShape a_worn_tree(std::uint32_t hosts, std::uint32_t dead_every) {
    PlainShape plain{32, 28};
    for (std::uint32_t i = 0; i < hosts; ++i) plain.join();
    if (dead_every == 0) return plain;
    for (std::uint32_t id = dead_every; id <= hosts; id += dead_every) {
        const HostId dead{id};
        if (dead == plain.shape.root()) continue;
        const std::vector<HostId> orphans = plain.shape.children(dead);
        plain.shape.remove(dead);
        for (const HostId orphan : orphans)
            if (const HostId parent = plain.shape.best_parent(Room::slack); parent != HostId{})
                plain.shape.attach(orphan, parent);
    }
    return plain;
}

void plan_of_worn_tree(benchmark::State& state) {
    const auto hosts = static_cast<std::uint32_t>(state.range(0));
    const PlainShape plain = a_worn_tree(hosts, static_cast<std::uint32_t>(state.range(1)));
    const auto request = plain.request(MovesBound{}.of(hosts));
    std::size_t moves = 0;
    for (auto _ : state) moves = plan_rebalance(plain.shape, request).moves.size();
    state.counters["moves"] = static_cast<double>(moves);
}
BENCHMARK(plan_of_worn_tree)
    ->ArgNames({"hosts", "dead_every"})
    ->Args({100'000, 0})
    ->Args({100'000, 10})
    ->Args({1'000'000, 10})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace coppice
