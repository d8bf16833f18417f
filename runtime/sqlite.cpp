#include "runtime/sqlite.h"

#include <sqlite3.h>

#include <cstring>

namespace coppice::sqlite {
namespace {

/// A process that is being replaced may need a moment to end.
constexpr int busy_timeout_ms = 1000;

}  // namespace

void Query::Close::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Query& Query::bind(int parameter, std::int64_t value) {
    sqlite3_bind_int64(statement_.get(), parameter, value);
    return *this;
}

Query& Query::bind(int parameter, std::string_view text) {
    const char* data = text.empty() ? "" : text.data();  // null would be SQL's NULL
    sqlite3_bind_text64(statement_.get(), parameter, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
}

Query& Query::bind(int parameter, std::span<const std::uint8_t> blob) {
    sqlite3_bind_blob64(statement_.get(), parameter, blob.data(), blob.size(), SQLITE_STATIC);
    return *this;
}

Result<bool> Query::next() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        sqlite3_reset(statement_.get());
        return false;
    }
    Error error = database_->error();
    sqlite3_reset(statement_.get());
    return error;
}

Result<Done> Query::run() {
    const Result<bool> row = next();
    if (!row.ok()) return row.error();
    COPPICE_ENSURE(!*row, "a statement that is run gives no rows");
    return Done{};
}

std::int64_t Query::number(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Query::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::span<const std::uint8_t> Query::blob(int column) const {
    const auto* data =
        static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<Done> Database::open(const std::filesystem::path& file) {
    return open(file, SQLITE_OPEN_READWRITE);
}

Result<Done> Database::open_to_read(const std::filesystem::path& file) {
    return open(file, SQLITE_OPEN_READONLY);
}

Result<Done> Database::open(const std::filesystem::path& file, int flags) {
    file_ = file;
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK) return error();
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, busy_timeout_ms);
    return Done{};
}

Result<Done> Database::execute(std::string_view sql) {
    const std::string text{sql};
    if (sqlite3_exec(handle_.get(), text.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return error();
    return Done{};
}

Result<Query> Database::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return error();
    return Query{*this, statement};
}

Result<std::int64_t> Database::number(std::string_view sql) {
    Result<Query> query = prepare(sql);
    if (!query.ok()) return query.error();
    const Result<bool> row = query->next();
    if (!row.ok()) return row.error();
    if (!*row) return Error{"the store " + file_.string() + " is damaged: a row is missing"};
    return query->number(0);
}

Error Database::error() const {
    const std::string store = "the store " + file_.string();
    const int code = sqlite3_extended_errcode(handle_.get());
    const int primary = code & 0xff;
    if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED)
        return {store + " is in use by another process; one process opens a store at a time"};
    if (primary == SQLITE_NOTADB)
        return {"the file " + file_.string() + " is no Coppice store; name another file"};
    std::string why = sqlite3_errmsg(handle_.get());
    if (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)
        why += std::string{" ("} + std::strerror(sqlite3_system_errno(handle_.get())) + ")";
    return {store + " cannot be used: " + why + "; look at the disk and start again"};
}

}  // namespace coppice::sqlite
