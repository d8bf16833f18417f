#pragma once
// A strict reader of the portable roaring format: what it accepts, the bitmap library can be given.

#include <cstdint>
#include <span>

namespace coppice {

/// True when the bytes are exactly one bitmap whose keys, values and runs ascend and whose counts
/// are right. The library itself checks lengths only. Format:
/// github.com/RoaringBitmap/RoaringFormatSpec.
[[nodiscard]] bool is_portable_bitmap(std::span<const std::uint8_t> bytes);

}  // namespace coppice
