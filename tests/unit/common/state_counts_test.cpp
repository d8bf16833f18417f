#include "common/state_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

CountedAs as(HostState state, bool is_drained = false) {
    return counted_as({.state = state, .is_drained = is_drained});
}

TEST(StateCounts, AreThoseThatAreShownToday) {
    Tally tally;
    tally.move(counted_as_nothing, as(HostState::live), 5);
    tally.move(counted_as_nothing, as(HostState::joining), 2);
    tally.move(as(HostState::live), as(HostState::lost), 1);
    tally.move(as(HostState::live), as(HostState::live, true), 2);
    tally.move(as(HostState::live, true), as(HostState::left, true), 1);
    EXPECT_EQ(tally.counts(),
              (StateCounts{
                  .registered = 7, .live = 3, .suspect = 2, .lost = 1, .left = 1, .drained = 2}));
    tally.move(as(HostState::lost), as(HostState::live), 2);
    EXPECT_EQ(tally.counts(), std::nullopt) << "less than none are lost";
}

TEST(StateCounts, HaveTheBytesOfTheirRelease) {
    Tally tally;
    EXPECT_THAT(encode_tally(tally), IsEmpty());
    tally.move(as(HostState::live), as(HostState::lost), 100);
    EXPECT_THAT(encode_tally(tally), ElementsAre(0, 0, 0, 0xc7, 1, 0, 0, 0, 0xc8, 1))
        << "-100 at 3 and 100 at 7";
    EXPECT_THAT(encode_tally_before({UnixMillis{-1}, Tally{}}), ElementsAre(1));
    const std::vector<CountChange> changes{
        {5, as(HostState::live), as(HostState::lost)},
        {5, as(HostState::live), as(HostState::left), 3},
        {70, as(HostState::lost), as(HostState::joining)},
        {70, as(HostState::joining), as(HostState::left)},
    };
    EXPECT_THAT(encode_changes(changes),
                ElementsAre(0x50, 0x0f, 3, 9, 6, 0x91, 0x08, 0x0f, 1, 9, 2));
}

TEST(StateCounts, ComeBackFromTheirBytes) {
    Tally tally;
    tally.move(counted_as_nothing, as(HostState::left, true), 1'000'000);
    EXPECT_EQ(decode_tally(encode_tally(tally)), tally);
    const TallyBefore before{UnixMillis{-9'000'000'000'000'000}, tally};
    EXPECT_EQ(decode_tally_before(encode_tally_before(before)), before);
    std::vector<CountChange> changes;
    for (CountedAs from = 0; from < counted_as_end; ++from)
        for (CountedAs to = 0; to < counted_as_end; ++to)
            if (from != to) changes.push_back({from * 1000, from, to, from % 2 == 0 ? 1 : -70});
    EXPECT_EQ(decode_changes(encode_changes(changes)), changes);
}

TEST(StateCounts, RefuseBytesThatAreDamaged) {
    const Bytes cut_off{0x80};
    EXPECT_EQ(decode_tally(cut_off), std::nullopt);
    EXPECT_EQ(decode_tally_before(cut_off), std::nullopt);
    EXPECT_EQ(decode_tally_before(Bytes{}), std::nullopt);
    EXPECT_EQ(decode_changes(cut_off), std::nullopt);
    EXPECT_EQ(decode_tally(Bytes(12, 0)), std::nullopt) << "there are eleven";
    EXPECT_EQ(decode_changes(Bytes{0x0f, 3, 11, 2}), std::nullopt) << "no such state";
    EXPECT_EQ(decode_changes(Bytes{0x0f, 3, 9}), std::nullopt) << "how many?";
    EXPECT_EQ(decode_changes(Bytes(10, 0xff)), std::nullopt);
}

TEST(StateCounts, AddUpWhatIsAlike) {
    std::vector<CountChange> changes{{7, 3, 7}, {5, 1, 3}, {7, 3, 7, 2}, {5, 1, 3, -1}, {6, 4, 4}};
    tidy(changes);
    EXPECT_THAT(changes, ElementsAre(CountChange{7, 3, 7, 3}));
}

}  // namespace
}  // namespace coppice
