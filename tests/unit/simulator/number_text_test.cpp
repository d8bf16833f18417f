#include "simulator/number_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(NumberText, CountsAreGroupedByThousands) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
    EXPECT_EQ(counted(1, "host"), "1 host");
    EXPECT_EQ(counted(2500, "host"), "2,500 hosts");
}

TEST(NumberText, RatesHaveThreeDigitsThatMatter) {
    EXPECT_EQ(rate_text(0), "0");
    EXPECT_EQ(rate_text(0.0283), "0.0283");
    EXPECT_EQ(rate_text(32.41), "32.4");
    EXPECT_EQ(rate_text(999.7), "1,000");
    EXPECT_EQ(rate_text(12345.6), "12,346");
}

TEST(NumberText, BytesAndSharesHaveTheirUnit) {
    EXPECT_EQ(bytes_text(512), "512 B");
    EXPECT_EQ(bytes_text(1023.9), "1 KiB");
    EXPECT_EQ(bytes_text(3355443.2), "3.2 MiB");
    EXPECT_EQ(share_text(0.01), "1 %");
    EXPECT_EQ(share_text(0.9995), "99.95 %");
}

TEST(NumberText, TimesAreInTheUnitThatSuitsThem) {
    EXPECT_EQ(time_text(0s), "0 s");
    EXPECT_EQ(time_text(85ms), "85 ms");
    EXPECT_EQ(time_text(2310ms), "2.31 s");
    EXPECT_EQ(time_text(119s), "119 s");
    EXPECT_EQ(time_text(725s), "12 min 5 s");
    EXPECT_EQ(time_text(120min), "2 h");
    EXPECT_EQ(time_text(76h), "3 d 4 h");
}

TEST(Ticks, AreRoundAndReachTheEnds) {
    EXPECT_THAT(round_ticks(0, 1000, 5), ElementsAre(0, 200, 400, 600, 800, 1000));
    EXPECT_THAT(round_ticks(0, 7, 5), ElementsAre(0, 2, 4, 6, 8));
    EXPECT_THAT(round_ticks(963, 1000, 5), ElementsAre(960, 970, 980, 990, 1000));
}

TEST(Ticks, OfTimeAreWhatPeopleCountIn) {
    EXPECT_THAT(time_ticks(646, 6), ElementsAre(0, 120, 240, 360, 480, 600));
    EXPECT_EQ(tick_time_text(120, 120), "2 min");
    EXPECT_THAT(time_ticks(86400, 5), ElementsAre(0, 21600, 43200, 64800, 86400));
    EXPECT_EQ(tick_time_text(21600, 21600), "6 h");
    const std::vector<double> days = time_ticks(1350.0 * 86400, 6);
    ASSERT_GE(days.size(), 6U);
    EXPECT_EQ(tick_time_text(days[1], days[1]), "200 d");
}

TEST(Ticks, NeverStopTheProgramWhateverTheRange) {
    for (const double high : {1e-6, 0.3, 1.0, 59.9, 3601.0, 1e5, 1e9}) {
        for (const std::vector<double>& ticks : {round_ticks(0, high, 5), time_ticks(high, 6)}) {
            EXPECT_GE(ticks.size(), 2U) << high;
            EXPECT_LE(ticks.size(), 12U) << high;
        }
    }
}

}  // namespace
}  // namespace coppice
