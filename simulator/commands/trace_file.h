#pragma once
// Reads a trace from a file, which may be compressed with xz.

#include <string>

#include "common/result.h"

namespace coppice {

/// The whole text; at most 1 GiB. A file that begins as xz files do is decompressed.
[[nodiscard]] Result<std::string> read_trace_file(const std::string& path);

}  // namespace coppice
