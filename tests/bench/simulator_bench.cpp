// What one virtual second of a quiet fleet costs, with the codec and without checkers.
#include <benchmark/benchmark.h>

#include "simulator/fleet.h"

namespace coppice {
namespace {

void quiet_fleet(benchmark::State& state) {
    Fleet fleet{{.hosts = static_cast<std::uint32_t>(state.range(0))}};
    fleet.start(std::chrono::seconds{1});
    if (!fleet.settle(std::chrono::seconds{60})) return state.SkipWithError("does not come up");
    fleet.world().run_for(std::chrono::seconds{5});
    for ([[maybe_unused]] const auto unused : state) fleet.world().run_for(std::chrono::seconds{1});
    state.counters["virtual_s"] =
        benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["host_s"] = benchmark::Counter(static_cast<double>(state.range(0)),
                                                  benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(quiet_fleet)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace coppice
