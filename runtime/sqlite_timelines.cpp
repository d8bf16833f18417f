#include "runtime/sqlite_timelines.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "schemas/codec.h"

namespace coppice {

Result<Done> SqliteTimelines::prepare() {
    if (read_) return Done{};
    const std::pair<std::optional<sqlite::Query>*, std::string_view> queries[] = {
        {&cut_, "DELETE FROM timeline WHERE host = ?1 AND from_ms >= ?2 AND from_ms < ?3"},
        {&add_, "INSERT INTO timeline (host, from_ms, value) VALUES (?1, ?2, ?3)"},
        {&newest_, "SELECT from_ms FROM timeline WHERE host = ?1 ORDER BY from_ms DESC LIMIT 1"},
        // What was over at ?2 begins before the row that lasted then. No row begins before -9e15.
        {&trim_,
         "DELETE FROM timeline WHERE host = ?1 AND from_ms < max("
         "coalesce((SELECT max(from_ms) FROM timeline WHERE host = ?1 AND from_ms <= ?2), "
         "-9000000000000000),"
         "coalesce((SELECT from_ms FROM timeline WHERE host = ?1 ORDER BY from_ms DESC "
         "LIMIT 1 OFFSET ?3), -9000000000000000))"},
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

Result<std::optional<UnixMillis>> SqliteTimelines::newest(HostId host) {
    newest_->bind(1, static_cast<std::int64_t>(host.value));
    std::optional<UnixMillis> found;
    for (Result<bool> row = newest_->next();; row = newest_->next()) {
        if (!row.ok()) return row.error();
        if (!*row) return found;
        found = UnixMillis{newest_->number(0)};
    }
}

Result<Done> SqliteTimelines::begin(const TimelineRow& row) {
    if (auto prepared = prepare(); !prepared.ok()) return prepared;
    const auto host = static_cast<std::int64_t>(row.host.value);
    Result<std::optional<UnixMillis>> last = newest(row.host);
    if (last.ok() && *last && **last >= row.from) {
        cut_->bind(1, host).bind(2, std::int64_t{row.from.count()});
        cut_->bind(3, std::int64_t{(row.from + timeline_set_back_max).count()});
        if (auto done = cut_->run(); !done.ok()) return done;
        last = newest(row.host);
    }
    if (!last.ok()) return last.error();
    const UnixMillis from = *last ? std::max(row.from, **last + UnixMillis{1}) : row.from;
    const Bytes value = encode(TimelineRow{row.host, from, row.condition});
    add_->bind(1, host).bind(2, std::int64_t{from.count()}).bind(3, value);
    if (auto done = add_->run(); !done.ok()) return done;
    // Losses come by the hundred thousand; what is too old goes when a host is back.
    if (row.condition.state == HostState::lost) return Done{};
    return trim_->bind(1, host)
        .bind(2, std::int64_t{(row.from - timeline_age_max).count()})
        .bind(3, static_cast<std::int64_t>(timeline_rows_max - 1))
        .run();
}

Result<Done> SqliteTimelines::inherit(const Inherit& inherit) {
    if (auto prepared = prepare(); !prepared.ok()) return prepared;
    const auto former = static_cast<std::int64_t>(inherit.former.value);
    if (inherit.heir == HostId{}) return erase_->bind(1, former).run();
    return hand_over_->bind(1, former).bind(2, static_cast<std::int64_t>(inherit.heir.value)).run();
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
