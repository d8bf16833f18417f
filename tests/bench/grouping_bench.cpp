// What it costs to tell of deaths: a hundred thousand within a second, in steps of 512.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "common/random.h"
#include "manager/grouping.h"

namespace coppice {
namespace {

constexpr std::uint32_t fleet_size = 1'000'000;
constexpr std::uint32_t step_size = 512;
constexpr Duration step_time = std::chrono::milliseconds{5};

Death death_of(std::uint32_t host) {
    return {.host = HostId{host + 1},
            .cause = Cause::silent,
            .shares = {{"rack", "r" + std::to_string(host / 40), 40},
                       {"zone", "z" + std::to_string(host / 200'000), 200'000},
                       {{}, "n" + std::to_string(host % 31'250), 33},
                       {"release", "1.0", fleet_size}}};
}

void tell(benchmark::State& state, const std::vector<std::uint32_t>& hosts) {
    std::uint64_t written = 0;
    for (auto _ : state) {
        Grouping grouping{std::chrono::seconds{1}};
        Instant now{};
        std::uint64_t next = 1;
        std::uint64_t present = fleet_size;
        for (std::size_t at = 0; at < hosts.size(); now += step_time) {
            for (std::uint32_t count = 0; count < step_size && at < hosts.size();
                 ++count, --present)
                grouping.add(death_of(hosts[at++]), {});
            written += grouping.take(next, present, now).size();
        }
        while (grouping.next_deadline() != never)
            written += grouping.take(next, present, grouping.next_deadline()).size();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(hosts.size()));
    state.counters["rows_written"] =
        static_cast<double>(written) / static_cast<double>(state.iterations());
}

/// Half a zone, rack after rack.
void tell_of_racks(benchmark::State& state) {
    std::vector<std::uint32_t> hosts;
    for (std::uint32_t host = 0; host < state.range(0); ++host) hosts.push_back(host);
    tell(state, hosts);
}
BENCHMARK(tell_of_racks)->Arg(100'000)->Unit(benchmark::kMillisecond);

/// Anywhere in the fleet, so that nothing explains them.
void tell_of_strangers(benchmark::State& state) {
    Random random{1};
    std::vector<std::uint32_t> hosts;
    for (std::int64_t count = 0; count < state.range(0); ++count)
        hosts.push_back(static_cast<std::uint32_t>(random.below(fleet_size)));
    tell(state, hosts);
}
BENCHMARK(tell_of_strangers)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace coppice
