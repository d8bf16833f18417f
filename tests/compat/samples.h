#pragma once
// One value of every message, statement and record, every field unlike its default. The bytes of
// release 1 are in v1/.

#include <map>
#include <span>
#include <string>

#include "common/message.h"
#include "common/record.h"
#include "common/statement.h"

namespace coppice::compat {

/// The key of each row of a timeline.
inline constexpr HostId row_host{7};
inline constexpr UnixMillis row_from{1'700'000'005'000};

/// By the name of their file.
template <class Value>
using Samples = std::map<std::string, Value>;

[[nodiscard]] Samples<Frame> frames();
/// What today's program reads from frames that it writes otherwise: their bytes are of an earlier
/// form.
[[nodiscard]] Samples<Frame> former_frames();
/// What the first form could say.
[[nodiscard]] Partial moments_partial();
[[nodiscard]] Partial grouped_partial();
[[nodiscard]] Partial partial_of_parts();
[[nodiscard]] Samples<Statement> statements();
[[nodiscard]] Samples<Record> records();
[[nodiscard]] Samples<Event> events();
[[nodiscard]] Samples<TimelineRow> rows();
[[nodiscard]] Result<TimelineRow> decode_row(std::span<const std::uint8_t> bytes);
/// What a window of a series gave.
[[nodiscard]] Samples<Sample> windows();
[[nodiscard]] Result<Sample> decode_window(std::span<const std::uint8_t> bytes);
/// As release 1 wrote rows before they were packed, and before one byte stood for their heads.
[[nodiscard]] Samples<TimelineRow> former_rows();

}  // namespace coppice::compat
