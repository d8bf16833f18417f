#include "runtime/sqlite_series.h"

#include <algorithm>
#include <utility>

#include "common/limits.h"
#include "schemas/codec.h"

namespace coppice {
namespace {

/// Windows that are too old, or too many, and that one more takes away: few, so that a commit never
/// takes long, and more than one, so that a series which is kept for less time than before catches
/// up.
constexpr std::int64_t trimmed_max = 8;

}  // namespace

Result<Done> SqliteSeries::prepare() {
    if (read_) return Done{};
    const std::pair<std::optional<sqlite::Query>*, std::string_view> queries[] = {
        {&add_, "INSERT OR REPLACE INTO sample (series, at_ms, value) VALUES (?1, ?2, ?3)"},
        {&cut_,
         "DELETE FROM sample WHERE series = ?1 AND at_ms >= ?2 AND at_ms < ?3 "
         "RETURNING length(value)"},
        {&trim_,
         "DELETE FROM sample WHERE series = ?1 AND at_ms IN (SELECT at_ms FROM sample WHERE "
         "series = ?1 AND at_ms < ?2 ORDER BY at_ms LIMIT ?3) RETURNING length(value)"},
        {&forget_, "DELETE FROM sample WHERE series = ?1"},
        {&size_, "SELECT coalesce(sum(length(value)), 0) FROM sample WHERE series = ?1"},
        {&read_,
         "SELECT at_ms, value FROM sample WHERE series = ?1 AND at_ms > ?2 ORDER BY at_ms "
         "LIMIT ?3"},
    };
    for (const auto& [query, sql] : queries) {
        Result<sqlite::Query> prepared = database_.prepare(sql);
        if (!prepared.ok()) return prepared.error();
        *query = std::move(*prepared);
    }
    return Done{};
}

/// Runs a deletion that returns the sizes of what it took away.
Result<Done> SqliteSeries::remove(sqlite::Query& query, std::int64_t& bytes) {
    for (Result<bool> row = query.next();; row = query.next()) {
        if (!row.ok()) return row.error();
        if (!*row) return Done{};
        bytes -= query.number(0);
    }
}

Result<std::int64_t> SqliteSeries::size(std::string_view series) {
    size_->bind(1, series);
    std::int64_t bytes = 0;
    for (Result<bool> row = size_->next();; row = size_->next()) {
        if (!row.ok()) return row.error();
        if (!*row) return bytes;
        bytes = size_->number(0);
    }
}

Result<Done> SqliteSeries::keep(const Keep& keep) {
    if (auto prepared = prepare(); !prepared.ok()) return prepared;
    const auto known = bytes_.find(keep.series);
    const Result<std::int64_t> before =
        known == bytes_.end() ? size(keep.series) : Result<std::int64_t>{known->second};
    if (!before.ok()) return before.error();
    std::int64_t bytes = *before;
    const std::int64_t at = keep.sample.at.count();
    cut_->bind(1, keep.series).bind(2, at);
    cut_->bind(3, std::int64_t{(keep.sample.at + timeline_set_back_max).count()});
    if (auto done = remove(*cut_, bytes); !done.ok()) return done;
    const Bytes value = encode(keep.sample);
    if (auto done = add_->bind(1, keep.series).bind(2, at).bind(3, value).run(); !done.ok())
        return done;
    bytes += static_cast<std::int64_t>(value.size());
    const bool is_too_much = bytes > static_cast<std::int64_t>(limits::series_bytes_max);
    trim_->bind(1, keep.series)
        .bind(2, is_too_much ? at : std::int64_t{keep.keep_from.count()})
        .bind(3, trimmed_max);
    if (auto done = remove(*trim_, bytes); !done.ok()) return done;
    bytes_.insert_or_assign(keep.series, bytes);
    return Done{};
}

Result<Done> SqliteSeries::forget(std::string_view series) {
    if (auto prepared = prepare(); !prepared.ok()) return prepared;
    if (const auto known = bytes_.find(series); known != bytes_.end()) bytes_.erase(known);
    return forget_->bind(1, series).run();
}

Result<std::vector<Sample>> SqliteSeries::read(std::string_view series, UnixMillis after,
                                               std::size_t count_max) {
    if (const auto prepared = prepare(); !prepared.ok()) return prepared.error();
    read_->bind(1, series)
        .bind(2, std::int64_t{after.count()})
        .bind(3, static_cast<std::int64_t>(count_max));
    std::vector<Sample> found;
    std::optional<Error> error;  // the first; the rows are read to their end all the same
    for (Result<bool> row = read_->next();; row = read_->next()) {
        if (!row.ok()) return row.error();
        if (!*row) break;
        Result<Sample> sample = decode_sample(read_->blob(1), UnixMillis{read_->number(0)});
        if (sample.ok())
            found.push_back(std::move(*sample));
        else if (!error)
            error = sample.error();
    }
    if (error) return *error;
    return found;
}

}  // namespace coppice
