// The text form of a join token.

#include "runtime/join_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using testing::HasSubstr;
using testing::Not;

JoinToken example() {
    JoinToken token{.fleet = "0123456789abcdef", .id = "t1"};
    token.manager_key.fill(1);
    token.fleet_key.fill(2);
    token.secret.assign(join_secret_bytes, 3);
    return token;
}

TEST(JoinTokens, ComeBackFromTheirText) {
    const std::string text = join_token_text(example());
    EXPECT_TRUE(text.starts_with("coppice1."));
    EXPECT_EQ(text.find_first_of("+/= \n"), std::string::npos);
    const Result<JoinToken> parsed = parse_join_token(" " + text + "\n");
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    EXPECT_EQ(*parsed, example());
}

TEST(JoinTokens, CutOffAnywhereAreNotTaken) {
    const std::string text = join_token_text(example());
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_FALSE(parse_join_token(text.substr(0, size)).ok()) << size;
    EXPECT_FALSE(parse_join_token(text + "AAAA").ok());
}

TEST(JoinTokens, WithOneWrongLetterAreNotTaken) {
    const std::string text = join_token_text(example());
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string wrong = text;
        wrong[at] = wrong[at] == 'B' ? 'C' : 'B';
        EXPECT_FALSE(parse_join_token(wrong).ok()) << at;
    }
}

TEST(JoinTokens, ErrorsSayWhatToDoAndKeepTheSecret) {
    const std::string text = join_token_text(example());
    EXPECT_THAT(parse_join_token("").error().message, HasSubstr("coppice token create"));
    EXPECT_THAT(parse_join_token("hunter2").error().message, HasSubstr("begin with coppice1."));
    const std::string message = parse_join_token(text.substr(0, text.size() - 5)).error().message;
    EXPECT_THAT(message, HasSubstr("cut off"));
    EXPECT_THAT(message, Not(HasSubstr(text.substr(20, 40))));
}

}  // namespace
}  // namespace coppice
