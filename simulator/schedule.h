#pragma once
// Virtual time: events in order of (time, sequence), run as fast as they can be computed.

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "common/time.h"

namespace coppice {

/// Two kinds of events share one order. Actions are closures, for what happens seldom. Calls go to
/// a handler with a number, for what happens all the time: timers and arrivals. Calls wait in a
/// timing wheel (Varghese and Lauck 1987), actions in a heap.
class Schedule {
public:
    using Action = std::function<void()>;

    class Handler {
    public:
        virtual void happen(std::uint64_t what) = 0;

    protected:
        Handler() = default;
        Handler(const Handler&) = default;
        Handler& operator=(const Handler&) = default;
        ~Handler() = default;
    };

    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] std::uint64_t events_run() const { return events_run_; }

    /// An instant that has passed means now. Events of one instant run in the order in which they
    /// were asked for.
    void at(Instant time, Action action);
    void after(Duration delay, Action action) { at(now_ + delay, std::move(action)); }
    /// The handler outlives the event.
    void at(Instant time, Handler& handler, std::uint64_t what);

    /// Runs the earliest event that is due by `limit`. False when there is none: time is `limit`
    /// then.
    bool run_next(Instant limit);

    /// Time of the earliest action; `never` when there is none.
    [[nodiscard]] Instant next_action() const {
        return actions_.empty() ? never : actions_.front().time;
    }
    /// Drops every call and goes to an instant that is not later than next_action(): for who knows
    /// what the calls would have done.
    void leap(Instant time);

private:
    struct Call {
        Instant time;
        std::uint64_t sequence = 0;
        Handler* handler = nullptr;
        std::uint64_t what = 0;
    };
    struct Entry {
        Instant time;
        std::uint64_t sequence = 0;
        Action action;
    };
    static constexpr unsigned slot_bits = 18;  // a slot is 2^18 ns, about a quarter millisecond
    static constexpr std::uint64_t slots = 16384;
    static constexpr std::uint64_t word_bits = 64;

    template <class Event>
    [[nodiscard]] static bool is_later(const Event& left, const Event& right);
    [[nodiscard]] static std::uint64_t slot_of(Instant time) {
        return static_cast<std::uint64_t>(time.time_since_epoch().count()) >> slot_bits;
    }
    void put(const Call& call);
    /// Moves the calls of the next slot that has some into `near_`, when that is empty.
    void turn();
    [[nodiscard]] std::uint64_t next_full_slot() const;
    void take_slot(std::uint64_t slot);
    [[nodiscard]] const Call* next_call() const;
    Call take_call();
    void take_far();

    Instant now_{};
    std::uint64_t next_sequence_ = 0;
    std::uint64_t events_run_ = 0;
    std::vector<Entry> actions_;  // a heap
    std::vector<Call> near_;      // the present slot, the next call last
    std::vector<Call> extra_;     // a heap: put into the present slot since it began
    std::vector<Call> far_;       // a heap: beyond the wheel
    std::uint64_t slot_ = 0;      // the present one
    std::uint64_t on_wheel_ = 0;  // calls in `wheel_`
    std::array<std::vector<Call>, slots> wheel_;
    std::array<std::uint64_t, slots / word_bits> full_{};  // a bit for each slot that has calls
};

}  // namespace coppice
