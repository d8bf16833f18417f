#pragma once
// Times of the wall clock as text: RFC 3339 in UTC.

#include <string>
#include <string_view>

#include "common/result.h"
#include "common/time.h"

namespace coppice {

/// 2024-05-01T12:00:00.123Z; the empty text for zero, which means "not yet" or "never".
[[nodiscard]] std::string time_text(UnixMillis time);

/// RFC 3339, of which everything after the day may be missing from its end on, and a space may
/// stand for the T: 2024-05-01T12:00:00.123+02:00, '2024-05-01 12:00', 2024-05-01; without an
/// offset it is UTC. Or a duration such as 10m, which is that long before `now`; or a bare number
/// since 1970, of seconds, or of milliseconds when it has 12 digits or more.
[[nodiscard]] Result<UnixMillis> parse_time(std::string_view text, UnixMillis now);

}  // namespace coppice
