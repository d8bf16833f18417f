#pragma once
// Host lists in brackets, the notation of Slurm and ClusterShell: n[001-128,200],gpu7.

#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace coppice {

/// Every name of the list, in order of writing. An error names the mistake and points at its
/// character; a list of more than `limits::host_list_hosts_max` hosts is an error.
[[nodiscard]] Result<std::vector<std::string>> expand_host_list(std::string_view text);

/// A short bracketed form: names that differ only in one run of digits are folded into ranges, in
/// which numbers keep their leading zeros. It stands for the same names, each once.
[[nodiscard]] std::string fold_host_list(std::vector<std::string> names);

}  // namespace coppice
