#include "runtime/sqlite_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "common/limits.h"
#include "common/overloaded.h"
#include "schemas/codec.h"
#include "schemas/store_versions.h"

namespace coppice {
namespace {

/// "COPP": tells a store from other SQLite files.
constexpr std::int64_t application_id = 0x434f5050;

/// Set before the first access: then WAL needs no shared memory, and the lock is never let go.
constexpr std::string_view locking = "PRAGMA locking_mode=EXCLUSIVE";
/// The cache is small since agents keep stores too.
constexpr std::string_view settings =
    "PRAGMA cache_size=-256;"
    "PRAGMA mmap_size=0;"
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA journal_size_limit=4194304;";

/// An existing file is not opened here: closing it would drop the locks that this process has on
/// it.
Result<Done> create_when_missing(const std::filesystem::path& file) {
    const int created = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (created < 0 && errno == EEXIST) return Done{};
    if (created < 0)
        return Error{"the store " + file.string() + " cannot be created: " + std::strerror(errno) +
                     "; the folder must exist and belong to this user"};
    ::close(created);
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
    if (const int entry = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); entry >= 0) {
        ::fsync(entry);  // best effort: a file that a power cut takes away held nothing yet
        ::close(entry);
    }
    return Done{};
}

}  // namespace

Result<Done> check_store_origin(sqlite::Database& database, const std::filesystem::path& file) {
    const Result<std::int64_t> id = database.number("PRAGMA application_id");
    if (!id.ok()) return id.error();
    const Result<std::int64_t> tables = database.number("SELECT count(*) FROM sqlite_schema");
    if (!tables.ok()) return tables.error();
    if (*id != application_id && (*id != 0 || *tables != 0))
        return Error{"the file " + file.string() +
                     " belongs to another program and is no Coppice store; name another file"};
    const Result<std::int64_t> version = database.number("PRAGMA user_version");
    if (!version.ok()) return version.error();
    const auto known = static_cast<std::int64_t>(store_versions().size());
    if (*version > known)
        return Error{"the store " + file.string() + " is of version " + std::to_string(*version) +
                     " and this release knows version " + std::to_string(known) +
                     "; start the newer release that wrote it, or restore an older copy"};
    return Done{};
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& file) {
    if (const Result<Done> created = create_when_missing(file); !created.ok())
        return created.error();
    std::unique_ptr<SqliteStore> store{new SqliteStore{file}};
    if (const Result<Done> started = store->start(); !started.ok()) return started.error();
    return store;
}

Result<Done> SqliteStore::start() {
    if (const Result<Done> opened = database_.open(file_); !opened.ok()) return opened;
    if (const Result<Done> locked = database_.execute(locking); !locked.ok()) return locked;
    // Before anything is written, so that a foreign file is left as it is.
    if (const Result<Done> origin = check_store_origin(database_, file_); !origin.ok())
        return origin;
    if (const Result<Done> set = database_.execute(settings); !set.ok()) return set;
    if (const Result<Done> current = bring_up_to_date(); !current.ok()) return current;
    if (const Result<Done> counts = timelines_.begin_counts(); !counts.ok()) return counts;
    return prepare();
}

Result<Done> SqliteStore::bring_up_to_date() {
    const std::vector<std::string_view> versions = store_versions();
    if (const Result<Done> begun = database_.execute("BEGIN IMMEDIATE"); !begun.ok()) return begun;
    const Result<std::int64_t> version = database_.number("PRAGMA user_version");
    if (!version.ok()) return version.error();
    std::string sql = "PRAGMA application_id=" + std::to_string(application_id) +
                      ";PRAGMA user_version=" + std::to_string(versions.size()) + ";";
    for (auto step = static_cast<std::size_t>(*version); step < versions.size(); ++step)
        sql += versions[step];
    sql += "UPDATE meta SET value = value + 1 WHERE name = 'term'; COMMIT;";
    if (const Result<Done> done = database_.execute(sql); !done.ok()) return done;
    const Result<std::int64_t> term =
        database_.number("SELECT value FROM meta WHERE name = 'term'");
    if (!term.ok()) return term.error();
    term_ = static_cast<std::uint64_t>(*term);
    return Done{};
}

Result<Done> SqliteStore::prepare() {
    const std::pair<std::optional<sqlite::Query>*, std::string_view> queries[] = {
        {&put_,
         "INSERT INTO record (kind, id, value) VALUES (?1, ?2, ?3) "
         "ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value"},
        {&erase_, "DELETE FROM record WHERE kind = ?1 AND id = ?2"},
        {&append_,
         "INSERT INTO event (id, revision, time_ms, kind, value) VALUES (?1, ?2, ?3, ?4, ?5) "
         "ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, "
         "time_ms = excluded.time_ms, kind = excluded.kind, value = excluded.value"},
    };
    for (const auto& [query, sql] : queries) {
        Result<sqlite::Query> prepared = database_.prepare(sql);
        if (!prepared.ok()) return prepared.error();
        *query = std::move(*prepared);
    }
    return Done{};
}

Result<Loaded> SqliteStore::load() {
    Loaded loaded{.term = term_, .records = {}, .events = {}};
    if (const Result<Done> records = load_records(loaded); !records.ok()) return records.error();
    if (const Result<Done> events = load_events(loaded); !events.ok()) return events.error();
    if (const Result<Done> rows = look_at_timelines(loaded); !rows.ok()) return rows.error();
    return loaded;
}

