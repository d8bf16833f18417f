#include "runtime/sqlite_timelines.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "schemas/codec.h"

namespace coppice {

namespace {

/// No row begins before, or later.
constexpr UnixMillis ever{-9'000'000'000'000'000};
constexpr UnixMillis never_after{9'000'000'000'000'000};
constexpr std::size_t all_rows = INT64_MAX;

/// What cannot be read counts as nothing: whoever reads the row is told.
CountedRow counted(const sqlite::Query& row, int from_column, int value_column) {
    const UnixMillis from{row.number(from_column)};
    const Result<HostCondition> condition = decode_condition(row.blob(value_column), from);
    return {from, condition.ok() ? counted_as(*condition) : counted_as_nothing};
}

/// All rows of a query whose columns are from_ms and value.
Result<std::vector<CountedRow>> all_of(sqlite::Query& query) {
    std::vector<CountedRow> found;
    for (Result<bool> row = query.next();; row = query.next()) {
        if (!row.ok()) return row.error();
        if (!*row) return found;
        found.push_back(counted(query, 0, 1));
    }
}

}  // namespace

Result<Done> SqliteTimelines::prepare() {
    if (read_) return Done{};
    const std::pair<std::optional<sqlite::Query>*, std::string_view> queries[] = {
        {&cut_, "DELETE FROM timeline WHERE host = ?1 AND from_ms >= ?2 AND from_ms < ?3"},
        {&add_, "INSERT INTO timeline (host, from_ms, value) VALUES (?1, ?2, ?3)"},
        {&newest_,
         "SELECT from_ms, value FROM timeline WHERE host = ?1 AND from_ms < ?2 "
         "ORDER BY from_ms DESC LIMIT 1"},
        {&range_,
         "SELECT from_ms, value FROM timeline WHERE host = ?1 AND from_ms >= ?2 AND from_ms < ?3 "
         "ORDER BY from_ms LIMIT ?4"},
        // What was over at ?2 begins before the row that lasted then. No row begins before -9e15.
        {&trim_,
         "DELETE FROM timeline WHERE host = ?1 AND from_ms < max("
         "coalesce((SELECT max(from_ms) FROM timeline WHERE host = ?1 AND from_ms <= ?2), "
         "-9000000000000000),"
         "coalesce((SELECT from_ms FROM timeline WHERE host = ?1 ORDER BY from_ms DESC "
         "LIMIT 1 OFFSET ?3), -9000000000000000)) RETURNING from_ms, value"},
        {&erase_, "DELETE FROM timeline WHERE host = ?1"},
        {&hand_over_, "UPDATE timeline SET host = ?2 WHERE host = ?1"},
        {&read_,
         "SELECT from_ms, value FROM timeline WHERE host = ?1 AND from_ms >= "
         "coalesce((SELECT max(from_ms) FROM timeline WHERE host = ?1 AND from_ms <= ?2), ?2) "
         "ORDER BY from_ms LIMIT ?3"},
    };
    for (const auto& [query, sql] : queries) {
        Result<sqlite::Query> prepared = database_.prepare(sql);
        if (!prepared.ok()) return prepared.error();
        *query = std::move(*prepared);
    }
    return Done{};
}

Result<Done> SqliteTimelines::begin_counts() {
    const auto has_rows = database_.number("SELECT EXISTS (SELECT 1 FROM timeline)");
    if (!has_rows.ok()) return has_rows.error();
    if (*has_rows == 0) return Done{};
    const Result<bool> is_begun = CountBook::is_begun(count_table_);
    if (!is_begun.ok()) return is_begun.error();
    if (*is_begun) return Done{};
    if (auto prepared = prepare(); !prepared.ok()) return prepared;
    Result<sqlite::Query> next =
        database_.prepare("SELECT host FROM timeline WHERE host > ?1 ORDER BY host LIMIT 1");
    if (!next.ok()) return next.error();
    TallyBefore before{.time = ever};
    for (std::int64_t host = -1;;) {
        next->bind(1, host);
        std::optional<std::int64_t> found;
        for (Result<bool> row = next->next();; row = next->next()) {
            if (!row.ok()) return row.error();
            if (!*row) break;
            found = next->number(0);
        }
        if (!found) return CountBook::begin(count_table_, before);
        host = *found;
        const auto last = newest(HostId{static_cast<std::uint32_t>(host)}, never_after);
        if (!last.ok()) return last.error();
        before.tally.move(counted_as_nothing, (*last)->as, 1);
        before.time = std::max(before.time, (*last)->from + UnixMillis{1});
    }
}

Result<std::optional<CountedRow>> SqliteTimelines::newest(HostId host, UnixMillis before) {
    newest_->bind(1, static_cast<std::int64_t>(host.value)).bind(2, std::int64_t{before.count()});
    const CountedRows found = all_of(*newest_);
    if (!found.ok()) return found.error();
    if (found->empty()) return std::optional<CountedRow>{};
    return std::optional{found->front()};
}

SqliteTimelines::CountedRows SqliteTimelines::range(HostId host, UnixMillis from, UnixMillis before,
                                                    std::size_t count_max) {
    range_->bind(1, static_cast<std::int64_t>(host.value)).bind(2, std::int64_t{from.count()});
    range_->bind(3, std::int64_t{before.count()}).bind(4, static_cast<std::int64_t>(count_max));
    return all_of(*range_);
}

Result<Done> SqliteTimelines::begin(const TimelineRow& row) {
    if (auto prepared = prepare(); !prepared.ok()) return prepared;
    Result<std::optional<CountedRow>> last = newest(row.host, never_after);
    if (last.ok() && *last && (*last)->from >= row.from) {
        if (auto done = cut(row.host, row.from); !done.ok()) return done;
        last = newest(row.host, never_after);
    }
    if (!last.ok()) return last.error();
    const CountedAs was = *last ? (*last)->as : counted_as_nothing;
    const UnixMillis from = *last ? std::max(row.from, (*last)->from + UnixMillis{1}) : row.from;
    const Bytes value = encode(TimelineRow{row.host, from, row.condition});
    add_->bind(1, static_cast<std::int64_t>(row.host.value)).bind(2, std::int64_t{from.count()});
    if (auto done = add_->bind(3, value).run(); !done.ok()) return done;
    const CountedRow begun{from, counted_as(row.condition)};
    counts_.replace(was, {}, {&begun, 1});
    newest_begin_ = row.from;
    // Losses come by the hundred thousand; what is too old goes when a host is back.
    if (row.condition.state == HostState::lost) return Done{};
    return trim(row.host, row.from);
}

/// What begins from then on, as far as a clock may be set back.
Result<Done> SqliteTimelines::cut(HostId host, UnixMillis from) {
    const UnixMillis end = from + timeline_set_back_max;
    const auto last = newest(host, from);
    if (!last.ok()) return last.error();
    CountedRows rows = range(host, from, end, all_rows);
    if (!rows.ok()) return rows.error();
    if (rows->empty()) return Done{};
    const CountedRows next = range(host, end, never_after, 1);
    if (!next.ok()) return next.error();
    rows->insert(rows->end(), next->begin(), next->end());
    counts_.replace(*last ? (*last)->as : counted_as_nothing, *rows, *next);
    cut_->bind(1, static_cast<std::int64_t>(host.value)).bind(2, std::int64_t{from.count()});
    return cut_->bind(3, std::int64_t{end.count()}).run();
}

Result<Done> SqliteTimelines::trim(HostId host, UnixMillis now) {
    trim_->bind(1, static_cast<std::int64_t>(host.value))
        .bind(2, std::int64_t{(now - timeline_age_max).count()})
        .bind(3, static_cast<std::int64_t>(timeline_rows_max - 1));
    CountedRows rows = all_of(*trim_);
    if (!rows.ok()) return rows.error();
    if (rows->empty()) return Done{};
    std::sort(rows->begin(), rows->end(), [](const CountedRow& left, const CountedRow& right) {
        return left.from < right.from;
    });
    const CountedRows next = range(host, ever, never_after, 1);
    if (!next.ok()) return next.error();
    rows->insert(rows->end(), next->begin(), next->end());
    counts_.replace(counted_as_nothing, *rows, *next);
    return Done{};
}

Result<Done> SqliteTimelines::erase(HostId host) {
    const CountedRows rows = range(host, ever, never_after, all_rows);
    if (!rows.ok()) return rows.error();
    counts_.replace(counted_as_nothing, *rows, {});
    return erase_->bind(1, static_cast<std::int64_t>(host.value)).run();
}

Result<Done> SqliteTimelines::inherit(const Inherit& inherit) {
    if (auto prepared = prepare(); !prepared.ok()) return prepared;
    if (inherit.heir == HostId{}) return erase(inherit.former);
    return hand_over_->bind(1, static_cast<std::int64_t>(inherit.former.value))
        .bind(2, static_cast<std::int64_t>(inherit.heir.value))
        .run();
}

Result<std::vector<TimelineRow>> SqliteTimelines::read(HostId host, UnixMillis time,
                                                       std::size_t count_max) {
    if (const auto prepared = prepare(); !prepared.ok()) return prepared.error();
    read_->bind(1, static_cast<std::int64_t>(host.value))
        .bind(2, std::int64_t{time.count()})
        .bind(3, static_cast<std::int64_t>(count_max));
    std::vector<TimelineRow> found;
    std::optional<Error> error;  // the first; the rows are read to their end all the same
    for (Result<bool> row = read_->next();; row = read_->next()) {
        if (!row.ok()) return row.error();
        if (!*row) break;
        const UnixMillis from{read_->number(0)};
        const Result<HostCondition> condition = decode_condition(read_->blob(1), from);
        if (condition.ok())
            found.push_back({host, from, *condition});
        else if (!error)
            error = condition.error();
    }
    if (error) return *error;
    return found;
}

}  // namespace coppice
