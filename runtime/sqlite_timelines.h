#pragma once
// The timelines of hosts in an SQLite store; see common/timeline.h.

#include <cstddef>
#include <optional>
#include <vector>

#include "common/record.h"
#include "common/result.h"
#include "runtime/sqlite.h"

namespace coppice {

/// Part of a store, within whose transactions it writes. What is not used takes no memory: agents
/// have stores, too.
class SqliteTimelines {
public:
    /// `database` outlives this, and has the tables when it is used.
    explicit SqliteTimelines(sqlite::Database& database) : database_{database} {}

    [[nodiscard]] Result<Done> begin(const TimelineRow& row);
    [[nodiscard]] Result<Done> inherit(const Inherit& inherit);
    /// As TimelineReader has it; an error says why the rows cannot be read.
    [[nodiscard]] Result<std::vector<TimelineRow>> read(HostId host, UnixMillis time,
                                                        std::size_t count_max);

private:
    [[nodiscard]] Result<Done> prepare();

    sqlite::Database& database_;
    /// The begin of the newest row of the host.
    [[nodiscard]] Result<std::optional<UnixMillis>> newest(HostId host);

    std::optional<sqlite::Query> newest_;
    std::optional<sqlite::Query> cut_;
    std::optional<sqlite::Query> add_;
    std::optional<sqlite::Query> trim_;
    std::optional<sqlite::Query> erase_;
    std::optional<sqlite::Query> hand_over_;
    std::optional<sqlite::Query> read_;
};

}  // namespace coppice
