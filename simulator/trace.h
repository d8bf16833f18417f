#pragma once
// What happened in a run: one hash over every write and every transition, lines for people, and
// the faults that no run may have.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/node.h"

namespace coppice {

/// Scrambles one number (the finaliser of SplitMix64).
[[nodiscard]] std::uint64_t scramble(std::uint64_t value);
/// A seeded hash of bytes, equal on every machine. Not a defence against forgery.
[[nodiscard]] std::uint64_t hash_bytes(std::uint64_t seed, std::span<const std::uint8_t> bytes);
[[nodiscard]] std::uint64_t hash_text(std::uint64_t seed, std::string_view text);

[[nodiscard]] std::string_view name_of(const Input& input);
[[nodiscard]] std::string_view name_of(const Message& message);
/// Seconds with three digits, such as "12.034s".
[[nodiscard]] std::string text_of(Instant time);

class Trace {
public:
    using Sink = std::function<void(const std::string& line)>;

    void mix(std::uint64_t value) { hash_ = scramble(hash_ ^ value); }
    /// A write that a host has committed.
    void mix(Instant time, std::size_t host, const Write& write);
    /// The same seed and options give the same hash.
    [[nodiscard]] std::uint64_t hash() const { return hash_; }

    /// Lines go to `sink` from now on; an empty one ends that.
    void set_sink(Sink sink) { sink_ = std::move(sink); }
    [[nodiscard]] bool is_textual() const { return static_cast<bool>(sink_); }
    /// Requires is_textual().
    void line(Instant time, const std::string& text) const { sink_(text_of(time) + ' ' + text); }

    /// Broken contracts between a node and its world, one sentence each; at most 100 are kept.
    void fault(Instant time, const std::string& sentence);
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

private:
    std::uint64_t hash_ = 0;
    Sink sink_;
    std::vector<std::string> faults_;
};

}  // namespace coppice
