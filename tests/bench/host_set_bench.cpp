// What host sets cost by size: union, difference, digest and bytes.

#include <benchmark/benchmark.h>

#include "common/host_set.h"

namespace coppice {
namespace {

/// Every `step`-th of the first `count` hosts: 1 gives runs, 3 gives bitmaps.
HostSet every(std::uint32_t step, std::int64_t count) {
    HostSet set;
    for (std::uint32_t host = 0; host < count; host += step) set.insert({host});
    return set;
}

void unite(benchmark::State& state) {
    const HostSet left = every(2, state.range(0));
    const HostSet right = every(3, state.range(0));
    for ([[maybe_unused]] auto round : state) benchmark::DoNotOptimize(left | right);
}

void subtract(benchmark::State& state) {
    const HostSet left = every(1, state.range(0));
    const HostSet right = every(3, state.range(0));
    for ([[maybe_unused]] auto round : state) benchmark::DoNotOptimize(left - right);
}

void compare(benchmark::State& state) {
    const HostSet left = every(3, state.range(0));
    const HostSet right = left;
    for ([[maybe_unused]] auto round : state) benchmark::DoNotOptimize(left == right);
}

void digest(benchmark::State& state) {
    const HostSet set = every(1, state.range(0));
    for ([[maybe_unused]] auto round : state) benchmark::DoNotOptimize(set.digest());
}

void round_trip_bytes(benchmark::State& state) {
    const HostSet set = every(3, state.range(0));
    for ([[maybe_unused]] auto round : state)
        benchmark::DoNotOptimize(HostSet::from_bytes(set.to_bytes()).ok());
    state.counters["bytes"] = static_cast<double>(set.to_bytes().size());
}

#define COPPICE_SIZES Arg(1'000)->Arg(100'000)->Arg(1'000'000)
BENCHMARK(unite)->Name("host_set/unite")->COPPICE_SIZES;
BENCHMARK(subtract)->Name("host_set/subtract")->COPPICE_SIZES;
BENCHMARK(compare)->Name("host_set/compare")->COPPICE_SIZES;
BENCHMARK(digest)->Name("host_set/digest")->COPPICE_SIZES;
BENCHMARK(round_trip_bytes)->Name("host_set/round_trip_bytes")->COPPICE_SIZES;

}  // namespace
}  // namespace coppice
