// Hashes and names for traces.
#include "simulator/trace.h"

#include <array>
#include <cstdio>

#include "common/overloaded.h"
#include "schemas/codec.h"

namespace coppice {

namespace {

constexpr std::size_t faults_max = 100;

constexpr std::array<std::string_view, std::variant_size_v<Input>> input_names{
    "Started",       "ClockRead",       "DeadlineReached", "Received",
    "LinkDropped",   "ProbeFinished",   "ApplyFinished",   "Measured",
    "StopRequested", "CommandReceived", "LocalSaid",       "Reduced"};

constexpr std::array<std::string_view, std::variant_size_v<Message>> message_names{
    "Register", "Registered",   "Seek",         "Ordered",         "Join",
    "Welcome",  "Refused",      "Heartbeat",    "HeartbeatAnswer", "Leave",
    "PushDown", "WindowOpened", "WindowClosed", "NotUnderstood",   "LocalMessage"};

}  // namespace

std::uint64_t scramble(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31U);
}

std::uint64_t hash_bytes(std::uint64_t seed, std::span<const std::uint8_t> bytes) {
    std::uint64_t hash = scramble(seed ^ bytes.size());
    std::uint64_t word = 0;
    std::size_t filled = 0;
    for (const std::uint8_t byte : bytes) {
        word = (word << 8U) | byte;
        if (++filled < sizeof word) continue;
        hash = scramble(hash ^ word);
        word = 0;
        filled = 0;
    }
    return filled == 0 ? hash : scramble(hash ^ word);
}

std::uint64_t hash_text(std::uint64_t seed, std::string_view text) {
    return hash_bytes(seed, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::string_view name_of(const Input& input) { return input_names.at(input.index()); }

std::string_view name_of(const Message& message) { return message_names.at(message.index()); }

std::string text_of(Instant time) {
    const std::chrono::duration<double> seconds = time.time_since_epoch();
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%.3fs", seconds.count());
    return text.data();
}

void Trace::mix(Instant time, std::size_t host, const Write& write) {
    mix(static_cast<std::uint64_t>(time.time_since_epoch().count()));
    mix(host);
    mix(std::visit(
        Overloaded{
            [](const Put& put) { return hash_bytes(0, encode(put.record)); },
            [](const Erase& erase) { return hash_text(erase.key.kind, erase.key.id); },
            [](const Append& append) { return hash_bytes(2, encode(append.event)); },
            [](const Begin& begin) {
                return hash_bytes(scramble(begin.row.host.value) ^
                                      static_cast<std::uint64_t>(begin.row.from.count()),
                                  encode(begin.row));
            },
            [](const Inherit& inherit) {
                return scramble(inherit.former.value ^ (std::uint64_t{inherit.heir.value} << 32U));
            },
            [](const Keep& keep) {
                return hash_text(static_cast<std::uint64_t>(keep.sample.at.count()), keep.series) ^
                       hash_bytes(5, encode(keep.sample));
            },
            [](const ForgetSeries& forget) { return hash_text(6, forget.series); },
        },
        write));
}

void Trace::fault(Instant time, const std::string& sentence) {
    if (faults_.size() < faults_max) faults_.push_back(text_of(time) + ' ' + sentence);
    if (is_textual()) line(time, "FAULT " + sentence);
}

}  // namespace coppice
