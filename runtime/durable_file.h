#pragma once
// Files that are there whole or not at all, also after a power cut.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "common/result.h"

namespace coppice {

/// Replaces what is at `path`. Readers see the old content or the new; on success it is durable.
/// Writes `.NAME.coppice-new` beside it first, so one writer at a time per file.
[[nodiscard]] Result<Done> replace_file(const std::filesystem::path& path,
                                        std::span<const std::uint8_t> content, mode_t mode);

/// Like replace_file, but leaves a file that is there alone and returns false.
[[nodiscard]] Result<bool> create_file(const std::filesystem::path& path,
                                       std::span<const std::uint8_t> content, mode_t mode);

/// Removes the file; one that is not there is no error. On success that is durable.
[[nodiscard]] Result<Done> remove_file(const std::filesystem::path& path);

/// The text of a small file, without white space at its end.
[[nodiscard]] Result<std::string> read_small_file(const std::filesystem::path& path);

/// Creates the directory and those above it where they are missing, durably.
[[nodiscard]] Result<Done> make_directories(const std::filesystem::path& path);

}  // namespace coppice
