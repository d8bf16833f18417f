// What one heartbeat of a child costs its parent, codec and sockets apart.

#include <benchmark/benchmark.h>

#include "common/hub.h"
#include "tests/support/link_bench.h"

namespace coppice {
namespace {

/// A parent with children that are joined and quiet.
struct Parent {
    explicit Parent(std::uint32_t count) {
        hub.set_identity({.fleet = "f", .self = HostId{1}, .incarnation = {1}});
        standing.path = {HostId{1}};
        standing.is_fresh = true;
        standing.children_max = count;
        for (std::uint32_t child = 0; child < count; ++child) {
            const HostId host{child + 2};
            const Join join{.attachment = {1},
                            .order = notary.seal(testing::order_for(host, HostId{1})),
                            .addresses = {}};
            Outputs out;
            hub.on_frame(frame(host, join), standing, now, out);
            static_cast<void>(hub.settle({}, {}, now, out));
        }
    }

    [[nodiscard]] Received frame(HostId host, Message body) {
        const Header header{
            .sender = host, .incarnation = {1}, .link = {host.value}, .sequence = ++sequence};
        return {Route{host.value * 2ULL}, testing::key_of_host(host), {header, std::move(body)}};
    }

    testing::FakeNotary notary;
    Timing timing;
    Hub hub{notary, timing, Relay::Retention::until_answered};
    Standing standing;
    Instant now{std::chrono::seconds{10}};
    std::uint64_t sequence = 0;
};

void quiet_heartbeat(benchmark::State& state) {
    const auto count = static_cast<std::uint32_t>(state.range(0));
    Parent parent{count};
    std::uint32_t next = 0;
    for (auto _ : state) {
        const HostId host{2 + next++ % count};
        Outputs out;
        parent.hub.on_frame(parent.frame(host, Heartbeat{.stamp = {1, 1}}), parent.standing,
                            parent.now, out);
        static_cast<void>(parent.hub.settle({}, {}, parent.now, out));
        benchmark::DoNotOptimize(out.sends.data());
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(quiet_heartbeat)->Arg(32)->Arg(1000);

void deadline_of_quiet_children(benchmark::State& state) {
    Parent parent{static_cast<std::uint32_t>(state.range(0))};
    for (auto _ : state) {
        parent.now += std::chrono::milliseconds{1};  // time in which nothing is due but the look
        Outputs out;
        parent.hub.on_deadline(parent.standing, parent.now, out);
        benchmark::DoNotOptimize(out.sends.data());
        state.PauseTiming();
        parent.hub.forgive(parent.now);
        state.ResumeTiming();
    }
}
BENCHMARK(deadline_of_quiet_children)->Arg(32)->Arg(1000);

void fan_out_of_a_push(benchmark::State& state) {
    const auto count = static_cast<std::uint32_t>(state.range(0));
    Parent parent{count};
    HostSet all;
    for (std::uint32_t child = 0; child < count; ++child) all.insert(HostId{child + 2});
    const auto content = std::make_shared<const Sealed>(Sealed{.content = Bytes(100)});
    std::uint64_t push = 0;
    for (auto _ : state) {
        Outputs out;
        parent.hub.relay().on_push({.push = PushId{++push},
                                    .topic = "t",
                                    .version = push,
                                    .target = all,
                                    .content = content},
                                   parent.now);
        static_cast<void>(parent.hub.settle({}, {}, parent.now, out));
        benchmark::DoNotOptimize(out.sends.data());
        state.PauseTiming();
        parent.hub.relay().on_push({.push = PushId{push}, .topic = {}, .target = {}, .content = {}},
                                   parent.now);
        static_cast<void>(parent.hub.settle({}, {}, parent.now, out));
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(fan_out_of_a_push)->Arg(32)->Arg(1000);

}  // namespace
}  // namespace coppice
