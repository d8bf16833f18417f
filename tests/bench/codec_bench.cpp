// What the bytes of a frame cost: a beat of a quiet link, one full of receipts, a large push.
#include <benchmark/benchmark.h>

#include "common/limits.h"
#include "schemas/codec.h"

namespace coppice {
namespace {

Frame frame_of(Message body) {
    return {.header = {.cell = CellId{1},
                       .sender = HostId{7},
                       .incarnation = Incarnation{3},
                       .link = LinkId{0x1234567890abcdef},
                       .sequence = 42},
            .body = std::move(body)};
}

Frame quiet_heartbeat() { return frame_of(Heartbeat{.stamp = {3, 17}, .facts_revision = 12}); }

/// 32 pushes of which 1,000 hosts of the subtree have just answered, every other one.
Frame busy_heartbeat() {
    HostSet answered;
    for (std::uint32_t host = 0; host < 2'000; host += 2) answered.insert(HostId{host});
    Heartbeat heartbeat{.stamp = {3, 17}};
    for (std::uint64_t push = 1; push <= 32; ++push)
        heartbeat.sets.push_back({.key = {.kind = SetKind::applied, .push = PushId{push}},
                                  .digest = answered.digest(),
                                  .added = answered});
    return frame_of(std::move(heartbeat));
}

Frame large_push() {
    const Statement content = PushContent{.payload = Bytes(limits::payload_bytes_max)};
    HostSet target;
    for (std::uint32_t host = 0; host < 1'000; ++host) target.insert(HostId{host});
    return frame_of(
        PushDown{.push = PushId{4},
                 .topic = "motd",
                 .version = 2,
                 .target = target,
                 .content = std::make_shared<const Sealed>(Sealed{.content = encode(content)})});
}

void encode_frame(benchmark::State& state, const Frame& frame) {
    std::size_t size = 0;
    for ([[maybe_unused]] auto _ : state) {
        const Bytes bytes = encode(frame);
        benchmark::DoNotOptimize(bytes.data());
        size = bytes.size();
    }
    state.counters["frame_bytes"] = static_cast<double>(size);
}

void decode_frame_of(benchmark::State& state, const Frame& frame) {
    const Bytes bytes = encode(frame);
    for ([[maybe_unused]] auto _ : state) {
        const Result<Frame> decoded = decode_frame(bytes);
        benchmark::DoNotOptimize(decoded.ok());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

BENCHMARK_CAPTURE(encode_frame, quiet_heartbeat, quiet_heartbeat());
BENCHMARK_CAPTURE(decode_frame_of, quiet_heartbeat, quiet_heartbeat());
BENCHMARK_CAPTURE(encode_frame, heartbeat_with_32_sets, busy_heartbeat());
BENCHMARK_CAPTURE(decode_frame_of, heartbeat_with_32_sets, busy_heartbeat());
BENCHMARK_CAPTURE(encode_frame, push_of_64_kib, large_push());
BENCHMARK_CAPTURE(decode_frame_of, push_of_64_kib, large_push());

}  // namespace
}  // namespace coppice
