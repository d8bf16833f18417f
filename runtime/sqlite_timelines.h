#pragma once
// The timelines of hosts in an SQLite store, and the counts beside them; see common/timeline.h.

#include <cstddef>
#include <optional>
#include <vector>

#include "common/record.h"
#include "common/result.h"
#include "runtime/sqlite.h"
#include "runtime/sqlite_counts.h"

namespace coppice {

/// Part of a store, within whose transactions it writes. What is not used takes no memory: agents
/// have stores, too.
class SqliteTimelines {
public:
    /// `database` outlives this, and has the tables when it is used.
    explicit SqliteTimelines(sqlite::Database& database)
        : database_{database}, count_table_{database} {}

    /// After the opening: counts begin now when an older release has written the rows that are
    /// there. Looks once at each host then.
    [[nodiscard]] Result<Done> begin_counts();
    [[nodiscard]] Result<Done> begin(const TimelineRow& row);
    [[nodiscard]] Result<Done> inherit(const Inherit& inherit);
    /// The last of a transaction: brings the counts to what the rows say.
    [[nodiscard]] Result<Done> finish() { return counts_.write(count_table_, newest_begin_); }
    /// The transaction failed.
    void drop() { counts_.drop(); }
    /// As TimelineReader has it; an error says why the rows cannot be read.
    [[nodiscard]] Result<std::vector<TimelineRow>> read(HostId host, UnixMillis time,
                                                        std::size_t count_max);
    [[nodiscard]] Result<std::optional<StateCounts>> counts(UnixMillis time) {
        return CountBook::at(count_table_, time);
    }

private:
    using CountedRows = Result<std::vector<CountedRow>>;

    [[nodiscard]] Result<Done> prepare();
    /// The newest row of the host, of those that begin before.
    [[nodiscard]] Result<std::optional<CountedRow>> newest(HostId host, UnixMillis before);
    /// Rows of the host, oldest first.
    [[nodiscard]] CountedRows range(HostId host, UnixMillis from, UnixMillis before,
                                    std::size_t count_max);
    [[nodiscard]] Result<Done> cut(HostId host, UnixMillis from);
    [[nodiscard]] Result<Done> trim(HostId host, UnixMillis now);
    [[nodiscard]] Result<Done> erase(HostId host);

    sqlite::Database& database_;
    SqliteCounts count_table_;
    CountBook counts_;
    UnixMillis newest_begin_{};  // in this transaction

    std::optional<sqlite::Query> newest_;
    std::optional<sqlite::Query> range_;
    std::optional<sqlite::Query> cut_;
    std::optional<sqlite::Query> add_;
    std::optional<sqlite::Query> trim_;
    std::optional<sqlite::Query> erase_;
    std::optional<sqlite::Query> hand_over_;
    std::optional<sqlite::Query> read_;
};

}  // namespace coppice
