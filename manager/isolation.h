#pragma once
// Hosts that are not waited for, since they refuse or delay again and again what others take.
//
// A failure is a push that a host refused, or has not answered in a multiple of the time that nine
// tenths of its target took. Failures in a row, more than a maximum, isolate it: pushes pass
// it by, and receipts count it apart. After a pause it is on trial: it is offered what it lacks.
// One success clears it, a failure begins the next pause.
//
// What many fail is no fault of theirs: a push that more than the budget refuse counts against none
// of them, and no more than the budget are isolated at a time.

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "common/host_set.h"
#include "common/record.h"
#include "common/time.h"
#include "manager/absences.h"

namespace coppice {

/// What has changed, for the owner to write, to tell and to offer anew.
struct IsolationChanges {
    HostSet begun;
    HostSet ended;
    HostSet offers;               // hosts whom pushes begin or cease to pass by
    bool is_over_budget = false;  // hosts could not be isolated, and all of them could before
};

class Isolation {
public:
    Isolation(std::uint32_t failures_max, Duration pause)
        : failures_max_{failures_max}, pause_{pause} {}

    /// Nobody is late before; nor does a host fail by lateness twice within it.
    static constexpr Duration late_min = std::chrono::seconds{1};
    static constexpr int late_factor = 10;
    /// Of so many, how many may fail before the fault is not theirs, and be isolated: a tenth, and
    /// one at least.
    [[nodiscard]] static std::uint64_t budget(std::uint64_t hosts);

    /// On trial at once: nobody knows for how long it has been passed by.
    void load(IsolationRecord record);

    /// The push is offered to `hosts`, who are there and have not answered it; or to these alone
    /// now.
    void watch(PushId push, const HostSet& hosts, Instant now);
    /// Nobody is to have it any more.
    void forget(PushId push);
    void forget(HostId host);
    /// It was suspect, moved or away: what it is late with is not its fault.
    void excuse(HostId host, Instant now);
    /// It has started anew, and may have been mended.
    void try_again(HostId host);

    /// These answer the push for the first time.
    void on_applied(PushId push, const HostSet& hosts, Instant now);
    /// As above; `refused` have done so in all, of a target of so many.
    void on_refused(PushId push, const HostSet& hosts, const std::string& reason,
                    const HostSet& refused, std::uint64_t target, Instant now);

    /// Ends pauses and trials, judges who is late, and isolates within the budget of so many
    /// present hosts. `stopped` are told not to answer. `unix_now` is for people.
    void settle(const HostSet& stopped, std::uint64_t present, Instant now, UnixMillis unix_now);
    [[nodiscard]] Instant next_deadline() const;

    [[nodiscard]] const HostSet& hosts() const { return isolated_; }
    /// Of them, those whom pushes pass by now.
    [[nodiscard]] const HostSet& passed_by() const { return pauses_.hosts(); }
    /// Who should be isolated, and is not for want of budget: something systemic.
    [[nodiscard]] const HostSet& over_budget() const { return over_budget_; }
    /// Null: it is not isolated.
    [[nodiscard]] const IsolationRecord* find(HostId host) const;
    [[nodiscard]] IsolationChanges take_changes() { return std::exchange(changes_, {}); }

private:
    struct Watch {
        Instant offered{};
        std::uint64_t hosts = 0;
        HostSet awaited;
        bool is_open = true;       // somebody can still be late with it
        bool is_systemic = false;  // too many refused it
    };
    struct Strikes {
        std::uint32_t count = 0;
        Instant late{};  // the newest one of that kind
        Cause cause = Cause::none;
        std::string reason;
    };

    void strike(HostId host, Cause cause, const std::string& reason);
    void clear_strikes(HostId host);
    void stay_in(HostId host);
    void leave_out(PushId push, Watch& watch, const HostSet& hosts, Instant now);
    void shrink(PushId push, Watch& watch, const HostSet& hosts, Instant now);
    void judge(Watch& watch, const HostSet& stopped, Instant now);
    void isolate(HostId host, Instant now, UnixMillis unix_now);
    void end(HostId host);
    void begin_pause(HostId host, Instant now);
    void begin_trial(HostId host);
    [[nodiscard]] Duration late_after() const { return std::max(late_min, late_factor * usual_); }

    std::uint32_t failures_max_;
    Duration pause_;
    std::map<PushId, Watch> watches_;
    std::set<std::pair<Instant, PushId>> judgements_;
    std::map<HostId, Strikes> strikes_;
    HostSet struck_;       // the hosts of strikes_
    HostSet failing_;      // of them, with too many
    HostSet over_budget_;  // of them, not isolated
    std::map<HostId, IsolationRecord> records_;
    HostSet isolated_;  // the hosts of records_
    Absences pauses_;   // isolated hosts are here,
    Absences trials_;   // or here, once something was offered to them; or on trial and in neither
    Duration usual_{};  // in which nine tenths answered last
    IsolationChanges changes_;
};

}  // namespace coppice
