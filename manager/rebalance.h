#pragma once
// A better tree by few moves: a pure function of the shape, the settings and who is well.

#include "manager/reshaping.h"

namespace coppice {

/// In this order, until the bound is reached:
/// 1. Parents with more children than placement gives them hand the surplus on, the fullest first,
///    leaves before branches: to parents with room at their own depth or nearer the root. Who is
///    above the fan-out hands it on one level deeper too, and to a leaf of its own that is
///    promoted, when nobody else has room.
/// 2. Hosts move nearer the root, with what is below them, when a parent there has room: those
///    first through whom the deepest hosts are reached.
/// 3. A branch whose children are leaves, at most an eighth of what placement gives (one at least),
///    becomes a leaf when the others, no deeper than it, have room for twice as many.
/// Nobody is given more children than placement gives, or ends beyond the bound of depth. A tree
/// that has grown by joins alone gives a plan without moves, and so does a tree after its whole
/// plan.
[[nodiscard]] TreePlan plan_rebalance(const Shape& shape, const ReshapingRequest& request);

}  // namespace coppice
