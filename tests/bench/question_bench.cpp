// What it costs an interior host to fold the answer of a child, and what that answer takes.

#include <benchmark/benchmark.h>

#include <string>

#include "common/ensure.h"
#include "common/partial.h"
#include "common/question.h"
#include "common/random.h"
#include "schemas/codec.h"
#include "tests/support/host_values.h"

namespace coppice {
namespace {

constexpr std::uint32_t hosts_per_child = 1000;

/// Folded of so many hosts, from `first` on.
Partial child_of(const Inquiry& inquiry, std::uint32_t first, std::uint32_t hosts) {
    Random random{first};
    Partial partial;
    for (std::uint32_t host = first; host < first + hosts; ++host) {
        testing::HostWithValues one{.name = "n" + std::to_string(host)};
        for (const FoldSpec& spec : inquiry.folds)
            one.measurements.push_back({spec.name, 1e9 * (1 + random.unit())});
        const bool is_new = fold(partial, partial_of(inquiry, HostId{host}, one.values()), inquiry);
        COPPICE_ENSURE(is_new, "every host is new");
    }
    return partial;
}

Inquiry inquiry_of(std::int64_t measurements, std::int64_t sketches, FoldSpec::Kind sketch) {
    Inquiry inquiry;
    for (std::int64_t at = 0; at < measurements; ++at)
        inquiry.folds.push_back(
            {.kind = FoldSpec::Kind::moments, .name = "m" + std::to_string(at)});
    for (std::int64_t at = 0; at < sketches; ++at)
        inquiry.folds.push_back({.kind = sketch, .name = "s" + std::to_string(at)});
    return inquiry;
}

/// Into what 31 other children have answered.
void fold_child(benchmark::State& state, FoldSpec::Kind sketch) {
    const Inquiry inquiry = inquiry_of(state.range(0), state.range(1), sketch);
    const Partial others = child_of(inquiry, hosts_per_child, 31 * hosts_per_child);
    const Partial child = child_of(inquiry, 1, hosts_per_child - 1);
    for ([[maybe_unused]] auto round : state) {
        state.PauseTiming();
        Partial all = others;
        state.ResumeTiming();
        benchmark::DoNotOptimize(fold(all, child, inquiry));
    }
    const Frame frame{.body = WindowClosed{.partial = child}};
    state.counters["bytes"] = static_cast<double>(encode(frame).size());
}

void check_child(benchmark::State& state, FoldSpec::Kind sketch) {
    const Inquiry inquiry = inquiry_of(state.range(0), state.range(1), sketch);
    const Partial child = child_of(inquiry, 1, hosts_per_child - 1);
    for ([[maybe_unused]] auto round : state) benchmark::DoNotOptimize(is_sound(child, inquiry));
}

void fold_quantiles(benchmark::State& state) { fold_child(state, FoldSpec::Kind::quantiles); }
void fold_distinct(benchmark::State& state) { fold_child(state, FoldSpec::Kind::distinct); }
void check_quantiles(benchmark::State& state) { check_child(state, FoldSpec::Kind::quantiles); }
void check_distinct(benchmark::State& state) { check_child(state, FoldSpec::Kind::distinct); }

/// The hosts of one of 32 branches, whose ids are mixed with those of the others.
HostSet scattered(std::int64_t hosts) {
    constexpr std::uint32_t branches = 32;
    HostSet set;
    for (std::int64_t host = 1; host <= hosts; ++host)
        set.insert(HostId{static_cast<std::uint32_t>(host) * branches});
    return set;
}

/// What a subtree of so many hosts answers to 20 averages, in bytes: three are missing.
WindowClosed answer_of(std::int64_t hosts) {
    const Inquiry inquiry = inquiry_of(20, 0, FoldSpec::Kind::moments);
    WindowClosed answer{.partial = child_of(inquiry, 1, 3)};
    answer.partial.coverage = scattered(3);
    answer.is_of_missing = true;
    answer.target_digest = scattered(hosts).digest();
    return answer;
}

void encode_answer(benchmark::State& state) {
    const Frame frame{.body = answer_of(state.range(0))};
    for ([[maybe_unused]] auto round : state) benchmark::DoNotOptimize(encode(frame));
    state.counters["bytes"] = static_cast<double>(encode(frame).size());
}

/// The same to an asker that knows hosts inside alone.
void encode_whole_answer(benchmark::State& state) {
    WindowClosed answer = answer_of(state.range(0));
    answer.partial.coverage = scattered(state.range(0)) - scattered(3);
    answer.is_of_missing = false;
    const Frame frame{.body = answer};
    for ([[maybe_unused]] auto round : state) benchmark::DoNotOptimize(encode(frame));
    state.counters["bytes"] = static_cast<double>(encode(frame).size());
}

/// Whom an answer covers, of whom was asked and who is missing, checked by its digest.
void cover(benchmark::State& state) {
    const HostSet target = scattered(state.range(0));
    const HostSet missing = scattered(3);
    for ([[maybe_unused]] auto round : state) {
        benchmark::DoNotOptimize(target.digest());
        benchmark::DoNotOptimize(target - missing);
    }
}

void parse_question(benchmark::State& state) {
    for ([[maybe_unused]] auto round : state)
        benchmark::DoNotOptimize(
            Question::parse("sum(load1) / count() by rack where zone=z1 && host in n[1-100]"));
}

void refuse_a_megabyte(benchmark::State& state) {
    const std::string text(1'000'000, '(');
    for ([[maybe_unused]] auto round : state) benchmark::DoNotOptimize(Question::parse(text));
}

BENCHMARK(fold_quantiles)->Name("question/fold/moments")->Args({20, 0});
BENCHMARK(fold_quantiles)->Name("question/fold/quantiles")->Args({20, 1})->Args({20, 4});
BENCHMARK(fold_distinct)->Name("question/fold/distinct")->Args({20, 1})->Args({20, 4});
BENCHMARK(check_quantiles)->Name("question/check/moments")->Args({20, 0});
BENCHMARK(check_quantiles)->Name("question/check/quantiles")->Args({20, 1});
BENCHMARK(check_distinct)->Name("question/check/distinct")->Args({20, 1});
BENCHMARK(encode_answer)->Name("question/answer_of")->Arg(10)->Arg(1000)->Arg(100'000);
BENCHMARK(encode_whole_answer)->Name("question/whole_answer_of")->Arg(10)->Arg(1000)->Arg(100'000);
BENCHMARK(cover)->Name("question/cover")->Arg(10)->Arg(1000)->Arg(100'000);
BENCHMARK(parse_question)->Name("question/parse");
BENCHMARK(refuse_a_megabyte)->Name("question/refuse_a_megabyte");

}  // namespace
}  // namespace coppice
