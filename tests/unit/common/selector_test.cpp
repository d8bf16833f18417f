// Selectors: what they select, and that mistakes are pointed at.
#include "common/selector.h"

#include <gtest/gtest.h>

#include <string>

#include "common/limits.h"
#include "common/random.h"

namespace coppice {
namespace {

bool selects(std::string_view text, std::string_view name, const Labels& labels) {
    const Result<Selector> selector = Selector::parse(text);
    EXPECT_TRUE(selector.ok()) << text << ": " << (selector.ok() ? "" : selector.error().message);
    return selector.ok() && selector->matches(name, labels);
}

std::string mistake(std::string_view text) {
    const Result<Selector> selector = Selector::parse(text);
    return selector.ok() ? "no mistake" : selector.error().message;
}

const Labels gpu_host = {{"zone", "a"}, {"gpu", "a100"}, {"example.org/rack", "r-7:3"}};

TEST(Selector, EmptyTextSelectsEveryHost) {
    EXPECT_TRUE(selects("", "n1", {}));
    EXPECT_TRUE(selects(" \t\n", "n1", gpu_host));
    EXPECT_TRUE(Selector{}.matches("n1", {}));
}

TEST(Selector, EqualityComparesTheWholeValue) {
    EXPECT_TRUE(selects("zone=a", "n1", gpu_host));
    EXPECT_TRUE(selects(" zone = a ", "n1", gpu_host));
    EXPECT_FALSE(selects("zone=b", "n1", gpu_host));
    EXPECT_FALSE(selects("gpu=a10", "n1", gpu_host));
    EXPECT_FALSE(selects("colour=a", "n1", gpu_host));
    EXPECT_TRUE(selects("example.org/rack=r-7:3", "n1", gpu_host));
}

TEST(Selector, InequalityIsSatisfiedByAHostWithoutTheLabel) {
    EXPECT_FALSE(selects("zone!=a", "n1", gpu_host));
    EXPECT_TRUE(selects("zone!=b", "n1", gpu_host));
    EXPECT_TRUE(selects("colour!=red", "n1", gpu_host));
}

TEST(Selector, InNeedsOneOfTheValues) {
    EXPECT_TRUE(selects("zone in (b, a)", "n1", gpu_host));
    EXPECT_TRUE(selects("zone in(a)", "n1", gpu_host));
    EXPECT_FALSE(selects("zone in (b,c)", "n1", gpu_host));
}

TEST(Selector, HasNeedsTheKeyAndNoValue) {
    EXPECT_TRUE(selects("has(gpu)", "n1", gpu_host));
    EXPECT_TRUE(selects("has ( gpu )", "n1", gpu_host));
    EXPECT_FALSE(selects("has(fpga)", "n1", gpu_host));
    EXPECT_TRUE(selects("has=1", "n1", {{"has", "1"}}));
}

TEST(Selector, HostIsTheName) {
    EXPECT_TRUE(selects("host=n1", "n1", {}));
    EXPECT_FALSE(selects("host=n1", "n11", {}));
    EXPECT_TRUE(selects("host!=n1", "n2", {}));
    for (const char* name : {"n001", "n010", "n020", "gpu7"})
        EXPECT_TRUE(selects("host in n[001-010,020],gpu7", name, {})) << name;
    for (const char* name : {"n1", "n011", "n0001", "gpu", "xn001"})
        EXPECT_FALSE(selects("host in n[001-010,020],gpu7", name, {})) << name;
    EXPECT_TRUE(selects("(host in (n[1-3]) && zone=a)", "n2", gpu_host));
    EXPECT_TRUE(selects("(host in n[1-3])", "n2", gpu_host));
}

TEST(Selector, AndBindsTighterThanOrAndNotTighterThanBoth) {
    const Labels none;
    const Labels b = {{"b", "1"}};
    const Labels a = {{"a", "1"}};
    EXPECT_TRUE(selects("has(a) || has(b) && has(c)", "n1", a));
    EXPECT_FALSE(selects("(has(a) || has(b)) && has(c)", "n1", a));
    EXPECT_TRUE(selects("!has(a) && has(b)", "n1", b));
    EXPECT_FALSE(selects("!has(a) && has(b)", "n1", none));
    EXPECT_TRUE(selects("!(has(a) && has(b))", "n1", a));
    EXPECT_TRUE(selects("!!has(a)", "n1", a));
}

TEST(Selector, AMistakeIsNamedAndPointedAt) {
    EXPECT_EQ(mistake("  zone"),
              "selector, character 7: expected '=', '!=' or 'in' after \"zone\"");
    EXPECT_EQ(mistake("zone="), "selector, character 6: expected a value");
    EXPECT_EQ(mistake("zone==a"), "selector, character 6: expected a value");
    EXPECT_EQ(mistake("zone=a & b=c"), "selector, character 8: expected '&&' or '||'");
    EXPECT_EQ(mistake("(zone=a"), "selector, character 1: '(' is not closed");
    EXPECT_EQ(mistake("(zone=a b"), "selector, character 9: expected '&&', '||' or ')'");
    EXPECT_EQ(mistake("zone=a)"), "selector, character 7: ')' without '('");
    EXPECT_EQ(mistake("zone in a"),
              "selector, character 9: expected '(' and a list of values after 'in'");
    EXPECT_EQ(mistake("zone in (a b)"), "selector, character 12: expected ',' or ')' after \"a\"");
    EXPECT_EQ(mistake("has()"), "selector, character 5: expected the key of a label in has()");
    EXPECT_EQ(mistake("has(gpu"), "selector, character 8: expected ')' after \"gpu\"");
    EXPECT_EQ(
        mistake("zone=a &&"),
        "selector, character 10: expected a condition, such as zone=a, has(gpu) or host in n[1-9]");
    EXPECT_EQ(mistake("host in "),
              "selector, character 9: expected a list of hosts, such as n[1-9]");
    EXPECT_EQ(mistake("host in n[9-1]"), "selector, character 11: the range ends before it begins");
    EXPECT_EQ(mistake("zone=a && host in n[1"),
              "selector, character 20: the bracket is not closed");
}

TEST(Selector, DepthIsBounded) {
    const std::string deepest(limits::selector_depth_max - 1, '!');
    EXPECT_TRUE(Selector::parse(deepest + "has(a)").ok());
    EXPECT_EQ(mistake("!" + deepest + "has(a)"),
              "selector, character 33: more than 32 '!' and '(' inside each other");
    EXPECT_FALSE(Selector::parse(std::string(limits::selector_bytes_max, '(')).ok());
}

TEST(Selector, LengthIsBounded) {
    const std::string condition = "zone=";
    const std::string value(limits::selector_bytes_max - condition.size(), 'a');
    EXPECT_TRUE(Selector::parse(condition + value).ok());
    EXPECT_EQ(mistake(condition + value + 'a'), "the selector has 4097 bytes; at most 4096");
}

TEST(Selector, AHugeRangeCostsNothing) {
    EXPECT_TRUE(selects("host in n[0-999999999999999999]x[0-999999999999999999]", "n77x123", {}));
    EXPECT_FALSE(selects("host in n[0-999999999999999999]x[0-999999999999999999]", "n077x1", {}));
}

TEST(Selector, AnyTextIsReadOrRefused) {
    constexpr std::string_view alphabet = "abhost in n[1-9],()!&|= \"\x01\xff";
    Random random{7};
    int accepted = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::uint64_t left = random.below(12); left > 0; --left)
            text += alphabet[random.below(alphabet.size())];
        const Result<Selector> selector = Selector::parse(text);
        if (selector.ok()) {
            ++accepted;
            (void)selector->matches("n1", gpu_host);
        } else {
            EXPECT_FALSE(selector.error().message.empty());
        }
    }
    EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace coppice
