#pragma once
// The way back to the parents that hosts had at a generation: a pure function of the shape, of who
// is well, and of the history.

#include <vector>

#include "manager/reshaping.h"

namespace coppice {

/// A host that has moved since, and whose child it was then.
struct FormerPlace {
    HostId host;
    HostId parent;
};

struct RollbackRequest {
    std::vector<FormerPlace> former;  // who comes first is moved first
    std::string why;
    /// What forbids to move a host just now, and what forbids to give a host children: "is lost".
    /// Empty: nothing. Consistent with the predicates of the ReshapingRequest.
    std::function<std::string(HostId)> trouble_of_host;
    std::function<std::string(HostId)> trouble_of_parent;
};

/// Moves each host to its former parent, if that may have it: up to the fan-out, within the bound
/// of depth, without a ring. Whoever cannot is listed with the reason.
[[nodiscard]] TreePlan plan_rollback(const Shape& shape, const ReshapingRequest& request,
                                     const RollbackRequest& rollback);

}  // namespace coppice
