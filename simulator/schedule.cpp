// The binary heap behind virtual time.
#include "simulator/schedule.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace coppice {

bool Schedule::is_later(const Entry& left, const Entry& right) {
    return std::tie(left.time, left.sequence) > std::tie(right.time, right.sequence);
}

void Schedule::at(Instant time, Action action) {
    heap_.push_back(Entry{std::max(time, now_), next_sequence_++, std::move(action)});
    std::push_heap(heap_.begin(), heap_.end(), is_later);
}

bool Schedule::run_next(Instant limit) {
    if (heap_.empty() || heap_.front().time > limit) {
        now_ = std::max(now_, limit);
        return false;
    }
    std::pop_heap(heap_.begin(), heap_.end(), is_later);
    const Entry entry = std::move(heap_.back());
    heap_.pop_back();
    now_ = entry.time;
    ++actions_run_;
    entry.action();
    return true;
}

}  // namespace coppice
