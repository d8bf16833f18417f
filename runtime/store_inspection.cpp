#include "runtime/store_inspection.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "runtime/file_descriptor.h"
#include "runtime/sqlite.h"
#include "runtime/sqlite_counts.h"
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

/// A row that was written by an older release may not say the role.
bool agree(const HostRecord& host, const HostCondition& newest) {
    HostCondition expected = condition_of(host, newest.generation);
    if (!newest.role) expected.role.reset();
    return newest == expected;
}

/// The newest rows of all hosts, counted, and the counts beside them are of one commit, too.
Result<std::vector<std::string>> check_counts(sqlite::Database& database, const Tally& newest) {
    const Result<std::int64_t> tables =
        database.number("SELECT count(*) FROM sqlite_schema WHERE name = 'host_count'");
    if (!tables.ok()) return tables.error();
    if (*tables == 0) return std::vector<std::string>{};  // of an older release
    SqliteCounts table{database};
    const Result<bool> is_begun = CountBook::is_begun(table);
    if (!is_begun.ok()) return is_begun.error();
    if (!*is_begun) return std::vector<std::string>{};
    const auto counts = CountBook::at(table, UnixMillis{9'000'000'000'000'000});
    if (!counts.ok()) return std::vector<std::string>{counts.error().message};
    if (*counts == newest.counts()) return std::vector<std::string>{};
    return std::vector<std::string>{
        "the counts of hosts by state are not those of their histories"};
}

/// Each host's record and the newest row of its timeline are of one commit, so they agree.
Result<std::vector<std::string>> check_timelines(sqlite::Database& database) {
    std::vector<std::string> damages;
    const Result<std::int64_t> tables =
        database.number("SELECT count(*) FROM sqlite_schema WHERE name = 'timeline'");
    if (!tables.ok()) return tables.error();
    if (*tables == 0) return damages;  // of the first release
    const Result<std::int64_t> is_begun = database.number("SELECT EXISTS (SELECT 1 FROM timeline)");
    if (!is_begun.ok()) return is_begun.error();
    if (*is_begun == 0) return damages;
    Result<sqlite::Query> rows = database.prepare(
        "SELECT record.value, timeline.value, from_ms FROM record LEFT JOIN timeline "
        "ON host = CAST(record.id AS INTEGER) AND from_ms = (SELECT max(from_ms) FROM timeline "
        "WHERE host = CAST(record.id AS INTEGER)) WHERE kind = ?1");
    if (!rows.ok()) return rows.error();
    rows->bind(1, std::int64_t{key_of(Record{HostRecord{}}).kind});
    Tally tally;
    while (true) {
        const Result<bool> row = rows->next();
        if (!row.ok()) return row.error();
        if (!*row) return damages.empty() ? check_counts(database, tally) : damages;
        const Result<Record> record = decode_record(rows->blob(0));
        if (!record.ok()) return record.error();
        const auto& host = std::get<HostRecord>(*record);
        const Result<HostCondition> newest =
            decode_condition(rows->blob(1), UnixMillis{rows->number(2)});
        if (newest.ok()) tally.move(counted_as_nothing, counted_as(*newest), 1);
        if (!newest.ok() || !agree(host, *newest))
            damages.push_back("the history of host '" + host.name +
                              "' does not end with what its record says");
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
    Result<std::vector<std::string>> timelines = check_timelines(database);
    if (!timelines.ok()) return timelines.error();
    findings.damages = std::move(*timelines);
    if (!findings.damages.empty()) return findings;
    Result<std::vector<Record>> records = read_records(database);
    if (!records.ok()) return records.error();
    findings.records = std::move(*records);
    return findings;
}

}  // namespace coppice
