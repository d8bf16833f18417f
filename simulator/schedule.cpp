// The wheel and the heaps behind virtual time.
#include "simulator/schedule.h"

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

#include "common/ensure.h"

namespace coppice {

template <class Event>
bool Schedule::is_later(const Event& left, const Event& right) {
    return std::tie(left.time, left.sequence) > std::tie(right.time, right.sequence);
}

void Schedule::at(Instant time, Action action) {
    actions_.push_back({std::max(time, now_), next_sequence_++, std::move(action)});
    std::push_heap(actions_.begin(), actions_.end(), is_later<Entry>);
}

void Schedule::at(Instant time, Handler& handler, std::uint64_t what) {
    put({std::max(time, now_), next_sequence_++, &handler, what});
}

void Schedule::put(const Call& call) {
    const std::uint64_t slot = slot_of(call.time);
    if (slot >= slot_ + slots) {
        far_.push_back(call);
        std::push_heap(far_.begin(), far_.end(), is_later<Call>);
    } else if (slot > slot_) {
        wheel_[slot % slots].push_back(call);
        full_[slot % slots / word_bits] |= std::uint64_t{1} << (slot % word_bits);
        ++on_wheel_;
    } else {
        extra_.push_back(call);
        std::push_heap(extra_.begin(), extra_.end(), is_later<Call>);
    }
}

std::uint64_t Schedule::next_full_slot() const {
    for (std::uint64_t slot = slot_ + 1;;) {
        const std::uint64_t place = slot % slots;
        const std::uint64_t rest = full_[place / word_bits] >> (place % word_bits);
        if (rest != 0) return slot + static_cast<std::uint64_t>(std::countr_zero(rest));
        slot += word_bits - place % word_bits;
    }
}

void Schedule::take_slot(std::uint64_t slot) {
    slot_ = slot;
    std::vector<Call>& calls = wheel_[slot % slots];
    on_wheel_ -= calls.size();
    near_.swap(calls);
    std::sort(near_.begin(), near_.end(), is_later<Call>);
    full_[slot % slots / word_bits] &= ~(std::uint64_t{1} << (slot % word_bits));
}

void Schedule::take_far() {
    while (!far_.empty() && slot_of(far_.front().time) < slot_ + slots) {
        std::pop_heap(far_.begin(), far_.end(), is_later<Call>);
        const Call call = far_.back();
        far_.pop_back();
        put(call);
    }
}

void Schedule::turn() {
    while (near_.empty() && extra_.empty() && (on_wheel_ > 0 || !far_.empty())) {
        if (on_wheel_ > 0)
            take_slot(next_full_slot());
        else
            slot_ = slot_of(far_.front().time);
        take_far();
    }
}

const Schedule::Call* Schedule::next_call() const {
    if (near_.empty()) return extra_.empty() ? nullptr : &extra_.front();
    return extra_.empty() || is_later(extra_.front(), near_.back()) ? &near_.back()
                                                                    : &extra_.front();
}

Schedule::Call Schedule::take_call() {
    const Call call = *next_call();
    if (!near_.empty() && near_.back().sequence == call.sequence) {
        near_.pop_back();
    } else {
        std::pop_heap(extra_.begin(), extra_.end(), is_later<Call>);
        extra_.pop_back();
    }
    return call;
}

bool Schedule::run_next(Instant limit) {
    turn();
    const Call* next = next_call();
    const bool is_call =
        next != nullptr &&
        (actions_.empty() || std::tie(next->time, next->sequence) <
                                 std::tie(actions_.front().time, actions_.front().sequence));
    const Instant time = is_call ? next->time : next_action();
    if (time > limit || (!is_call && actions_.empty())) {
        now_ = std::max(now_, limit);
        return false;
    }
    now_ = time;
    ++events_run_;
    if (is_call) {
        const Call call = take_call();
        call.handler->happen(call.what);
    } else {
        std::pop_heap(actions_.begin(), actions_.end(), is_later<Entry>);
        const Entry entry = std::move(actions_.back());
        actions_.pop_back();
        entry.action();
    }
    return true;
}

void Schedule::leap(Instant time) {
    COPPICE_ENSURE(time >= now_ && time <= next_action(), "a leap passes over an action");
    near_.clear();
    extra_.clear();
    far_.clear();
    for (std::vector<Call>& calls : wheel_) calls.clear();
    full_.fill(0);
    on_wheel_ = 0;
    now_ = time;
    slot_ = slot_of(time);
}

}  // namespace coppice
