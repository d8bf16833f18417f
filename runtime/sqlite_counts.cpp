#include "runtime/sqlite_counts.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace coppice {
namespace {

/// Slots are those of milliseconds since 1970, divided: far less.
constexpr std::int64_t slot_max = std::int64_t{1} << 52;

/// Slots of one level follow each other, and those of the lowest, which are many, come last in the
/// table: what is added at its end fills pages.
std::int64_t key_of(int level, std::int64_t slot) {
    return std::clamp(slot, -slot_max, slot_max) - level * (std::int64_t{1} << 56);
}

}  // namespace

Result<Done> SqliteCounts::prepare() {
    if (erase_) return Done{};
    const std::pair<std::optional<sqlite::Query>*, std::string_view> queries[] = {
        {&read_,
         "SELECT slot, value FROM host_count WHERE slot >= ?1 AND slot < ?2 ORDER BY slot "
         "LIMIT ?3"},
        {&put_,
         "INSERT INTO host_count (slot, value) VALUES (?1, ?2) "
         "ON CONFLICT (slot) DO UPDATE SET value = excluded.value"},
        {&erase_, "DELETE FROM host_count WHERE slot = ?1"},
    };
    for (const auto& [query, sql] : queries) {
        Result<sqlite::Query> prepared = database_.prepare(sql);
        if (!prepared.ok()) return prepared.error();
        *query = std::move(*prepared);
    }
    return Done{};
}

Result<std::vector<CountTable::Row>> SqliteCounts::rows(int level, std::int64_t first,
                                                        std::int64_t end, std::size_t count_max) {
    if (const auto prepared = prepare(); !prepared.ok()) return prepared.error();
    read_->bind(1, key_of(level, first)).bind(2, key_of(level, end));
    read_->bind(3, static_cast<std::int64_t>(std::min<std::size_t>(count_max, INT64_MAX)));
    std::vector<Row> found;
    for (Result<bool> row = read_->next();; row = read_->next()) {
        if (!row.ok()) return row.error();
        if (!*row) return found;
        const auto value = read_->blob(1);
        found.emplace_back(read_->number(0) - key_of(level, 0), Bytes{value.begin(), value.end()});
    }
}

Result<Done> SqliteCounts::put(int level, std::int64_t slot, const Bytes& value) {
    if (auto prepared = prepare(); !prepared.ok()) return prepared;
    const std::int64_t key = key_of(level, slot);
    if (value.empty()) return erase_->bind(1, key).run();
    return put_->bind(1, key).bind(2, value).run();
}

}  // namespace coppice
