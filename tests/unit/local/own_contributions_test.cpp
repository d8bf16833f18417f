// What daemons contribute: for a while, within bounds.
#include "local/own_contributions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"

namespace coppice {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::HasSubstr;

class OwnContributionsTest : public testing::Test {
protected:
    std::string put(const std::string& name, Bytes bytes, Duration lifetime = seconds{60}) {
        const Result<Done> done = own.put(name, std::move(bytes), lifetime, now);
        return done.ok() ? "" : done.error().message;
    }

    Instant now{seconds{100}};
    OwnContributions own;
};

TEST_F(OwnContributionsTest, AreForgottenUnlessTheyAreRepeated) {
    EXPECT_EQ(put("words", {1, 2}), "");
    EXPECT_EQ(put("words", {3}, seconds{5}), "");
    EXPECT_EQ(*own.all(now).at("words"), (Bytes{3}));
    EXPECT_EQ(own.list(now).front().expires, now + seconds{5});
    now += seconds{5};
    EXPECT_TRUE(own.all(now).empty());
}

TEST_F(OwnContributionsTest, WhatCannotBeTakenIsRefusedWithASentence) {
    EXPECT_THAT(put("Words", {}), HasSubstr("is not a name"));
    EXPECT_THAT(put("", {}), HasSubstr("is not a name"));
    EXPECT_THAT(put("words", Bytes(limits::part_bytes_max + 1)), HasSubstr("at most 16384"));
    EXPECT_EQ(put("words", Bytes(limits::part_bytes_max)), "");
    EXPECT_THAT(put("words", {}, seconds{0}), HasSubstr("24h at most"));
    EXPECT_THAT(put("words", {}, hours{25}), HasSubstr("24h at most"));
    for (std::size_t at = 1; at < limits::contributions_max; ++at)
        EXPECT_EQ(put("w" + std::to_string(at), {}), "");
    EXPECT_THAT(put("more", {}), HasSubstr("wait until one expires"));
    EXPECT_EQ(put("words", {1}), "") << "again";
    now += seconds{60};
    EXPECT_EQ(put("more", {}), "");
}

}  // namespace
}  // namespace coppice
