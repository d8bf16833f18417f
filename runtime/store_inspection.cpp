#include "runtime/store_inspection.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "runtime/file_descriptor.h"
#include "runtime/sqlite.h"
#include "runtime/sqlite_store.h"
#include "schemas/codec.h"

namespace coppice {
namespace {

/// Of sqlite.org/src/file/src/os.h: the bytes on which every connection has a lock.
constexpr off_t lock_bytes_start = 0x40000000;
constexpr off_t lock_bytes_size = 512;

std::optional<pid_t> holder_of(const std::filesystem::path& file) {
    const FileDescriptor fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = lock_bytes_start;
    lock.l_len = lock_bytes_size;
    const bool is_held =
        fd.is_open() && ::fcntl(fd.get(), F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    return is_held ? std::optional{lock.l_pid} : std::nullopt;
}

Result<std::vector<std::string>> quick_check(sqlite::Database& database) {
    Result<sqlite::Query> rows = database.prepare("PRAGMA quick_check(10)");
    if (!rows.ok()) return rows.error();
    std::vector<std::string> damages;
    while (true) {
        const Result<bool> row = rows->next();
        if (!row.ok()) return row.error();
        if (!*row) return damages;
        if (rows->text(0) != "ok") damages.emplace_back(rows->text(0));
    }
}

Result<std::vector<Record>> read_records(sqlite::Database& database) {
    Result<sqlite::Query> rows =
        database.prepare("SELECT value FROM record WHERE kind IN (?1, ?2, ?3)");
    if (!rows.ok()) return rows.error();
    rows->bind(1, std::int64_t{key_of(Record{IdentityRecord{}}).kind})
        .bind(2, std::int64_t{key_of(Record{FleetRecord{}}).kind})
        .bind(3, std::int64_t{key_of(Record{PushRecord{}}).kind});
    std::vector<Record> records;
    while (true) {
        const Result<bool> row = rows->next();
        if (!row.ok()) return row.error();
        if (!*row) return records;
        Result<Record> record = decode_record(rows->blob(0));
        if (!record.ok()) return record.error();
        records.push_back(std::move(*record));
    }
}

}  // namespace

Result<StoreFindings> inspect_store(const std::filesystem::path& file) {
    StoreFindings findings;
    findings.holder = holder_of(file);
    if (findings.holder) return findings;
    sqlite::Database database;
    if (const auto opened = database.open_to_read(file); !opened.ok()) return opened.error();
    if (const auto origin = check_store_origin(database, file); !origin.ok()) return origin.error();
    Result<std::vector<std::string>> damages = quick_check(database);
    if (!damages.ok()) return damages.error();
    findings.damages = std::move(*damages);
    if (!findings.damages.empty()) return findings;
    Result<std::vector<Record>> records = read_records(database);
    if (!records.ok()) return records.error();
    findings.records = std::move(*records);
    return findings;
}

}  // namespace coppice
