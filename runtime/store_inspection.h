#pragma once
// Looks at a store without changing it, and without disturbing the daemon that holds it.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/record.h"
#include "common/result.h"

namespace coppice {

struct StoreFindings {
    /// The daemon that holds the store: then nothing below is known, for nobody else can read it.
    std::optional<pid_t> holder;
    /// What SQLite's quick_check says, or hosts whose records and histories do not agree.
    std::vector<std::string> damages;
    std::vector<Record> records;  // identity, fleet and pushes
};

/// An error says why the file is no store that this release can read.
[[nodiscard]] Result<StoreFindings> inspect_store(const std::filesystem::path& file);

}  // namespace coppice