/// Rows of all hosts get what they lack in one commit, so the newest row of one tells of all.
Result<Done> SqliteStore::look_at_timelines(Loaded& loaded) {
    Result<sqlite::Query> rows = database_.prepare(
        "SELECT host, value, from_ms FROM timeline ORDER BY host DESC, from_ms DESC LIMIT 1");
    if (!rows.ok()) return rows.error();
    for (Result<bool> row = rows->next();; row = rows->next()) {
        if (!row.ok()) return row.error();
        if (!*row) return Done{};
        const Result<HostCondition> newest =
            decode_condition(rows->blob(1), UnixMillis{rows->number(2)});
        if (!newest.ok())
            return damaged("the timeline of host " + std::to_string(rows->number(0)),
                           newest.error().message);
        loaded.has_timelines = true;
        loaded.has_roles = newest->role.has_value();
    }
}

Result<Done> SqliteStore::load_records(Loaded& loaded) {
    Result<sqlite::Query> rows =
        database_.prepare("SELECT kind, id, value FROM record ORDER BY kind, id");
    if (!rows.ok()) return rows.error();
    for (Result<bool> row = rows->next();; row = rows->next()) {
        if (!row.ok()) return row.error();
        if (!*row) return Done{};
        const std::string id{rows->text(1)};
        const std::string name = "record " + std::to_string(rows->number(0)) + "/" + id;
        Result<Record> record = decode_record(rows->blob(2));
        if (!record.ok()) return damaged(name, record.error().message);
        const RecordKey key = key_of(*record);
        if (key.kind != rows->number(0) || key.id != id)
            return damaged(name, "its value is of another record");
        loaded.records.push_back(std::move(*record));
    }
}

Result<Done> SqliteStore::load_events(Loaded& loaded) {
    Result<sqlite::Query> rows =
        database_.prepare("SELECT id, value FROM event ORDER BY id DESC LIMIT ?1");
    if (!rows.ok()) return rows.error();
    rows->bind(1, std::int64_t{limits::events_in_memory_max});
    for (Result<bool> row = rows->next();; row = rows->next()) {
        if (!row.ok()) return row.error();
        if (!*row) break;
        Result<Event> event = decode_event(rows->blob(1));
        if (!event.ok())
            return damaged("event " + std::to_string(rows->number(0)), event.error().message);
        loaded.events.push_back(std::move(*event));
    }
    std::reverse(loaded.events.begin(), loaded.events.end());
    return Done{};
}

Result<Done> SqliteStore::commit(std::span<const Write> writes) {
    if (writes.empty()) return Done{};
    Result<Done> result = database_.execute("BEGIN IMMEDIATE");
    for (auto next = writes.begin(); result.ok() && next != writes.end(); ++next)
        result = write(*next);
    if (result.ok()) result = timelines_.finish();
    if (result.ok()) result = database_.execute("COMMIT");
    if (!result.ok()) {
        ++failures_;
        timelines_.drop();
        // Some errors have rolled back already; the one that is told is the first.
        [[maybe_unused]] const Result<Done> ignored = database_.execute("ROLLBACK");
        return result;
    }
    ++commits_;
    return result;
}

Result<std::vector<TimelineRow>> SqliteStore::timeline(HostId host, UnixMillis time,
                                                       std::size_t count_max) {
    Result<std::vector<TimelineRow>> rows = timelines_.read(host, time, count_max);
    if (!rows.ok())
        return damaged("the timeline of host " + std::to_string(host.value), rows.error().message);
    return rows;
}

Result<std::vector<Sample>> SqliteStore::samples(std::string_view series, UnixMillis after,
                                                 std::size_t count_max) {
    Result<std::vector<Sample>> found = series_.read(series, after, count_max);
    if (!found.ok())
        return damaged("the windows of series " + std::string{series}, found.error().message);
    return found;
}

Result<std::optional<StateCounts>> SqliteStore::counts(UnixMillis time) {
    Result<std::optional<StateCounts>> counts = timelines_.counts(time);
    if (!counts.ok()) return damaged("its counts of hosts", counts.error().message);
    return counts;
}

Result<Done> SqliteStore::write(const Write& write) {
    return std::visit(
        Overloaded{
            [&](const Put& put) {
                const RecordKey key = key_of(put.record);
                const Bytes value = encode(put.record);
                return put_->bind(1, std::int64_t{key.kind}).bind(2, key.id).bind(3, value).run();
            },
            [&](const Erase& erase) {
                return erase_->bind(1, std::int64_t{erase.key.kind}).bind(2, erase.key.id).run();
            },
            [&](const Append& append) {
                const Event& event = append.event;
                const Bytes value = encode(event);
                return append_->bind(1, static_cast<std::int64_t>(event.id))
                    .bind(2, static_cast<std::int64_t>(event.revision))
                    .bind(3, std::int64_t{event.time.count()})
                    .bind(4, event.kind)
                    .bind(5, value)
                    .run();
            },
            [&](const Begin& begin) { return timelines_.begin(begin.row); },
            [&](const Inherit& inherit) { return timelines_.inherit(inherit); },
            [&](const Keep& keep) { return series_.keep(keep); },
            [&](const ForgetSeries& forget) { return series_.forget(forget.series); },
        },
        write);
}

Error SqliteStore::damaged(const std::string& row, const std::string& why) const {
    return {"the store " + file_.string() + " is damaged at " + row + ": " + why +
            "; restore a copy of the file"};
}

}  // namespace coppice
