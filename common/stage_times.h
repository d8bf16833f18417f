#pragma once
// Where the time of a push went, along the path whose answer came last.

#include <chrono>
#include <map>
#include <vector>

#include "common/ids.h"

namespace coppice {

/// Of one subtree, from when its head got the push until the whole subtree had answered. Each host
/// on the path measures by its own clock, and no two clocks are compared: for each level, how long
/// the head kept the push before it went to the next host of the path, and how long the way there
/// and back took; in the end, how long the last host took to answer. The sum is the whole time.
/// When it is not known what happened below some level, that is part of the way there, and the list
/// has an even size.
using StageTimes = std::vector<std::chrono::microseconds>;

/// The newest few pushes.
class RecentTimes {
public:
    void set(PushId push, StageTimes times);
    /// Null: not known.
    [[nodiscard]] const StageTimes* find(PushId push) const;

private:
    std::map<PushId, StageTimes> times_;
};

[[nodiscard]] std::chrono::microseconds sum_of(const StageTimes& times);

}  // namespace coppice
