#pragma once
// A better tree by few moves: a pure function of the shape, the settings and who is well.

#include "manager/reshaping.h"

namespace coppice {

/// In this order, until the bound is reached:
/// 1. Parents with more children than placement gives them hand the surplus on, the fullest first,
///    leaves before branches: to parents with room at their own depth or nearer the root. Who is
///    above the fan-out hands it on to deeper ones too, and to a leaf of its own that is promoted.
/// 2. Hosts that cross failure domains needlessly get a better_parent(), see placement.h.
/// 3. Hosts move nearer the root, with what is below them, when a parent there has room: those
///    first through whom the deepest hosts are reached.
/// 4. A branch whose children are leaves, at most an eighth of what placement gives (one at least),
///    becomes a leaf when the best other parent of each, no deeper than it, has room for twice as
///    many.
/// Nobody ends beyond the bound of depth. Nobody moves to a parent with which it shares less of its
/// failure domain than with its own, unless that one is above its fan-out; and nobody but for 2 to
/// a parent that has as many children as placement gives. Without failure domains a tree that has
/// grown by joins alone gives a plan without moves; plans that are applied one after the other come
/// to an end.
[[nodiscard]] TreePlan plan_rebalance(const Shape& shape, const ReshapingRequest& request);

}  // namespace coppice
