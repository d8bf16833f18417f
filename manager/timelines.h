#pragma once
// What has been written of each host, so that a row begins when something of it changes.

#include <optional>
#include <vector>

#include "common/record.h"

namespace coppice {

/// Some 50 bytes a host, however long its history is.
class Timelines {
public:
    /// The newest row says what the record says: so it was committed. One of an older release may
    /// not say the role.
    void know(const HostRecord& host, bool has_role);
    void forget(HostId host);
    /// The row that begins now, or with the host's state; none when nothing has changed.
    [[nodiscard]] std::optional<TimelineRow> next(const HostRecord& host, UnixMillis now,
                                                  std::uint64_t generation);

private:
    [[nodiscard]] std::optional<HostCondition>& newest(HostId host);

    std::vector<std::optional<HostCondition>> newest_;  // by id; ids are dense
};

}  // namespace coppice
