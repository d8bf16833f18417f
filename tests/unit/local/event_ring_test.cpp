// The newest events of an agent.
#include "local/event_ring.h"

#include <gtest/gtest.h>

namespace coppice {
namespace {

TEST(EventRing, TellsWhatCameAfterAnEvent) {
    EventRing ring{"7"};
    EXPECT_TRUE(ring.after("7-0")->empty());
    for (const char* name : {"a", "b", "c"}) ring.add(name, {}, "{}");
    ASSERT_EQ(ring.after("7-1")->size(), 2U);
    EXPECT_EQ(ring.after("7-1")->front().name, "b");
    EXPECT_TRUE(ring.after(ring.id_text(ring.newest()))->empty());
}

TEST(EventRing, KnowsNothingOfIdsThatAreNotItsOwn) {
    EventRing ring{"7"};
    ring.add("a", {}, "{}");
    for (const char* id :
         {"", "7", "7-", "8-1", "7-2", "7-x", "7--1", "7-1x", "1", "7-18446744073709551616"})
        EXPECT_FALSE(ring.after(id)) << id;
}

TEST(EventRing, ForgetsTheOldestAndSaysSo) {
    EventRing ring{"7"};
    for (std::size_t i = 0; i < EventRing::events_max + 5; ++i) ring.add("a", {}, "{}");
    EXPECT_FALSE(ring.after("7-4"));
    EXPECT_EQ(ring.after("7-5")->size(), EventRing::events_max);
}

TEST(EventRing, IsBoundedInBytes) {
    EventRing ring{"7"};
    const std::string large(EventRing::bytes_max / 4, 'x');
    for (int i = 0; i < 20; ++i) ring.add("a", {}, large);
    EXPECT_FALSE(ring.after("7-15"));
    EXPECT_EQ(ring.after("7-16")->size(), 4U);
}

}  // namespace
}  // namespace coppice
