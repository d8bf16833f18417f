#pragma once
// What each host was, from when to when: rows that are written when something of it changes.
//
// A row lasts until the next row of its host begins, so that rows can neither overlap nor leave a
// gap. The newest row of a host says what its record says: both are written in one commit.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/ids.h"
#include "common/result.h"
#include "common/time.h"

namespace coppice {

struct HostRecord;

struct HostCondition {
    HostState state = HostState::joining;  // suspect is never written: it ends or becomes lost
    Cause cause = Cause::none;
    UnixMillis since{};  // of the state
    HostId parent;       // zero: of the root, or unplaced
    bool is_drained = false;
    std::uint64_t generation = 0;  // of the cell, when it became so
    std::optional<Role> role;      // none: the row is of a release that did not write it
    friend bool operator==(const HostCondition&, const HostCondition&) = default;
};

[[nodiscard]] HostCondition condition_of(const HostRecord& record, std::uint64_t generation);

struct TimelineRow {
    HostId host;
    UnixMillis from{};
    HostCondition condition;
    friend bool operator==(const TimelineRow&, const TimelineRow&) = default;
};

/// A clock that is set back by less than this was wrong before: what was written since goes. By
/// more it is wrong now, as of a machine that starts in 1970: nothing goes, and rows follow each
/// other a millisecond apart until it is right.
inline constexpr UnixMillis timeline_set_back_max = std::chrono::hours{24};

/// A row that was over so long before a new one of its host begins is dropped with it,
inline constexpr UnixMillis timeline_age_max = std::chrono::hours{24 * 90};
/// and of a host that changes very often all but the newest so many are. About 40 bytes each.
inline constexpr std::size_t timeline_rows_max = 4096;

/// How many hosts were in which state at a time. registered = live + suspect + lost + left; who
/// joins counts as suspect, as it is shown today.
struct StateCounts {
    std::uint64_t registered = 0;
    std::uint64_t live = 0;
    std::uint64_t suspect = 0;
    std::uint64_t lost = 0;
    std::uint64_t left = 0;
    std::uint64_t drained = 0;  // overlays the above
    friend bool operator==(const StateCounts&, const StateCounts&) = default;
};

/// Reads what a store holds of timelines, by slices. Of the thread that commits.
class TimelineReader {
public:
    virtual ~TimelineReader() = default;
    /// Rows of a host, oldest first, at most `count_max`: the one that lasts at `time`, if there is
    /// one, and those that begin after it.
    [[nodiscard]] virtual Result<std::vector<TimelineRow>> timeline(HostId host, UnixMillis time,
                                                                    std::size_t count_max) = 0;
    /// Of all hosts at `time`, as counting their rows gives it, without reading these. None: it is
    /// not known of that time, which is before a store of an older release was brought up to date,
    /// or too long ago; then the rows have to be counted.
    [[nodiscard]] virtual Result<std::optional<StateCounts>> counts(UnixMillis time) = 0;
};

}  // namespace coppice
