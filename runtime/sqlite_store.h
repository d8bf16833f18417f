#pragma once
// Durable facts in one SQLite file: WAL, synced at every commit, held by one process.
//
// Not for several threads at a time. The tables are schemas/store/*.sql, the rows
// schemas/store.capnp.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "common/ports.h"
#include "runtime/sqlite.h"
#include "runtime/sqlite_series.h"
#include "runtime/sqlite_timelines.h"

namespace coppice {

/// An error when the file is no store, or one that a newer release wrote. Changes nothing.
[[nodiscard]] Result<Done> check_store_origin(sqlite::Database& database,
                                              const std::filesystem::path& file);

class SqliteStore final : public Store, public TimelineReader, public SeriesReader {
public:
    /// Creates the file (mode 0600) when it is missing, brings an older one up to date, and raises
    /// the term durably. Refuses, with a sentence, a file that another process holds, that a newer
    /// release wrote, or that is no store.
    [[nodiscard]] static Result<std::unique_ptr<SqliteStore>> open(
        const std::filesystem::path& file);
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;
    ~SqliteStore() override = default;

    /// Everything that the store holds. An error names the row that cannot be read.
    [[nodiscard]] Result<Loaded> load();
    /// All of the writes or, with an error, none.
    [[nodiscard]] Result<Done> commit(std::span<const Write> writes) override;
    [[nodiscard]] Result<std::vector<TimelineRow>> timeline(HostId host, UnixMillis time,
                                                            std::size_t count_max) override;
    [[nodiscard]] Result<std::vector<Sample>> samples(std::string_view series, UnixMillis after,
                                                      std::size_t count_max) override;
    [[nodiscard]] Result<std::optional<StateCounts>> counts(UnixMillis time) override;
    /// Commits since the opening that wrote something: an idle fleet adds none.
    [[nodiscard]] std::uint64_t commits() const { return commits_; }
    /// Commits that failed. A daemon ends at the first.
    [[nodiscard]] std::uint64_t failures() const { return failures_; }

private:
    explicit SqliteStore(std::filesystem::path file) : file_{std::move(file)} {}

    [[nodiscard]] Result<Done> start();
    [[nodiscard]] Result<Done> bring_up_to_date();
    [[nodiscard]] Result<Done> prepare();
    [[nodiscard]] Result<Done> load_records(Loaded& loaded);
    [[nodiscard]] Result<Done> load_events(Loaded& loaded);
    [[nodiscard]] Result<Done> look_at_timelines(Loaded& loaded);
    [[nodiscard]] Result<Done> write(const Write& write);
    [[nodiscard]] Error damaged(const std::string& row, const std::string& why) const;

    std::filesystem::path file_;
    sqlite::Database database_;
    std::optional<sqlite::Query> put_;
    std::optional<sqlite::Query> erase_;
    std::optional<sqlite::Query> append_;
    SqliteTimelines timelines_{database_};
    SqliteSeries series_{database_};
    std::uint64_t term_ = 0;
    std::uint64_t commits_ = 0;
    std::uint64_t failures_ = 0;
};

}  // namespace coppice
