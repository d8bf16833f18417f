// Answers that are not what their hosts give are found, whatever is wrong with them.
#include "simulator/answer_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Hosts 1, 2 and 3 have load1 1, 2 and 4; the first two are of rack r1.
HostTruth truth_of(HostId host) {
    const double load = host.value == 3 ? 4 : host.value;
    return {.name = "n" + std::to_string(host.value),
            .labels = {{"rack", host.value == 3 ? "r2" : "r1"}},
            .measurements = {{"load1", load}}};
}

const HostSet all{HostId{1}, HostId{2}, HostId{3}};

QueryAnswered answer_of(QueryValue value, const HostSet& included = all) {
    return {.rows = {{.values = {std::move(value)}, .hosts = included.size()}},
            .target = all,
            .included = included};
}

Sentences wrong_with(const std::string& question, const QueryAnswered& answer) {
    return check_answer(question, answer, truth_of);
}

TEST(AnswerChecker, KnowsWhatEachFunctionGives) {
    EXPECT_THAT(wrong_with("sum(load1)", answer_of(7.0)), IsEmpty());
    EXPECT_THAT(wrong_with("count()", answer_of(3.0)), IsEmpty());
    EXPECT_THAT(wrong_with("min(load1)", answer_of(1.0)), IsEmpty());
    EXPECT_THAT(wrong_with("max(load1)", answer_of(4.0)), IsEmpty());
    EXPECT_THAT(wrong_with("sum(load1) / count()", answer_of(7.0 / 3)), IsEmpty());
    EXPECT_THAT(wrong_with("variance(load1)", answer_of(14.0 / 9)), IsEmpty());
    EXPECT_THAT(wrong_with("p50(load1)", answer_of(2.01)), IsEmpty());
    EXPECT_THAT(wrong_with("distinct(rack)", answer_of(2.0)), IsEmpty());
    EXPECT_THAT(wrong_with("hist(load1)", answer_of(std::vector<Quantiles::Bucket>{
                                              {1, 2, 1}, {2, 4, 1}, {4, 8, 1}})),
                IsEmpty());
    EXPECT_THAT(
        wrong_with("top(1, load1)", answer_of(std::vector<Ranking::Entry>{{HostId{3}, 4.0}})),
        IsEmpty());
    EXPECT_THAT(wrong_with("avg(load1)", answer_of(1.5, {HostId{1}, HostId{2}})), IsEmpty());
    EXPECT_THAT(wrong_with("max(load1)", answer_of({}, {})), IsEmpty());
}

TEST(AnswerChecker, FindsAValueThatIsNotThatOfItsHosts) {
    EXPECT_THAT(wrong_with("sum(load1)", answer_of(8.0)),
                ElementsAre(HasSubstr("The answer is 8")));
    EXPECT_THAT(wrong_with("count()", answer_of(4.0)), Not(IsEmpty()));
    EXPECT_THAT(wrong_with("p50(load1)", answer_of(2.05)), Not(IsEmpty()));
    EXPECT_THAT(wrong_with("max(load1)", answer_of({})), Not(IsEmpty()));
    EXPECT_THAT(wrong_with("hist(load1)", answer_of(std::vector<Quantiles::Bucket>{{1, 2, 3}})),
                ElementsAre(HasSubstr("a list")));
    EXPECT_THAT(
        wrong_with("top(1, load1)", answer_of(std::vector<Ranking::Entry>{{HostId{2}, 4.0}})),
        Not(IsEmpty()));
    EXPECT_THAT(wrong_with("sum(", answer_of(8.0)), ElementsAre(HasSubstr("that is none")));
}

TEST(AnswerChecker, FindsHostsThatWereNotAskedOrAreCountedTwice) {
    QueryAnswered answer = answer_of(1.5, {HostId{1}, HostId{2}});
    answer.target = {HostId{1}};
    EXPECT_THAT(wrong_with("avg(load1)", answer), ElementsAre(HasSubstr("not asked")));
    answer = answer_of(7.0);
    answer.rows.front().hosts = 4;
    EXPECT_THAT(wrong_with("sum(load1)", answer), ElementsAre(HasSubstr("has 4 hosts")));
    answer = answer_of(7.0);
    answer.rows.front().without_value["load1"] = 1;
    EXPECT_THAT(wrong_with("sum(load1)", answer), ElementsAre(HasSubstr("miscounts")));
}

TEST(AnswerChecker, KnowsTheGroups) {
    QueryAnswered answer{.by = {"rack"},
                         .rows = {{.key = {"r1"}, .values = {3.0}, .hosts = 2},
                                  {.key = {"r2"}, .values = {4.0}, .hosts = 1}},
                         .target = all,
                         .included = all};
    EXPECT_THAT(wrong_with("sum(load1) by rack", answer), IsEmpty());
    QueryAnswered cut = answer;
    cut.other = cut.rows.back();
    cut.rows.pop_back();
    EXPECT_THAT(wrong_with("sum(load1) by rack", cut), IsEmpty());
    std::swap(answer.rows[0].values.front(), answer.rows[1].values.front());
    EXPECT_THAT(wrong_with("sum(load1) by rack", answer), testing::SizeIs(2));
    answer.rows.pop_back();
    EXPECT_THAT(wrong_with("sum(load1) by rack", answer), Not(IsEmpty()));
}

}  // namespace
}  // namespace coppice
