#include "simulator/random_planner.h"

#include <algorithm>
#include <array>

namespace coppice {

namespace {

constexpr std::array<MovesBound, 4> bounds{MovesBound{}, MovesBound{.hosts = 3},
                                           MovesBound{.hundredths = 2'000},
                                           MovesBound{.hundredths = 10'000}};
/// How far back, and ahead of what there is, a way back may lead.
constexpr std::uint64_t generations_back = 20;
constexpr std::uint64_t generations_ahead = 2;

}  // namespace

MovesBound RandomPlanner::any_bound() { return bounds[random_.below(bounds.size())]; }

void RandomPlanner::work_until(Instant end, Duration gap) {
    const Duration wait = random_.between(Duration{}, gap * 2);
    if (fleet_.world().now() + wait >= end) return;
    fleet_.world().schedule().after(wait, [this, end, gap] {
        reshape();
        work_until(end, gap);
    });
}

void RandomPlanner::reshape() {
    const Manager* manager = fleet_.manager();
    if (manager == nullptr) return;
    const MovesBound bound = any_bound();
    const std::uint64_t kind = random_.below(3);
    if (kind == 0) {
        requests_.push_back(fleet_.command(ReshapeCommand{.bound = bound}));
        return;
    }
    if (kind == 1) {
        const PlanOutcome looked_at = manager->rebalance_plan(bound);
        const Duration thought = random_.between(Duration{}, std::chrono::seconds{1});
        if (std::holds_alternative<Problem>(looked_at)) return;
        fleet_.world().schedule().after(thought, [this, bound,
                                                  digest = std::get<TreePlan>(looked_at).digest] {
            requests_.push_back(fleet_.command(ReshapeCommand{.bound = bound, .digest = digest}));
        });
        return;
    }
    const std::uint64_t newest = manager->status().cells.front().generation;
    const std::uint64_t oldest = newest - std::min(newest, generations_back);
    const std::uint64_t chosen = oldest + random_.below(newest + generations_ahead - oldest + 1);
    requests_.push_back(fleet_.command(RollBackCommand{.generation = chosen, .bound = bound}));
}

std::uint64_t RandomPlanner::moves() const {
    std::uint64_t moves = 0;
    for (const RequestId request : requests_) {
        const std::optional<Answer> answer = fleet_.answer(request);
        if (!answer.has_value()) continue;
        if (const auto* reshaped = std::get_if<Reshaped>(&*answer))
            moves += reshaped->plan.moves.size();
    }
    return moves;
}

}  // namespace coppice
