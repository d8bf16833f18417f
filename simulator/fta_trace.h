#pragma once
// Reads the event form of the Failure Trace Archive, as Grid'5000 is in it.
//
// Separated by tabs, one header line. Columns used, by name: node_name (grid/site/cluster/node),
// event_type (1 available, 0 unavailable), event_start_time and event_stop_time (Unix seconds). A
// host is called site-cluster-node and has the labels site and cluster. Before the first row about
// it a host is not there; where rows leave a gap, and after the last, it is up.

#include <string>
#include <string_view>
#include <vector>

#include "simulator/outages.h"

namespace coppice {

/// Only these sites; all when there are none. Rows of other sites count nowhere. An error names a
/// missing column, or a site that the trace does not have.
[[nodiscard]] Result<Outages> read_fta(std::string_view text,
                                       const std::vector<std::string>& sites);

}  // namespace coppice
