#pragma once
// The few calls of SQLite that the store needs, with errors as sentences that name the file.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace coppice::sqlite {

class Database;

/// A prepared statement. Parameters count from 1, columns from 0. After an execution that ended,
/// with a row missing or an error, it can be bound and executed again.
class Query {
public:
    Query& bind(int parameter, std::int64_t value);
    /// The bytes must stay until the execution has ended.
    Query& bind(int parameter, std::string_view text);
    Query& bind(int parameter, std::span<const std::uint8_t> blob);

    /// True: there is a row, and its columns are valid until the next call.
    [[nodiscard]] Result<bool> next();
    /// Executes a statement that gives no rows.
    [[nodiscard]] Result<Done> run();

    [[nodiscard]] std::int64_t number(int column) const;
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] std::span<const std::uint8_t> blob(int column) const;

private:
    friend class Database;
    struct Close {
        void operator()(sqlite3_stmt* statement) const;
    };
    Query(const Database& database, sqlite3_stmt* statement)
        : database_{&database}, statement_{statement} {}

    const Database* database_;
    std::unique_ptr<sqlite3_stmt, Close> statement_;
};

/// One connection, for one thread. Outlives its queries and does not move while they live.
class Database {
public:
    /// The file must exist.
    [[nodiscard]] Result<Done> open(const std::filesystem::path& file);
    /// The same, and nothing can be changed.
    [[nodiscard]] Result<Done> open_to_read(const std::filesystem::path& file);
    /// Executes statements that need no parameters and whose rows do not matter.
    [[nodiscard]] Result<Done> execute(std::string_view sql);
    [[nodiscard]] Result<Query> prepare(std::string_view sql);
    /// The first column of the first row.
    [[nodiscard]] Result<std::int64_t> number(std::string_view sql);
    /// What went wrong last.
    [[nodiscard]] Error error() const;

private:
    struct Close {
        void operator()(sqlite3* database) const;
    };

    [[nodiscard]] Result<Done> open(const std::filesystem::path& file, int flags);

    std::filesystem::path file_;
    std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace coppice::sqlite
