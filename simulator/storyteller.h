#pragma once
// Carries out the commands of a scenario, one line each; see scenario.h.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/tree_plan.h"
#include "simulator/narrator.h"

namespace coppice {

class Storyteller {
public:
    using Lines = std::vector<std::string>;

    /// What the command prints. A mistake in it is a line that begins with "error:".
    [[nodiscard]] Lines tell(const std::string& command);

private:
    using Words = std::vector<std::string>;

    [[nodiscard]] Lines make_fleet(const Words& words);
    [[nodiscard]] Lines pass_time(const Words& words);
    [[nodiscard]] Lines disturb(const Words& words);
    [[nodiscard]] Lines partition(const Words& words);
    [[nodiscard]] Lines refuse(const Words& words);
    [[nodiscard]] Lines push(const Words& words);
    [[nodiscard]] Lines query(const Words& words);
    [[nodiscard]] Lines set_reducer(const Words& words);
    [[nodiscard]] Lines drain(const Words& words);
    [[nodiscard]] Lines show(const Words& words);
    [[nodiscard]] Lines history(const Words& words);
    [[nodiscard]] Lines reshape(const Words& words);
    [[nodiscard]] Lines check() const;
    [[nodiscard]] std::optional<HostIndex> host(const std::string& word) const;

    std::unique_ptr<Fleet> fleet_;
    std::unique_ptr<Narrator> narrator_;
    TreePlan planned_;  // that was looked at last
    MovesBound planned_bound_;
};

}  // namespace coppice
