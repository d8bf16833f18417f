#pragma once
// Windows of series against the true values: conservation, and nobody in them who was not asked.

#include <map>
#include <span>
#include <string>

#include "simulator/answer_checker.h"
#include "simulator/complaints.h"
#include "simulator/fleet_model.h"

namespace coppice {

class SeriesChecker {
public:
    SeriesChecker(const Fleet& fleet, const FleetModel& model, Complaints& complaints)
        : fleet_{fleet}, model_{model}, complaints_{complaints} {}

    /// A manager that ends takes its windows with it.
    void on_process() { asked_.clear(); }
    /// What the manager sends: whom a window asks.
    void on_send(const Send& send);
    /// What the manager commits: what a window gave. Requires that every host has a value of what
    /// is asked.
    void on_commit(std::span<const Write> writes, const TruthOf& truth_of);
    [[nodiscard]] std::uint64_t windows() const { return windows_; }

private:
    [[nodiscard]] std::string question_of(const std::string& series) const;
    void check(const Keep& keep, const TruthOf& truth_of);

    const Fleet& fleet_;
    const FleetModel& model_;
    Complaints& complaints_;
    std::vector<WindowOpened> asked_;         // and not closed; one of each series
    std::map<std::string, WindowId> newest_;  // by series
    std::uint64_t windows_ = 0;
};

}  // namespace coppice
