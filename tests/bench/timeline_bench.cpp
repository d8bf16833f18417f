// What the history of hosts adds to a death: a hundred thousand of them, written in steps of 512.

#include <benchmark/benchmark.h>
#include <string>
#include <vector>

#include "manager/timelines.h"
#include "runtime/sqlite_store.h"
#include "tests/bench/folder.h"

namespace coppice {
namespace {

constexpr std::uint32_t step_size = 512;

HostRecord record_of(std::uint32_t id) {
    return {.id = HostId{id},
            .name = "n" + std::to_string(id),
            .machine_id = std::string(32, 'a'),
            .addresses = {"tcp://n" + std::to_string(id) + ".cluster.example.org:43217"},
            .labels = {{"rack", "r" + std::to_string(id / 40)}, {"zone", "z1"}},
            .resources = {{"cores", 64}, {"disk_total", 1e12}, {"mem_total", 2.5e11}},
            .release = "0.1.0",
            .token_id = "0a1b2c3d",
            .incarnation = Incarnation{1},
            .parent = HostId{id / 32},
            .is_placed = true,
            .spares = {HostId{1}, HostId{2}}};
}

/// Every host changes its state in each round, as by one failure and one return of them all.
void change_all(benchmark::State& state, bool has_history) {
    const Folder folder;
    const auto store = std::move(*SqliteStore::open(folder.file()));
    std::vector<HostRecord> hosts;
    for (std::int64_t id = 1; id <= state.range(0); ++id)
        hosts.push_back(record_of(static_cast<std::uint32_t>(id)));
    Timelines timelines;
    UnixMillis now{1'700'000'000'000};
    const auto change = [&](HostState to) {
        now += std::chrono::minutes{1};
        std::vector<Write> writes;
        for (HostRecord& host : hosts) {
            host.state = to;
            host.since = now;
            writes.emplace_back(Put{host});
            if (has_history) writes.emplace_back(Begin{*timelines.next(host, now, 1)});
            if (writes.size() < step_size * (has_history ? 2 : 1) && &host != &hosts.back())
                continue;
            if (!store->commit(writes).ok()) return state.SkipWithError("the store is broken");
            writes.clear();
        }
    };
    constexpr int rounds_before = 10;  // so that hosts have a past
    for (int round = 0; round < rounds_before; ++round)
        change(round % 2 == 0 ? HostState::live : HostState::lost);
    for (auto _ : state) {
        change(HostState::live);
        change(HostState::lost);
    }
    state.SetItemsProcessed(state.iterations() * 2 * state.range(0));
}

void changes_without_history(benchmark::State& state) { change_all(state, false); }
BENCHMARK(changes_without_history)->Arg(100'000)->Unit(benchmark::kMillisecond);
void changes_with_history(benchmark::State& state) { change_all(state, true); }
BENCHMARK(changes_with_history)->Arg(100'000)->Unit(benchmark::kMillisecond);

/// One page of `coppice hosts --at`: each host is a place of its own in the table.
void read_at_a_time(benchmark::State& state) {
    const Folder folder;
    const auto store = std::move(*SqliteStore::open(folder.file()));
    std::vector<Write> writes;
    for (std::uint32_t id = 1; id <= state.range(0); ++id)
        for (int row = 0; row < 10; ++row)
            writes.emplace_back(Begin{{HostId{id}, UnixMillis{1'000'000 + row * 1000}, {}}});
    if (!store->commit(writes).ok()) return state.SkipWithError("the store is broken");
    for (auto _ : state)
        for (std::uint32_t id = 1; id <= state.range(0); ++id)
            benchmark::DoNotOptimize(store->timeline(HostId{id}, UnixMillis{1'005'500}, 1).ok());
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(read_at_a_time)->Arg(100'000)->Unit(benchmark::kMillisecond);

/// The most that one change can drop: a host that had changed often is as it was since.
void drop_what_is_too_old(benchmark::State& state) {
    const Folder folder;
    const auto store = std::move(*SqliteStore::open(folder.file()));
    UnixMillis now{1'700'000'000'000};
    for (auto _ : state) {
        state.PauseTiming();
        std::vector<Write> writes;
        for (std::int64_t row = 0; row < state.range(0); ++row)
            writes.emplace_back(Begin{{HostId{1}, now + UnixMillis{row}, {}}});
        if (!store->commit(writes).ok()) return state.SkipWithError("the store is broken");
        now += 2 * timeline_age_max;
        const std::vector<Write> last{Begin{{HostId{1}, now - timeline_age_max, {}}},
                                      Begin{{HostId{1}, now, {}}}};
        state.ResumeTiming();
        if (!store->commit(last).ok()) return state.SkipWithError("the store is broken");
    }
}
BENCHMARK(drop_what_is_too_old)
    ->Arg(10)
    ->Arg(timeline_rows_max - 2)
    ->Iterations(20)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace coppice
