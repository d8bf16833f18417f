#include "common/stage_times.h"

#include <numeric>
#include <utility>

#include "common/limits.h"

namespace coppice {

void RecentTimes::set(PushId push, StageTimes times) {
    times_.insert_or_assign(push, std::move(times));
    if (times_.size() > limits::recent_times_max) times_.erase(times_.begin());
}

const StageTimes* RecentTimes::find(PushId push) const {
    const auto found = times_.find(push);
    return found == times_.end() ? nullptr : &found->second;
}

std::chrono::microseconds sum_of(const StageTimes& times) {
    return std::accumulate(times.begin(), times.end(), std::chrono::microseconds{});
}

}  // namespace coppice
