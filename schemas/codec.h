#pragma once
// Bytes of everything that outlives a process: frames on links, signed statements, rows of a store.
//
// Encoding is deterministic: equal values give equal bytes. Decoding trusts nothing: bytes of any
// origin give a value or an error and never more memory than a small multiple of their size. A
// duration outside 0 to 10 years is taken as the nearer end.

#include <cstdint>
#include <span>

#include "common/ids.h"
#include "common/message.h"
#include "common/record.h"
#include "common/result.h"
#include "common/statement.h"

namespace coppice {

[[nodiscard]] Bytes encode(const Frame& frame);
[[nodiscard]] Bytes encode(const Statement& statement);
[[nodiscard]] Bytes encode(const Record& record);
[[nodiscard]] Bytes encode(const Event& event);
/// The value of a row, whose key has the rest.
[[nodiscard]] Bytes encode(const TimelineRow& row);
/// But when the window opened, which is in the key of the row.
[[nodiscard]] Bytes encode(const Sample& sample);

/// A message of a newer release gives a frame whose body is NotUnderstood. Frames above
/// `limits::frame_bytes_max` are refused before they are looked at.
[[nodiscard]] Result<Frame> decode_frame(std::span<const std::uint8_t> bytes);
[[nodiscard]] Result<Statement> decode_statement(std::span<const std::uint8_t> bytes);
[[nodiscard]] Result<Record> decode_record(std::span<const std::uint8_t> bytes);
[[nodiscard]] Result<Event> decode_event(std::span<const std::uint8_t> bytes);
/// `from`: when the row begins. Takes rows that older releases wrote, which are not packed, too.
[[nodiscard]] Result<HostCondition> decode_condition(std::span<const std::uint8_t> bytes,
                                                     UnixMillis from);
/// `at`: when the window opened.
[[nodiscard]] Result<Sample> decode_sample(std::span<const std::uint8_t> bytes, UnixMillis at);

}  // namespace coppice
