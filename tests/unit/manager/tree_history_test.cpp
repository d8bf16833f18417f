// The history of the tree: by generations, bounded, and never written twice.

#include "manager/tree_history.h"

#include <gtest/gtest.h>

#include "common/limits.h"

namespace coppice {
namespace {

const auto parent_nine = [](HostId) { return HostId{9}; };

void note(TreeHistory& history, std::uint32_t first, std::uint32_t count,
          const std::string& why = "death of n1 (crashed)") {
    for (std::uint32_t host = first; host < first + count; ++host)
        history.note_move(HostId{host}, HostId{1}, MovedBy::manager, why);
}

const TreeChangeRecord& part_of(const Write& write) {
    return std::get<TreeChangeRecord>(std::get<Put>(write).record);
}

TEST(TreeHistory, KeepsWhoMovedFromWhereToWhereAndWhy) {
    TreeHistory history;
    history.note_move(HostId{5}, HostId{1}, MovedBy::host, "death of n1 (crashed)");
    history.note_placed(HostId{6});
    ASSERT_TRUE(history.has_news());
    const std::vector<Write> writes = history.take(7, UnixMillis{3}, parent_nine);
    ASSERT_EQ(writes.size(), 1U);
    EXPECT_EQ(part_of(writes.front()),
              (TreeChangeRecord{.generation = 7,
                                .time = UnixMillis{3},
                                .reasons = {"death of n1 (crashed)"},
                                .moves = {{HostId{5}, HostId{1}, HostId{9}, MovedBy::host, 0}},
                                .placed = 1}));
    EXPECT_FALSE(history.has_news());
}

TEST(TreeHistory, OfTwoMovesInOneStepKeepsTheFirstParentAndTheLast) {
    TreeHistory history;
    history.note_move(HostId{5}, HostId{1}, MovedBy::manager, "first");
    history.note_move(HostId{5}, HostId{2}, MovedBy::people, "second");
    history.note_move(HostId{6}, HostId{9}, MovedBy::manager, "there and back");
    const std::vector<Write> writes = history.take(7, UnixMillis{3}, parent_nine);
    ASSERT_EQ(part_of(writes.front()).moves.size(), 1U);
    EXPECT_EQ(part_of(writes.front()).moves.front().from, HostId{1});
    EXPECT_EQ(part_of(writes.front()).reasons, std::vector<std::string>{"second"});
}

TEST(TreeHistory, HasNoMoveOfAHostThatGotItsPlaceInTheSameStep) {
    TreeHistory history;
    history.note_placed(HostId{5});
    history.note_move(HostId{5}, HostId{1}, MovedBy::host, "it came back, and went on");
    const std::vector<Write> writes = history.take(7, UnixMillis{3}, parent_nine);
    ASSERT_EQ(writes.size(), 1U);
    EXPECT_TRUE(part_of(writes.front()).moves.empty());
    EXPECT_EQ(part_of(writes.front()).placed, 1U);
}

TEST(TreeHistory, HasAMoveOfAHostThatLostItsPlaceAndGotAnotherInOneStep) {
    TreeHistory history;
    note(history, 5, 1);
    history.note_placed(HostId{5});
    const std::vector<Write> writes = history.take(7, UnixMillis{3}, parent_nine);
    EXPECT_EQ(part_of(writes.front()).moves.size(), 1U);
    EXPECT_EQ(part_of(writes.front()).placed, 0U);
    note(history, 5, 1);
    EXPECT_TRUE(history.take(8, UnixMillis{3}, [](HostId) { return HostId{}; }).empty());
}

TEST(TreeHistory, WritesStepsOfOneGenerationAsParts) {
    TreeHistory history;
    note(history, 10, 2);
    static_cast<void>(history.take(7, UnixMillis{3}, parent_nine));
    note(history, 20, 3, "drain of n2");
    const std::vector<Write> writes = history.take(7, UnixMillis{4}, parent_nine);
    ASSERT_EQ(writes.size(), 1U);
    EXPECT_EQ(part_of(writes.front()).part, 1U);
    EXPECT_EQ(part_of(writes.front()).moves.size(), 3U) << "and not those of the first step again";
    EXPECT_EQ(cause_of(history.generations().at(7)), "drain of n2, and 1 more");
}

TEST(TreeHistory, CountsWhatAGenerationHasTooManyOf) {
    constexpr auto most = static_cast<std::uint32_t>(limits::moves_per_generation_max);
    TreeHistory history;
    note(history, 10, most - 5);
    static_cast<void>(history.take(7, UnixMillis{3}, parent_nine));
    note(history, 100'000, most);
    const std::vector<Write> writes = history.take(7, UnixMillis{3}, parent_nine);
    EXPECT_EQ(part_of(writes.front()).moves.size(), 5U);
    EXPECT_EQ(part_of(writes.front()).moves_more, most - 5);
}

TEST(TreeHistory, DropsTheOldestGenerationsAndSaysFromWhereOnItIsWhole) {
    TreeHistory history;
    history.begin_at(4);
    EXPECT_EQ(history.kept_after(), 4U);
    const std::uint64_t last = 4 + limits::generations_in_history_max + 2;
    for (std::uint64_t generation = 5; generation <= last; ++generation) {
        note(history, 10, 1);
        const std::vector<Write> writes = history.take(generation, UnixMillis{3}, parent_nine);
        const bool is_full = generation > 4 + limits::generations_in_history_max;
        ASSERT_EQ(writes.size(), is_full ? 2U : 1U);
        if (!is_full) continue;
        const std::uint64_t dropped = generation - limits::generations_in_history_max;
        EXPECT_EQ(std::get<Erase>(writes.front()).key,
                  key_of(TreeChangeRecord{.generation = dropped}));
        EXPECT_EQ(part_of(writes.back()).kept_after, dropped);
    }
    EXPECT_EQ(history.generations().size(), limits::generations_in_history_max);
    EXPECT_EQ(history.kept_after(), 6U);

    TreeHistory again;
    for (const auto& [generation, parts] : history.generations())
        for (const TreeChangeRecord& part : parts) again.load(part);
    again.begin_at(last);
    EXPECT_EQ(again.kept_after(), 6U);
}

TEST(TreeHistory, DropsGenerationsWhenAllMovesTogetherAreTooMany) {
    TreeHistory history;
    std::size_t erased = 0;
    for (std::uint64_t generation = 1; generation <= 15; ++generation) {
        note(history, 10, static_cast<std::uint32_t>(limits::moves_per_generation_max));
        for (const Write& write : history.take(generation, UnixMillis{3}, parent_nine))
            erased += std::holds_alternative<Erase>(write) ? 1 : 0;
    }
    EXPECT_EQ(history.generations().size(),
              limits::moves_in_history_max / limits::moves_per_generation_max);
    EXPECT_EQ(erased, 15 - history.generations().size());
}

TEST(TreeHistory, SummarisesABatchOfJoins) {
    TreeHistory history;
    for (std::uint32_t host = 1; host <= 40; ++host) history.note_placed(HostId{host});
    static_cast<void>(history.take(2, UnixMillis{3}, parent_nine));
    EXPECT_EQ(cause_of(history.generations().at(2)), "40 hosts joined or came back");
}

}  // namespace
}  // namespace coppice
