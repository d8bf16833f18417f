#include "local/reducers.h"

#include <algorithm>
#include <utility>

#include "common/limits.h"

namespace coppice {

void Reducers::add(std::uint64_t daemon, std::vector<std::string> names) {
    daemons_.insert_or_assign(daemon, Daemon{std::move(names), std::nullopt});
    settle_waiting();
}

void Reducers::remove(std::uint64_t daemon) {
    const auto gone = daemons_.extract(daemon);
    if (gone.empty()) return;
    const std::optional<Owed>& owed = gone.mapped().owed;
    if (owed && !owed->is_overdue) fail(owed->reduction, "its daemon ended before it answered");
    settle_waiting();
}

void Reducers::take(const Reduce& reduce, Instant now) {
    Waiting one{reduce, now + reduce.time_limit};
    if (settle(one)) return;
    if (waiting_.size() >= limits::reductions_waiting_max)
        return fail(reduce.reduction, "too much waits for daemons of this host");
    waiting_.push_back(std::move(one));
}

bool Reducers::answer(const Reduced& reduced) {
    const auto owes_it = [&](const Daemons::value_type& entry) {
        return entry.second.owed && entry.second.owed->reduction == reduced.reduction;
    };
    const auto found = std::find_if(daemons_.begin(), daemons_.end(), owes_it);
    if (found == daemons_.end()) return false;
    const bool is_overdue = found->second.owed->is_overdue;
    found->second.owed.reset();
    if (!is_overdue) effects_.answer(reduced);
    settle_waiting();
    return !is_overdue;
}

void Reducers::expire(Instant now) {
    for (auto& [number, daemon] : daemons_) {
        if (!daemon.owed || daemon.owed->is_overdue || daemon.owed->deadline > now) continue;
        daemon.owed->is_overdue = true;
        const auto limit =
            std::chrono::duration_cast<std::chrono::milliseconds>(daemon.owed->limit);
        fail(daemon.owed->reduction,
             "it did not answer within " + std::to_string(limit.count()) + " ms");
    }
    std::erase_if(waiting_, [&](const Waiting& one) {
        if (one.deadline > now) return false;
        fail(one.reduce.reduction, "its daemon was busy with other questions");
        return true;
    });
    settle_waiting();
}

Instant Reducers::next_deadline() const {
    Instant earliest = never;
    for (const auto& [number, daemon] : daemons_)
        if (daemon.owed && !daemon.owed->is_overdue)
            earliest = std::min(earliest, daemon.owed->deadline);
    for (const Waiting& one : waiting_) earliest = std::min(earliest, one.deadline);
    return earliest;
}

std::vector<Reducers::Daemons::value_type*> Reducers::all_for(const std::string& name) {
    std::vector<Daemons::value_type*> all;
    for (auto& entry : daemons_) {
        const std::vector<std::string>& names = entry.second.names;
        if (std::find(names.begin(), names.end(), name) != names.end()) all.push_back(&entry);
    }
    return all;
}

bool Reducers::settle(const Waiting& one) {
    const ReductionId reduction = one.reduce.reduction;
    const auto all = all_for(one.reduce.name);
    if (all.empty()) {
        effects_.answer({.reduction = reduction, .outcome = Reduced::Outcome::no_reducer});
        return true;
    }
    const auto free =
        std::find_if(all.begin(), all.end(), [](const auto* entry) { return !entry->second.owed; });
    if (free != all.end()) {
        (*free)->second.owed = Owed{reduction, one.deadline, one.reduce.time_limit};
        effects_.ask((*free)->first, one.reduce);
        return true;
    }
    const bool is_stuck = std::all_of(
        all.begin(), all.end(), [](const auto* entry) { return entry->second.owed->is_overdue; });
    if (is_stuck) fail(reduction, "its daemon has not answered an earlier question yet");
    return is_stuck;
}

void Reducers::settle_waiting() {
    std::erase_if(waiting_, [this](const Waiting& one) { return settle(one); });
}

void Reducers::fail(ReductionId reduction, const std::string& reason) {
    effects_.answer(
        {.reduction = reduction, .outcome = Reduced::Outcome::failed, .reason = reason});
}

}  // namespace coppice
