// Fan-outs whose square, or which themselves, do not fit into the numbers of other programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"
#include "manager/config.h"
#include "manager/placement.h"

namespace coppice {
namespace {

using testing::HasSubstr;

constexpr std::uint32_t large_fanouts[] = {46'340, 46'341, 65'535, 1'000'000};

TEST(Fanouts, X13AreRefusedInASentenceWhenTheyAreTooLarge) {
    for (const std::uint32_t fanout : large_fanouts) {
        ManagerConfig config{.addresses = {"tcp://m:1"}};
        config.fanout = fanout;
        const std::vector<std::string> mistakes = config.validate();
        ASSERT_EQ(mistakes.size(), 1U);
        EXPECT_THAT(mistakes.front(), HasSubstr("fanout is " + std::to_string(fanout)));
        EXPECT_THAT(mistakes.front(), HasSubstr(std::to_string(limits::fanout_max)));
    }
}

TEST(Fanouts, X13HaveTheRightDepthHoweverLargeTheyAre) {
    for (const std::uint64_t fanout : large_fanouts) {
        const auto small = static_cast<std::uint32_t>(fanout);
        EXPECT_EQ(depth_bound(1, small), 1U);
        EXPECT_EQ(depth_bound(fanout, small), 2U);
        EXPECT_EQ(depth_bound(fanout + 1, small), 3U);
        EXPECT_EQ(depth_bound(fanout * fanout, small), 3U);
        EXPECT_EQ(depth_bound(fanout * fanout + 1, small), 4U);
    }
    EXPECT_EQ(depth_bound(UINT32_MAX, 2), 33U);
}

TEST(Fanouts, X13HaveRoomForSlackAboveThem) {
    for (const std::uint32_t fanout : large_fanouts) {
        ManagerConfig config;
        config.fanout = fanout;
        EXPECT_EQ(config.slack(), fanout / 4);
        const Shape shape{{.fill = config.fill(), .fanout = fanout, .slack = config.slack()}};
        EXPECT_LT(shape.limit(Room::fill), shape.limit(Room::fanout));
        EXPECT_EQ(shape.limit(Room::slack), fanout + fanout / 4);
    }
}

}  // namespace
}  // namespace coppice
