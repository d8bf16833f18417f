// What it costs to keep a parent's sets equal to a child's, by size of the subtree.

#include <benchmark/benchmark.h>

#include "common/set_sync.h"

namespace coppice {
namespace {

NamedSets whole_subtree(std::int64_t count) {
    NamedSets sets;
    for (std::uint32_t host = 0; host < count; ++host) sets[members_key].insert({host});
    return sets;
}

void beat(SetSender& child, SetReceiver& parent, const NamedSets& current) {
    for (const SetReport& report : child.reports(current, false)) {
        parent.on_report(report);
        child.on_ack(parent.ack(report.key));
    }
}

void quiet_beat(benchmark::State& state) {
    const NamedSets current = whole_subtree(state.range(0));
    SetSender child;
    SetReceiver parent;
    beat(child, parent, current);
    for ([[maybe_unused]] auto round : state) beat(child, parent, current);
}

void beat_with_one_change(benchmark::State& state) {
    NamedSets current = whole_subtree(state.range(0));
    SetSender child;
    SetReceiver parent;
    beat(child, parent, current);
    bool is_there = true;
    for ([[maybe_unused]] auto round : state) {
        is_there = !is_there;
        if (is_there) {
            current[members_key].insert({7});
        } else {
            current[members_key].erase({7});
        }
        beat(child, parent, current);
    }
}

void first_beat_of_a_link(benchmark::State& state) {
    const NamedSets current = whole_subtree(state.range(0));
    for ([[maybe_unused]] auto round : state) {
        SetSender child;
        SetReceiver parent;
        beat(child, parent, current);
    }
}

BENCHMARK(quiet_beat)->Name("set_sync/quiet_beat")->Arg(32)->Arg(1'000)->Arg(100'000);
BENCHMARK(beat_with_one_change)
    ->Name("set_sync/beat_with_one_change")
    ->Arg(32)
    ->Arg(1'000)
    ->Arg(100'000);
BENCHMARK(first_beat_of_a_link)
    ->Name("set_sync/first_beat_of_a_link")
    ->Arg(32)
    ->Arg(1'000)
    ->Arg(100'000);

}  // namespace
}  // namespace coppice
