// Events in the order in which people hear of them.

#include "manager/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"

namespace coppice {
namespace {

using ::testing::ElementsAre;

std::vector<std::uint64_t> ids_after(const History& history, std::uint64_t change) {
    std::vector<std::uint64_t> ids;
    for (const EventView& view : history.after(change, 100)) ids.push_back(view.event.id);
    return ids;
}

TEST(History, TellsARevisionOnceAndAfterWhatCameBefore) {
    History history{{}};
    std::uint64_t next = 1;
    for (int count = 0; count < 3; ++count) {
        history.note("host.live", HostId{7});
        static_cast<void>(history.take(next, {}, {}));
    }
    EXPECT_THAT(ids_after(history, 0), ElementsAre(1, 2, 3));
    history.put({.id = 2, .revision = 2, .kind = "hosts.lost"}, next);
    EXPECT_THAT(ids_after(history, 0), ElementsAre(1, 3, 2));
    EXPECT_THAT(ids_after(history, 3), ElementsAre(2));
    EXPECT_EQ(history.after(3, 1).front().change, 4U);
    EXPECT_EQ(history.after(3, 1).front().event.kind, "hosts.lost");
    EXPECT_EQ(next, 5U) << "no event gets the number of a change";
}

TEST(History, TellsRevisionsAgainAfterARestart) {
    History history{{{.id = 1}, {.id = 2, .revision = 3}, {.id = 4}}};
    std::uint64_t next = 9;
    history.retell_revised(next);
    EXPECT_THAT(ids_after(history, 0), ElementsAre(1, 4, 2));
    EXPECT_THAT(ids_after(history, 8), ElementsAre(2));
    EXPECT_EQ(next, 10U);
}

TEST(History, KeepsTheNewestEventsInMemory) {
    History history{{}};
    std::uint64_t next = 1;
    while (next <= limits::events_in_memory_max + 1) history.put({.id = next++}, next);
    EXPECT_EQ(history.after(0, 1).front().event.id, 2U);
    history.put({.id = 1, .revision = 2}, next);
    EXPECT_EQ(history.after(0, 1).front().event.id, 2U) << "the store alone has it";
}

}  // namespace
}  // namespace coppice
