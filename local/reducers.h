#pragma once
// Daemons of the host that reduce parts: who is asked, and what becomes of parts when nobody
// answers.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/node.h"

namespace coppice {

/// Called from within the calls of Reducers.
struct ReducerEffects {
    std::function<void(std::uint64_t daemon, const Reduce&)> ask;
    std::function<void(Reduced)> answer;  // once for each Reduce
};

/// A daemon is asked one thing at a time, and nothing more while it owes an answer: what hangs
/// holds up one reduction, and those that come later fail at once. Of several daemons of one name
/// the oldest that is free is asked.
class Reducers {
public:
    explicit Reducers(ReducerEffects effects) : effects_{std::move(effects)} {}

    void add(std::uint64_t daemon, std::vector<std::string> names);
    /// What it owes has failed.
    void remove(std::uint64_t daemon);

    void take(const Reduce& reduce, Instant now);
    /// What a daemon made of the parts, or why it could not; false when nobody waits for it (any
    /// more).
    [[nodiscard]] bool answer(const Reduced& reduced);

    void expire(Instant now);
    [[nodiscard]] Instant next_deadline() const;

private:
    struct Owed {
        ReductionId reduction;
        Instant deadline{};
        Duration limit{};
        bool is_overdue = false;  // and has failed; the daemon is not asked before it answers
    };
    struct Daemon {
        std::vector<std::string> names;
        std::optional<Owed> owed;
    };
    struct Waiting {
        Reduce reduce;
        Instant deadline{};
    };
    using Daemons = std::map<std::uint64_t, Daemon>;  // the oldest first

    [[nodiscard]] std::vector<Daemons::value_type*> all_for(const std::string& name);
    /// True when it is asked or answered; false when it has to wait.
    [[nodiscard]] bool settle(const Waiting& one);
    void settle_waiting();
    void fail(ReductionId reduction, const std::string& reason);

    const ReducerEffects effects_;
    Daemons daemons_;
    std::deque<Waiting> waiting_;
};

}  // namespace coppice
