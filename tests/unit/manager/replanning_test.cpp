// Plans that people apply, ways back, and what the history of the tree says of all moves.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"
#include "tests/unit/manager/cell_bench.h"

namespace coppice {
namespace {

using testing::CellBench;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr MovesBound any_number{.hundredths = 10'000};

/// Thirty hosts at rest; one branch below the root has been drained, which may lead again.
class Replanning : public ::testing::Test {
protected:
    void SetUp() override {
        bench.join_many(30);
        ASSERT_TRUE(bench.settle());
        generation_before = generation();
        for (const auto& [name, host] : bench.hosts)
            if (host.order.role == Role::branch && bench.view(name).depth == 1) branch = name;
        set_drained(branch, true);
        ASSERT_TRUE(bench.settle());
        set_drained(branch, false);
        ASSERT_TRUE(bench.settle());
    }

    void set_drained(const std::string& name, bool is_drained) {
        const Answer answer = bench.ask(DrainCommand{.host = name, .is_drained = is_drained});
        ASSERT_TRUE(std::holds_alternative<Accepted>(answer));
    }
    [[nodiscard]] std::uint64_t generation() const {
        return bench.manager->status().cells.front().generation;
    }
    [[nodiscard]] TreePlan plan(MovesBound bound = any_number) const {
        const PlanOutcome outcome = bench.manager->rebalance_plan(bound);
        return std::holds_alternative<TreePlan>(outcome) ? std::get<TreePlan>(outcome) : TreePlan{};
    }
    [[nodiscard]] static std::string refusal(const Answer& answer) {
        const auto* problem = std::get_if<Problem>(&answer);
        return problem == nullptr ? "" : problem->detail;
    }
    [[nodiscard]] std::string parent_of(HostId host) {
        return bench.view(bench.by_id(host)->name).parent;
    }
    [[nodiscard]] std::vector<TreeChangeView> changes() const {
        return bench.manager->tree_history(UnixMillis::min(), limits::generations_in_history_max);
    }

    CellBench bench{4};
    std::string branch;
    std::uint64_t generation_before = 0;
};

TEST_F(Replanning, MovesNobodyByLookingAtAPlan) {
    const std::uint64_t writes = bench.writes;
    const TreePlan first = plan();
    EXPECT_FALSE(first.moves.empty());
    EXPECT_EQ(first.digest, plan().digest);
    EXPECT_EQ(first.from, generation());
    EXPECT_EQ(first.to, generation() + 1);
    EXPECT_EQ(bench.writes, writes);
}

TEST_F(Replanning, AppliesThePlanThatWasLookedAt) {
    const TreePlan looked_at = plan();
    const Answer answer =
        bench.ask(ReshapeCommand{.bound = any_number, .digest = looked_at.digest});
    ASSERT_TRUE(std::holds_alternative<Reshaped>(answer)) << refusal(answer);
    EXPECT_EQ(std::get<Reshaped>(answer).plan.moves, looked_at.moves);
    EXPECT_EQ(generation(), looked_at.to);
    ASSERT_TRUE(bench.settle());
    for (const PlannedMove& move : looked_at.moves) {
        EXPECT_EQ(bench.by_id(move.host)->parent, move.to);
        EXPECT_EQ(parent_of(move.host), bench.manager->name(move.to));
    }
    EXPECT_EQ(plan().before, looked_at.after);
    const TreeChangeView newest = changes().back();
    EXPECT_EQ(newest.to, looked_at.to);
    ASSERT_EQ(newest.moves.size(), looked_at.moves.size());
    EXPECT_EQ(newest.moves.front().by, MovedBy::people);
    ASSERT_EQ(bench.events("tree.reshaped").size(), 1U);
    EXPECT_EQ(bench.events("tree.reshaped").front().cause, "rebalance");
    EXPECT_EQ(bench.events("tree.reshaped").front().hosts.size(), looked_at.moves.size());
}

TEST_F(Replanning, RefusesAPlanThatIsNotTodays) {
    const TreePlan looked_at = plan();
    const PlannedMove& first = looked_at.moves.front();
    set_drained(bench.by_id(first.to)->name, true);
    const std::uint64_t now = generation();
    const Answer stale = bench.ask(ReshapeCommand{.bound = any_number, .digest = looked_at.digest});
    EXPECT_THAT(refusal(stale), HasSubstr("plan anew"));
    EXPECT_EQ(std::get<Problem>(stale).kind, Problem::Kind::conflict);
    EXPECT_EQ(generation(), now);
    const TreePlan fresh = plan();
    EXPECT_THAT(refusal(bench.ask(ReshapeCommand{.digest = fresh.digest})),
                HasSubstr("the bound is another one"));
}

TEST_F(Replanning, KeepsToTheBound) {
    const TreePlan bounded = plan({.hosts = 1});
    EXPECT_EQ(bounded.moves.size(), 1U);
    EXPECT_EQ(bounded.moves_max, 1U);
    EXPECT_TRUE(bounded.is_bounded);
    EXPECT_FALSE(plan().is_bounded);
    const auto too_large = bench.manager->rebalance_plan({.hosts = limits::moves_per_plan_max + 1});
    EXPECT_EQ(std::get<Problem>(too_large).kind, Problem::Kind::too_large);
}

TEST_F(Replanning, ComesToAnEnd) {
    for (int plans = 0; plans < 5 && !plan().moves.empty(); ++plans) {
        ASSERT_TRUE(
            std::holds_alternative<Reshaped>(bench.ask(ReshapeCommand{.bound = any_number})));
        ASSERT_TRUE(bench.settle());
    }
    const std::uint64_t now = generation();
    const Answer answer = bench.ask(ReshapeCommand{.bound = any_number});
    ASSERT_TRUE(std::holds_alternative<Reshaped>(answer));
    EXPECT_THAT(std::get<Reshaped>(answer).plan.moves, IsEmpty());
    EXPECT_EQ(generation(), now);
}

TEST_F(Replanning, MovesNothingWhileNoRootIsHeard) {
    bench.is_root_silent = true;
    bench.run(std::chrono::seconds{3});
    const std::uint64_t now = generation();
    const Answer answer = bench.ask(ReshapeCommand{});
    EXPECT_THAT(refusal(answer), HasSubstr("no root is heard"));
    EXPECT_THAT(refusal(bench.ask(RollBackCommand{.generation = 1})),
                HasSubstr("nothing is moved"));
    EXPECT_EQ(std::get<Problem>(bench.manager->rebalance_plan({})).kind, Problem::Kind::conflict);
    EXPECT_EQ(generation(), now);
}

// --- the way back -------------------------------------------------------------------------------

TEST_F(Replanning, TakesAPlanBack) {
    const std::uint64_t before = generation();
    const TreePlan looked_at = plan({.hosts = 2});
    static_cast<void>(bench.ask(ReshapeCommand{.bound = {.hosts = 2}}));
    ASSERT_TRUE(bench.settle());
    const auto outcome = bench.manager->rollback_plan(before, any_number);
    const Answer answer = bench.ask(RollBackCommand{
        .generation = before, .bound = any_number, .digest = std::get<TreePlan>(outcome).digest});
    ASSERT_TRUE(std::holds_alternative<Reshaped>(answer)) << refusal(answer);
    const TreePlan& back = std::get<Reshaped>(answer).plan;
    ASSERT_EQ(back.moves.size() + back.cannot.size(), looked_at.moves.size());
    ASSERT_TRUE(bench.settle());
    for (const PlannedMove& move : back.moves) {
        EXPECT_EQ(move.why, "rollback to " + std::to_string(before));
        EXPECT_EQ(bench.by_id(move.host)->parent, move.to);
    }
}

TEST_F(Replanning, SaysOfEachHostWhyItCannotGoBack) {
    const auto outcome = bench.manager->rollback_plan(generation_before, any_number);
    const auto& back = std::get<TreePlan>(outcome);
    EXPECT_THAT(back.moves, IsEmpty());
    EXPECT_EQ(back.to, back.from);
    ASSERT_FALSE(back.cannot.empty());
    for (const PlannedMove& move : back.cannot)
        EXPECT_EQ(move.why, branch + " is no parent any more");
}

TEST_F(Replanning, KnowsNoGenerationThatIsToCome) {
    const Answer answer = bench.ask(RollBackCommand{.generation = generation() + 1});
    EXPECT_EQ(std::get<Problem>(answer).kind, Problem::Kind::not_found);
    EXPECT_THAT(refusal(answer), HasSubstr("the newest is " + std::to_string(generation())));
    const Answer now = bench.ask(RollBackCommand{.generation = generation()});
    EXPECT_THAT(std::get<Reshaped>(now).plan.moves, IsEmpty());
}

TEST_F(Replanning, GoesBackOnlyAsFarAsTheHistoryOfItsStore) {
    std::erase_if(bench.records, [](const auto& entry) {
        return std::holds_alternative<TreeChangeRecord>(entry.second);
    });
    bench.restart_manager();
    ASSERT_TRUE(bench.settle());
    EXPECT_THAT(refusal(bench.ask(RollBackCommand{.generation = 1})),
                HasSubstr("the history of the tree goes back to"));
}

// --- history ------------------------------------------------------------------------------------

TEST_F(Replanning, TellsWhyHostsMovedAndWhoChose) {
    bool has_drain = false;
    for (const TreeChangeView& change : changes())
        has_drain = has_drain || change.cause == "drain of " + branch;
    EXPECT_TRUE(has_drain);
    std::string dead;
    for (const auto& [name, host] : bench.hosts)
        if (host.order.role == Role::branch && bench.view(name).children > 1) dead = name;
    const std::uint32_t children = bench.view(dead).children;
    bench.kill(dead);
    ASSERT_TRUE(bench.settle());
    std::size_t moved = 0;
    for (const TreeChangeView& change : changes())
        for (const TreeChangeView::Move& move : change.moves) {
            if (move.old_parent != dead) continue;
            ++moved;
            EXPECT_EQ(move.why, "death of " + dead + " (crashed)");
            EXPECT_EQ(move.by, MovedBy::host) << "its spare took it";
        }
    EXPECT_EQ(moved, children);
}

TEST_F(Replanning, SummarisesJoins) {
    const TreeChangeView first = changes().front();
    EXPECT_EQ(first.cause, "29 hosts joined or came back") << "the root has no parent";
    EXPECT_EQ(first.placed, 29U);
    EXPECT_THAT(first.moves, IsEmpty());
}

TEST_F(Replanning, RemembersTheHistoryOverARestart) {
    const std::vector<TreeChangeView> before = changes();
    bench.restart_manager();
    const std::vector<TreeChangeView> after = changes();
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        EXPECT_EQ(after[i].to, before[i].to);
        EXPECT_EQ(after[i].cause, before[i].cause);
        EXPECT_EQ(after[i].moves.size(), before[i].moves.size());
    }
    EXPECT_EQ(bench.manager->tree_history(UnixMillis::min(), 1).size(), 1U);
    EXPECT_THAT(bench.manager->tree_history(UnixMillis::max(), 100), IsEmpty());
}

}  // namespace
}  // namespace coppice
