#pragma once
// The tables of an SQLite store, as the steps that lead to them: schemas/store/*.sql.

#include <string_view>
#include <vector>

namespace coppice {

/// SQL that makes version i+1 out of version i; version 0 is an empty file. A step that was
/// released is never changed: a change of the tables is a further step.
[[nodiscard]] std::vector<std::string_view> store_versions();

}  // namespace coppice
