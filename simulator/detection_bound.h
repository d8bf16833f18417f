#pragma once
// How long the loss of a host may stay unknown to the manager.

#include "common/timing.h"

namespace coppice {

/// Facts travel as hints, within milliseconds a link. One interval is allowed for the whole way up
/// and the commit, so that a hint that is lost may be repeated by the next beat.
///
/// plain       the host dies, all above it live: silence is noticed by its parent.
///             lost_after + interval                                  5 s at an interval of 1 s
/// parent_too  the parent dies before it has told. Its own loss takes lost_after more, then the
///             host is in no subtree for not_back_after.
///             2 lost_after + not_back_after + interval                                     17 s
/// newcomer    the host dies while it looks for its first parent, to which a newcomer has four
///             times as long. Nobody ever called it live.
///             2 lost_after + 4 not_back_after + interval                                   41 s
struct DetectionBound {
    Duration plain{};
    Duration parent_too{};
    Duration newcomer{};
};

[[nodiscard]] inline DetectionBound detection_bound(const Timing& timing) {
    const Duration noticed = timing.lost_after() * 2 + timing.interval;
    return {.plain = timing.lost_after() + timing.interval,
            .parent_too = noticed + timing.not_back_after(),
            .newcomer = noticed + timing.not_back_after() * 4};
}

}  // namespace coppice
