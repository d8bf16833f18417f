#pragma once
// How many hosts are in which state, as a store keeps it beside the rows of timelines: sums, and
// changes of them to the millisecond. count_book.h puts them together.
//
// Bytes are those of rows of a store, so their format only grows. Numbers are of 7 bits a byte, the
// low ones first; signed ones alternate: 0, -1, 1, -2, ...

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/timeline.h"

namespace coppice {

/// What a host counts as: zero while nothing is known of it, otherwise 1 + 2 * state + drained.
using CountedAs = std::uint8_t;
inline constexpr CountedAs counted_as_nothing = 0;
inline constexpr std::size_t counted_as_end = 11;

[[nodiscard]] CountedAs counted_as(const HostCondition& condition);

/// How many hosts count as what, or how many more than before.
struct Tally {
    std::array<std::int64_t, counted_as_end> hosts{};

    Tally& operator+=(const Tally& other);
    Tally& operator-=(const Tally& other);
    /// So many hosts go from one to the other.
    void move(CountedAs from, CountedAs to, std::int64_t count);
    /// None: it is no tally of hosts, since some are fewer than none.
    [[nodiscard]] std::optional<StateCounts> counts() const;
    friend bool operator==(const Tally&, const Tally&) = default;
};

/// Empty when it is of zeros.
[[nodiscard]] Bytes encode_tally(const Tally& tally);
/// None: the bytes are damaged.
[[nodiscard]] std::optional<Tally> decode_tally(std::span<const std::uint8_t> bytes);

/// The tally of all that changed before a time, from which on changes are kept one by one.
struct TallyBefore {
    UnixMillis time{};
    Tally tally;
    friend bool operator==(const TallyBefore&, const TallyBefore&) = default;
};

[[nodiscard]] Bytes encode_tally_before(const TallyBefore& before);
[[nodiscard]] std::optional<TallyBefore> decode_tally_before(std::span<const std::uint8_t> bytes);

/// So many hosts that counted as one thing count as another from then on.
struct CountChange {
    std::int64_t at_ms = 0;  // since the begin of its slot
    CountedAs from = counted_as_nothing;
    CountedAs to = counted_as_nothing;
    std::int64_t count = 1;
    friend bool operator==(const CountChange&, const CountChange&) = default;
};

/// The changes in the order of time, alike ones added up and those of nobody left out.
void tidy(std::vector<CountChange>& changes);

/// Requires that they are tidy. Some two bytes each.
[[nodiscard]] Bytes encode_changes(std::span<const CountChange> changes);
[[nodiscard]] std::optional<std::vector<CountChange>> decode_changes(
    std::span<const std::uint8_t> bytes);

}  // namespace coppice
