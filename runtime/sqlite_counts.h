#pragma once
// The table of how many hosts were in which state, in an SQLite store; see common/count_book.h.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/count_book.h"
#include "runtime/sqlite.h"

namespace coppice {

/// Part of a store, within whose transactions it writes.
class SqliteCounts final : public CountTable {
public:
    /// `database` outlives this, and has the table when it is used.
    explicit SqliteCounts(sqlite::Database& database) : database_{database} {}

    [[nodiscard]] Result<std::vector<Row>> rows(int level, std::int64_t first, std::int64_t end,
                                                std::size_t count_max) override;
    [[nodiscard]] Result<Done> put(int level, std::int64_t slot, const Bytes& value) override;

private:
    [[nodiscard]] Result<Done> prepare();

    sqlite::Database& database_;
    std::optional<sqlite::Query> read_;
    std::optional<sqlite::Query> put_;
    std::optional<sqlite::Query> erase_;
};

}  // namespace coppice
