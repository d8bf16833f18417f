// Bounds of plans: what can be written, and how many hosts that is.

#include <gtest/gtest.h>

#include "common/limits.h"
#include "common/tree_plan.h"

namespace coppice {
namespace {

TEST(MovesBound, IsAShareOrANumber) {
    EXPECT_EQ(parse_moves_bound("")->of(1000), 50U) << "5 % when nothing is said";
    EXPECT_EQ(parse_moves_bound("5%")->of(1000), 50U);
    EXPECT_EQ(parse_moves_bound("0.25%")->of(10'000), 25U);
    EXPECT_EQ(parse_moves_bound("12.5%")->of(80), 10U);
    EXPECT_EQ(parse_moves_bound("100%")->of(80), 80U);
    EXPECT_EQ(parse_moves_bound("40")->of(1000), 40U);
}

TEST(MovesBound, OfASmallFleetIsOneHostAtLeast) {
    EXPECT_EQ(parse_moves_bound("5%")->of(12), 1U);
    EXPECT_EQ(parse_moves_bound("5%")->of(0), 1U);
}

TEST(MovesBound, OfAHugeFleetIsCutToWhatAPlanMayHave) {
    EXPECT_EQ(parse_moves_bound("5%")->of(1'000'000), limits::moves_per_plan_max);
}

TEST(MovesBound, ThatIsNoneIsRefusedWithWhatIsPossible) {
    for (const char* text : {"0", "0%", "0.00%", "100.01%", "101%", "-1", "-5%", "5 %", "%", ".5%",
                             "5.%", "1.234%", "x", "5x", "1e3", "99999999999999999999"}) {
        const Result<MovesBound> bound = parse_moves_bound(text);
        ASSERT_FALSE(bound.ok()) << text;
        EXPECT_NE(bound.error().message.find("such as 5%"), std::string::npos);
    }
}

}  // namespace
}  // namespace coppice
