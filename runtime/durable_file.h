#pragma once
// Files that are there whole or not at all, also after a power cut.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "common/result.h"

namespace coppice {

/// Replaces what is at `path`. Readers see the old content or the new; on success it is durable.
/// Writes `.NAME.coppice-new` beside it first, so one writer at a time per file.
[[nodiscard]] Result<Done> replace_file(const std::filesystem::path& path,
                                        std::span<const std::uint8_t> content, mode_t mode);

/// Asked of a file that is durable and not in place yet; what it says is why it is not to be.
using DraftCheck = std::function<std::optional<std::string>(const std::filesystem::path& draft)>;
/// Like replace_file, but puts the file in place only when `refusal` has nothing to say.
[[nodiscard]] Result<Done> replace_file_unless(const std::filesystem::path& path,
                                               std::span<const std::uint8_t> content, mode_t mode,
                                               const DraftCheck& refusal,
                                               const std::string& mark = {});
/// What the file was marked with when it was replaced: an extended attribute that is there as soon
/// as the content is. Nothing: it has none, or its file system keeps none.
[[nodiscard]] std::optional<std::string> mark_of(const std::filesystem::path& path);

/// Like replace_file, but leaves a file that is there alone and returns false.
[[nodiscard]] Result<bool> create_file(const std::filesystem::path& path,
                                       std::span<const std::uint8_t> content, mode_t mode);

/// Removes the file; one that is not there is no error. On success that is durable.
[[nodiscard]] Result<Done> remove_file(const std::filesystem::path& path);
/// Like remove_file, but only when `refusal`, asked of an empty draft, has nothing to say.
[[nodiscard]] Result<Done> remove_file_unless(const std::filesystem::path& path, mode_t mode,
                                              const DraftCheck& refusal);

/// Makes what happened to the names in a directory durable.
[[nodiscard]] Result<Done> sync_directory(const std::filesystem::path& directory);

/// The text of a small file, without white space at its end.
[[nodiscard]] Result<std::string> read_small_file(const std::filesystem::path& path);

/// Creates the directory and those above it where they are missing, durably.
[[nodiscard]] Result<Done> make_directories(const std::filesystem::path& path);

}  // namespace coppice
