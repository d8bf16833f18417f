#pragma once
// How many hosts were in which state at any time, as sums of what changed in the rows of timelines
// (timeline.h), so that nobody has to look at each host.
//
// Time is cut into slots of 16 s. The row of a slot has each change in it, by the millisecond; two
// further levels have the sums of 256 slots (70 minutes), and of 256 of those (12 days). Counts at
// a time are what was before all slots, and some 500 rows at most on top of it. Sums do not depend
// on an order: what a clock that is set back takes along is taken off where it was, and counts are
// always what counting the rows of the hosts one by one would give.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "common/result.h"
#include "common/state_counts.h"

namespace coppice {

/// Rows of a store that a CountBook reads and writes, by level and slot.
class CountTable {
public:
    using Row = std::pair<std::int64_t, Bytes>;  // of a slot
    static constexpr int levels = 4;             // changes, sums, sums of sums, what was before

    virtual ~CountTable() = default;
    /// From slot `first` on and before `end`, ascending, at most `count_max`.
    [[nodiscard]] virtual Result<std::vector<Row>> rows(int level, std::int64_t first,
                                                        std::int64_t end,
                                                        std::size_t count_max) = 0;
    /// No bytes: there is no such row from now on.
    [[nodiscard]] virtual Result<Done> put(int level, std::int64_t slot, const Bytes& value) = 0;
};

/// A row of a timeline as far as it is counted.
struct CountedRow {
    UnixMillis from{};
    CountedAs as = counted_as_nothing;
    friend bool operator==(const CountedRow&, const CountedRow&) = default;
};

/// Collects the changes of one commit. What it says is as of the table.
class CountBook {
public:
    /// Of one host, which counted as `last` before: rows that follow each other are replaced by
    /// others, up to the same row or up to the end of its timeline.
    void replace(CountedAs last, std::span<const CountedRow> rows, std::span<const CountedRow> by);
    /// At the end of the commit. What changed longer than timeline_age_max before `now` is put
    /// together.
    [[nodiscard]] Result<Done> write(CountTable& table, UnixMillis now);
    /// The commit failed.
    void drop() { changes_.clear(); }

    /// None: the changes of then are not known, for the table was begun later. The hosts have to be
    /// counted one by one.
    [[nodiscard]] static Result<std::optional<StateCounts>> at(CountTable& table, UnixMillis time);
    /// There is something in the table.
    [[nodiscard]] static Result<bool> is_begun(CountTable& table);
    /// In an empty table: all that there is began before `time`.
    [[nodiscard]] static Result<Done> begin(CountTable& table, const TallyBefore& before);

private:
    struct Change {
        UnixMillis at{};
        CountedAs from = counted_as_nothing;
        CountedAs to = counted_as_nothing;
        std::int64_t count = 0;
    };
    [[nodiscard]] static Result<Done> add(CountTable& table, const std::vector<Change>& changes,
                                          TallyBefore& before);
    void turn(CountedAs last, std::span<const CountedRow> rows, std::int64_t count);

    std::vector<Change> changes_;
};

}  // namespace coppice
