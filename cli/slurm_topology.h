#pragma once
// Slurm's topology.conf as failure domains: which switches each host is behind. The format is that
// of the manual page topology.conf(5), plugin topology/tree:
//
//   SwitchName=root Switches=s[1-2]
//   SwitchName=s1 Nodes=n[001-040]        # a leaf switch

#include <string>
#include <string_view>
#include <vector>

#include "common/labels.h"
#include "common/result.h"

namespace coppice::cli {

/// A larger file is refused; that of 100,000 hosts has some 200 KiB.
inline constexpr std::size_t topology_bytes_max = 64UL * 1024 * 1024;

struct WiredHost {
    std::string name;
    std::vector<std::string> switches;  // outermost first, the leaf switch last
};

/// The hosts in the order of the file. A switch above all hosts fails with all and is left out.
/// Errors name the line and say what to do; the file describes a forest with each host below one
/// leaf switch, or it is an error.
[[nodiscard]] Result<std::vector<WiredHost>> parse_slurm_topology(std::string_view text);

/// switch_1 is the outermost; a host behind fewer switches has fewer labels.
[[nodiscard]] Labels switch_labels(const WiredHost& host);

/// For --domain-path: the key of each level of the deepest host, of which the path takes the
/// innermost `limits::domain_keys_max`.
[[nodiscard]] std::vector<std::string> switch_path(const std::vector<WiredHost>& hosts);

}  // namespace coppice::cli
