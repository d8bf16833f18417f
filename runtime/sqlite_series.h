#pragma once
// What the windows of series gave, in an SQLite store; see common/series.h.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/record.h"
#include "common/result.h"
#include "runtime/sqlite.h"

namespace coppice {

/// Part of a store, within whose transactions it writes. What is not used takes no memory: agents
/// have stores, too.
class SqliteSeries {
public:
    /// `database` outlives this, and has the table when it is used.
    explicit SqliteSeries(sqlite::Database& database) : database_{database} {}

    /// Takes a few of the oldest windows away, too, when those of the series take more than
    /// limits::series_bytes_max.
    [[nodiscard]] Result<Done> keep(const Keep& keep);
    [[nodiscard]] Result<Done> forget(std::string_view series);
    /// As SeriesReader has it; an error says why the rows cannot be read.
    [[nodiscard]] Result<std::vector<Sample>> read(std::string_view series, UnixMillis after,
                                                   std::size_t count_max);

private:
    [[nodiscard]] Result<Done> prepare();
    [[nodiscard]] static Result<Done> remove(sqlite::Query& query, std::int64_t& bytes);
    [[nodiscard]] Result<std::int64_t> size(std::string_view series);

    sqlite::Database& database_;
    std::map<std::string, std::int64_t, std::less<>>
        bytes_;  // of what is kept; of series that were written
    std::optional<sqlite::Query> add_;
    std::optional<sqlite::Query> cut_;
    std::optional<sqlite::Query> trim_;
    std::optional<sqlite::Query> forget_;
    std::optional<sqlite::Query> size_;
    std::optional<sqlite::Query> read_;
};

}  // namespace coppice
