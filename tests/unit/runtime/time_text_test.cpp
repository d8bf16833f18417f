#include "runtime/time_text.h"

#include <gtest/gtest.h>

namespace coppice {
namespace {

using namespace std::chrono_literals;

TEST(Times, AreRfc3339InUtc) {
    EXPECT_EQ(time_text(1'714'564'800'123ms), "2024-05-01T12:00:00.123Z");
    EXPECT_EQ(time_text(0ms), "");
    EXPECT_EQ(time_text(951'782'400'000ms), "2000-02-29T00:00:00.000Z");
}

TEST(Times, AreReadWithAndWithoutAFraction) {
    EXPECT_EQ(*parse_time("2024-05-01T12:00:00.123Z", 0ms), 1'714'564'800'123ms);
    EXPECT_EQ(*parse_time("2024-05-01T12:00:00.5Z", 0ms), 1'714'564'800'500ms);
    EXPECT_EQ(*parse_time("2024-05-01T12:00:00Z", 0ms), 1'714'564'800'000ms);
    EXPECT_EQ(*parse_time("10m", 1'000'000ms), 400'000ms);
    EXPECT_EQ(*parse_time("1714564800", 0ms), 1'714'564'800'000ms) << "seconds";
    EXPECT_EQ(*parse_time("1714564800123", 0ms), 1'714'564'800'123ms) << "milliseconds";
    EXPECT_EQ(time_text(*parse_time("253402300799999", 0ms)), "9999-12-31T23:59:59.999Z");
    EXPECT_FALSE(parse_time("253402300800000", 0ms).ok()) << "its text would have five digits";
}

TEST(Times, AreReadAsPeopleWriteThem) {
    constexpr UnixMillis noon = 1'714'564'800'000ms;
    for (const char* text :
         {"2024-05-01T12:00:00", "2024-05-01T12:00Z", "2024-05-01 12:00", "2024-05-01 12:00:00",
          "2024-05-01 12:00:00.000Z", "2024-05-01t12:00:00z", "2024-05-01T14:00:00+02:00",
          "2024-05-01 06:30-05:30"})
        EXPECT_EQ(*parse_time(text, 0ms), noon) << text;
    EXPECT_EQ(*parse_time("2024-05-01", 0ms), noon - 12h) << "its first moment";
    EXPECT_EQ(*parse_time("2024-05-01T12:00:00.12345Z", 0ms), noon + 123ms);
}

TEST(Times, AreRefusedWhenTheyAreNone) {
    for (const char* text :
         {"", "yesterday", "2024-05", "2024-13-01T00:00:00Z", "2024-02-30", "2024-05-01T25:00:00Z",
          "2024-05-01T12", "2024-05-01T12:60", "2024-05-01T12:00:00.Z", "2024-05-01T12:00:00+2",
          "2024-05-01T12:00:00Zulu", "2024-05-01 12:00 ", "+024-05-01", "14:05",
          "9999-12-31T23:59:59-01:00", "0000-01-01T00:00+00:01"})
        EXPECT_FALSE(parse_time(text, 0ms).ok()) << text;
}

}  // namespace
}  // namespace coppice
