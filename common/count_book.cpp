#include "common/count_book.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <string>
#include <utility>

namespace coppice {
namespace {

/// 2^14 ms; a level has 2^8 times as long ones as the one below.
constexpr int slot_bits = 14;
constexpr int level_bits = 8;
constexpr int level_of_changes = 0;
constexpr int level_of_sums = 1;
constexpr int level_of_sums_of_sums = 2;
constexpr int level_before = 3;
constexpr std::int64_t first_slot = std::numeric_limits<std::int64_t>::min();
constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
/// As in SqliteTimelines: no row begins before.
constexpr UnixMillis ever{-9'000'000'000'000'000};
/// In one commit; 70 minutes have 256 slots.
constexpr std::size_t dropped_max = 32;

std::int64_t slot_of(UnixMillis time, int level) {
    return time.count() >> (slot_bits + level * level_bits);
}

UnixMillis begin_of(std::int64_t slot, int level) {
    return UnixMillis{slot * (std::int64_t{1} << (slot_bits + level * level_bits))};
}

Error damage(int level, std::int64_t slot) {
    return {"the counts of hosts, level " + std::to_string(level) + ", slot " +
            std::to_string(slot) + ", cannot be read"};
}

Result<TallyBefore> read_before(CountTable& table) {
    const auto rows = table.rows(level_before, 0, 1, 1);
    if (!rows.ok()) return rows.error();
    if (rows->empty()) return TallyBefore{.time = ever};
    const std::optional<TallyBefore> before = decode_tally_before(rows->front().second);
    if (!before) return damage(level_before, 0);
    return *before;
}

/// Adds the sums of the slots of a level.
Result<Done> add_sums(CountTable& table, int level, std::int64_t first, std::int64_t end,
                      Tally& tally) {
    const auto rows = table.rows(level, first, end, all);
    if (!rows.ok()) return rows.error();
    for (const auto& [slot, value] : *rows) {
        const std::optional<Tally> sum = decode_tally(value);
        if (!sum) return damage(level, slot);
        tally += *sum;
    }
    return Done{};
}

/// Adds the changes of slots from `first` on that came by `time`.
Result<Done> add_changes(CountTable& table, std::int64_t first, UnixMillis time, Tally& tally) {
    const auto rows = table.rows(level_of_changes, first, slot_of(time, level_of_changes) + 1, all);
    if (!rows.ok()) return rows.error();
    for (const auto& [slot, value] : *rows) {
        const auto changes = decode_changes(value);
        if (!changes) return damage(level_of_changes, slot);
        const std::int64_t at_ms_max = (time - begin_of(slot, level_of_changes)).count();
        for (const CountChange& change : *changes)
            if (change.at_ms <= at_ms_max) tally.move(change.from, change.to, change.count);
    }
    return Done{};
}

Result<Done> add_to_sum(CountTable& table, int level, std::int64_t slot, const Tally& more) {
    if (more == Tally{}) return Done{};
    Tally sum = more;
    if (const auto known = add_sums(table, level, slot, slot + 1, sum); !known.ok()) return known;
    return table.put(level, slot, encode_tally(sum));
}

Result<Done> add_to_slot(CountTable& table, std::int64_t slot, std::vector<CountChange> changes) {
    const auto rows = table.rows(level_of_changes, slot, slot + 1, 1);
    if (!rows.ok()) return rows.error();
    if (!rows->empty()) {
        auto known = decode_changes(rows->front().second);
        if (!known) return damage(level_of_changes, slot);
        known->insert(known->end(), changes.begin(), changes.end());
        changes = std::move(*known);
    }
    tidy(changes);
    return table.put(level_of_changes, slot, encode_changes(changes));
}

/// Takes the sums of a level from slot `first` on and before `end`.
Result<Tally> take_sums(CountTable& table, int level, std::int64_t first, std::int64_t end) {
    const auto rows = table.rows(level, first, end, all);
    if (!rows.ok()) return rows.error();
    Tally taken;
    for (const auto& [slot, value] : *rows) {
        const std::optional<Tally> sum = decode_tally(value);
        if (!sum) return damage(level, slot);
        taken += *sum;
        if (const auto dropped = table.put(level, slot, {}); !dropped.ok()) return dropped.error();
    }
    return taken;
}

/// Puts what is too old together with what was before. Sums of sums go as a whole, so this is some
/// hundred rows at most, after years without a change too; what it leaves is dropped by and by.
Result<Done> fold(CountTable& table, UnixMillis now, TallyBefore& before) {
    const std::int64_t end = slot_of(now - timeline_age_max, level_of_sums);
    const std::int64_t end_of_wholes = end >> level_bits;
    if (begin_of(end, level_of_sums) <= before.time) return Done{};
    const auto wholes = take_sums(table, level_of_sums_of_sums, first_slot, end_of_wholes);
    if (!wholes.ok()) return wholes.error();
    const auto parts = take_sums(table, level_of_sums, end_of_wholes << level_bits, end);
    if (!parts.ok()) return parts.error();
    before.time = begin_of(end, level_of_sums);
    before.tally += *wholes;
    before.tally += *parts;
    Tally less;
    less -= *parts;
    return add_to_sum(table, level_of_sums_of_sums, end_of_wholes, less);
}

/// A few of the rows of a level that are not read any more.
Result<Done> drop_some(CountTable& table, int level, UnixMillis before) {
    const auto rows = table.rows(level, first_slot, slot_of(before, level), dropped_max);
    if (!rows.ok()) return rows.error();
    for (const auto& [slot, value] : *rows)
        if (const auto dropped = table.put(level, slot, {}); !dropped.ok()) return dropped;
    return Done{};
}

}  // namespace

void CountBook::turn(CountedAs last, std::span<const CountedRow> rows, std::int64_t count) {
    for (const CountedRow& row : rows) {
        if (row.as != last) changes_.push_back({row.from, last, row.as, count});
        last = row.as;
    }
}

void CountBook::replace(CountedAs last, std::span<const CountedRow> rows,
                        std::span<const CountedRow> by) {
    turn(last, rows, -1);
    turn(last, by, 1);
}

Result<Done> CountBook::write(CountTable& table, UnixMillis now) {
    if (changes_.empty()) return Done{};
    Result<TallyBefore> known = read_before(table);
    if (!known.ok()) return known.error();
    TallyBefore before = *known;
    if (auto done = fold(table, now, before); !done.ok()) return done;
    if (auto done = add(table, std::exchange(changes_, {}), before); !done.ok()) return done;
    for (const int level : {level_of_changes, level_of_sums})
        if (auto done = drop_some(table, level, before.time); !done.ok()) return done;
    if (before == *known) return Done{};
    return table.put(level_before, 0, encode_tally_before(before));
}

Result<Done> CountBook::add(CountTable& table, const std::vector<Change>& changes,
                            TallyBefore& before) {
    std::map<std::int64_t, std::vector<CountChange>> slots;
    std::map<std::int64_t, Tally> sums;
    std::map<std::int64_t, Tally> sums_of_sums;
    for (const Change& change : changes) {
        if (change.at < before.time) {
            before.tally.move(change.from, change.to, change.count);
            continue;
        }
        const std::int64_t slot = slot_of(change.at, level_of_changes);
        slots[slot].push_back({(change.at - begin_of(slot, level_of_changes)).count(), change.from,
                               change.to, change.count});
        sums[slot >> level_bits].move(change.from, change.to, change.count);
        sums_of_sums[slot >> 2 * level_bits].move(change.from, change.to, change.count);
    }
    for (auto& [slot, more] : slots)
        if (auto done = add_to_slot(table, slot, std::move(more)); !done.ok()) return done;
    for (const auto& [slot, more] : sums)
        if (auto done = add_to_sum(table, level_of_sums, slot, more); !done.ok()) return done;
    for (const auto& [slot, more] : sums_of_sums)
        if (auto done = add_to_sum(table, level_of_sums_of_sums, slot, more); !done.ok())
            return done;
    return Done{};
}

Result<std::optional<StateCounts>> CountBook::at(CountTable& table, UnixMillis time) {
    const Result<TallyBefore> before = read_before(table);
    if (!before.ok()) return before.error();
    if (time < before->time) return std::optional<StateCounts>{};
    Tally tally = before->tally;
    const std::int64_t slot_of_sums = slot_of(time, level_of_sums);
    const std::int64_t slot_of_all = slot_of(time, level_of_sums_of_sums);
    auto done = add_sums(table, level_of_sums_of_sums, first_slot, slot_of_all, tally);
    if (done.ok())
        done = add_sums(table, level_of_sums, slot_of_all << level_bits, slot_of_sums, tally);
    if (done.ok()) done = add_changes(table, slot_of_sums << level_bits, time, tally);
    if (!done.ok()) return done.error();
    const std::optional<StateCounts> counts = tally.counts();
    if (!counts) return Error{"the counts of hosts do not add up"};
    return counts;
}

Result<bool> CountBook::is_begun(CountTable& table) {
    const auto rows = table.rows(level_before, 0, 1, 1);
    if (!rows.ok()) return rows.error();
    return !rows->empty();
}

Result<Done> CountBook::begin(CountTable& table, const TallyBefore& before) {
    return table.put(level_before, 0, encode_tally_before(before));
}

}  // namespace coppice
