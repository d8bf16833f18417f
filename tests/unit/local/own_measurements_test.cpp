// What the daemons of a host measure.
#include "local/own_measurements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace coppice {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class Own : public testing::Test {
protected:
    [[nodiscard]] std::string put(const std::string& name, double value,
                                  Duration lifetime = seconds{60}) {
        const Result<Done> done = own.put({.name = name, .value = value}, lifetime, now);
        return done.ok() ? "" : done.error().message;
    }

    OwnMeasurements own{{"load1"}};
    Instant now{seconds{100}};
};

TEST_F(Own, CountUntilTheyExpire) {
    EXPECT_EQ(put("queue", 4), "");
    EXPECT_EQ(put("depth", 5, seconds{10}), "");
    EXPECT_EQ(put("queue", 7), "");
    ASSERT_EQ(own.list(now).size(), 2U);
    EXPECT_EQ(own.list(now + seconds{10}).size(), 1U);
    EXPECT_EQ(own.list(now + seconds{10}).front().measurement.value, 7);
    EXPECT_TRUE(own.list(now + seconds{60}).empty());
}

TEST_F(Own, OfWhichNobodyCouldAskAreRefused) {
    for (const char* name : {"", "Load", "a b", "a-b", "load/1", "\xc3\xa4"})
        EXPECT_THAT(put(name, 1), HasSubstr("is not a name")) << name;
    EXPECT_THAT(put(std::string(64, 'a'), 1), HasSubstr("is not a name"));
    EXPECT_EQ(put(std::string(63, 'a'), 1), "");
    EXPECT_THAT(put("load1", 1), HasSubstr("the agent itself"));
    EXPECT_THAT(put("x", std::nan("")), HasSubstr("finite"));
    EXPECT_THAT(put("x", HUGE_VAL), HasSubstr("finite"));
    EXPECT_THAT(put("x", 1, seconds{0}), HasSubstr("more than nothing"));
    EXPECT_THAT(put("x", 1, std::chrono::hours{25}), HasSubstr("24h"));
}

TEST_F(Own, AreBoundedInNumberUntilOneExpires) {
    for (std::size_t i = 0; i < OwnMeasurements::count_max; ++i)
        EXPECT_EQ(put("m" + std::to_string(i), 1), "");
    EXPECT_THAT(put("one_more", 1), HasSubstr("64 measurements"));
    EXPECT_EQ(put("m5", 2), "") << "one that is there already";
    now += seconds{60};
    EXPECT_EQ(put("one_more", 1), "");
}

}  // namespace
}  // namespace coppice
