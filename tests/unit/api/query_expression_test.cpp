// The language of questions.

#include "api/query_expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using testing::StartsWith;

QueryCommand parsed(std::string_view text) {
    const Result<QueryCommand> query = parse_query(text);
    EXPECT_TRUE(query.ok()) << query.error().message;
    return *query;
}

std::string mistake(std::string_view text) {
    const Result<QueryCommand> query = parse_query(text);
    return query.ok() ? "no mistake" : query.error().message;
}

TEST(Questions, CountHosts) {
    const QueryCommand query = parsed("count()");
    EXPECT_EQ(query.reducer, Reducer::count);
    EXPECT_EQ(query.measurement, "");
    EXPECT_EQ(query.selector, "");
}

TEST(Questions, FoldAMeasurement) {
    EXPECT_EQ(parsed("sum(mem_total)").reducer, Reducer::sum);
    EXPECT_EQ(parsed("avg(load1)").reducer, Reducer::avg);
    EXPECT_EQ(parsed("min(uptime)").reducer, Reducer::min);
    EXPECT_EQ(parsed("  max ( load15 )  ").reducer, Reducer::max);
    EXPECT_EQ(parsed("  max ( load15 )  ").measurement, "load15");
}

TEST(Questions, MayNameTheirHosts) {
    const QueryCommand query = parsed("avg(load1) where zone=z1 && host in n[1-9]");
    EXPECT_EQ(query.measurement, "load1");
    EXPECT_EQ(query.selector, "zone=z1 && host in n[1-9]");
}

TEST(Questions, PointAtTheirMistakes) {
    EXPECT_THAT(mistake(""), StartsWith("question, character 1: a question begins with count()"));
    EXPECT_THAT(mistake(" median(x)"), StartsWith("question, character 2: a question begins"));
    EXPECT_EQ(mistake("avg"), "question, character 4: \"(\" is missing after avg");
    EXPECT_THAT(mistake("avg()"), StartsWith("question, character 5: the name of a measurement"));
    EXPECT_THAT(mistake("count(x)"), StartsWith("question, character 7: count() counts hosts"));
    EXPECT_EQ(mistake("avg(load1"), "question, character 10: \")\" is missing");
    EXPECT_EQ(mistake("avg(Load1)"),
              "question, character 5: the name of a measurement is missing, such as load1");
    EXPECT_EQ(mistake("count() x"), "question, character 9: only \"where SELECTOR\" can follow");
    EXPECT_EQ(mistake("count()where a=b"),
              "question, character 8: only \"where SELECTOR\" can follow");
    EXPECT_EQ(mistake("count() where "), "question, character 15: a selector is missing");
    EXPECT_THAT(mistake("avg(" + std::string(64, 'x') + ")"), StartsWith("question, character 5"));
}

TEST(Questions, PointAtMistakesOfTheSelectorInTheWholeQuestion) {
    EXPECT_THAT(mistake("count() where zone="), StartsWith("selector, character 20"));
}

}  // namespace
}  // namespace coppice
