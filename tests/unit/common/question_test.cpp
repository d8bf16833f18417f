// The language of questions: what is asked, what is answered, and that mistakes are pointed at.
#include "common/question.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/close_name.h"
#include "common/evaluation.h"
#include "common/limits.h"
#include "tests/support/host_values.h"

namespace coppice {
namespace {

using coppice::testing::HostWithValues;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using Kind = FoldSpec::Kind;

Question parsed(std::string_view text) {
    const Result<Question> question = Question::parse(text);
    EXPECT_TRUE(question.ok()) << text << ": " << (question.ok() ? "" : question.error().message);
    return question.ok() ? *question : Question{};
}

std::string mistake(std::string_view text) {
    const Result<Question> question = Question::parse(text);
    return question.ok() ? "no mistake" : question.error().message;
}

/// Hosts 1 to 4 with load1 2, 4, 6, 8; the last has no queue.
QueryValue answer(std::string_view text) {
    const Question question = parsed(text);
    Partial all;
    for (std::uint32_t host = 1; host <= 4; ++host) {
        HostWithValues one{.name = "n" + std::to_string(host),
                           .facts = {{"kernel", host == 1 ? "5.10" : "6.1"}},
                           .measurements = {{"load1", 2.0 * host}}};
        if (host < 4) one.measurements.push_back({"queue", -1.0 * host});
        EXPECT_TRUE(
            fold(all, partial_of(question.inquiry, HostId{host}, one.values()), question.inquiry));
    }
    std::vector<QueryValue> calls;
    for (const FunctionCall& call : question.calls)
        calls.push_back(evaluate(call, all.groups.begin()->second));
    return evaluate(question.formulas.front(), calls);
}

double number(std::string_view text) {
    const QueryValue value = answer(text);
    EXPECT_TRUE(std::holds_alternative<double>(value)) << text;
    return std::holds_alternative<double>(value) ? std::get<double>(value) : -999;
}

TEST(Questions, AreAnsweredByTheirFunctions) {
    EXPECT_EQ(number("count()"), 4);
    EXPECT_EQ(number("count(queue)"), 3);
    EXPECT_EQ(number("count(nothing)"), 0);
    EXPECT_EQ(number("sum(load1)"), 20);
    EXPECT_EQ(number("min(load1)"), 2);
    EXPECT_EQ(number("max(queue)"), -1);
    EXPECT_EQ(number("avg(load1)"), 5);
    EXPECT_EQ(number("mean(load1)"), 5);
    EXPECT_EQ(number("variance(load1)"), 5);
    EXPECT_DOUBLE_EQ(number("stddev(load1)"), std::sqrt(5));
    EXPECT_NEAR(number("p50(load1)"), 4, 0.04);
    EXPECT_NEAR(number("p999(load1)"), 6, 0.06) << "the rank is rounded down";
    EXPECT_EQ(number("distinct(kernel)"), 2);
    EXPECT_EQ(number("distinct(load1)"), 4);
    EXPECT_EQ(number("distinct(release)"), 1);
    EXPECT_EQ(number("distinct(host)"), 4);
    EXPECT_EQ(std::get<std::vector<Ranking::Entry>>(answer("top(2, load1)")),
              (std::vector<Ranking::Entry>{{HostId{4}, 8}, {HostId{3}, 6}}));
    EXPECT_EQ(std::get<std::vector<Ranking::Entry>>(answer("bottom(1, load1)")),
              (std::vector<Ranking::Entry>{{HostId{1}, 2}}));
    EXPECT_EQ(std::get<std::vector<Quantiles::Bucket>>(answer("hist(load1)")),
              (std::vector<Quantiles::Bucket>{{2, 4, 1}, {4, 8, 2}, {8, 16, 1}}));
}

TEST(Questions, MayCalculate) {
    EXPECT_EQ(number("sum(load1)/count()"), 5);
    EXPECT_EQ(number("1 + 2 * max(load1) - 3"), 14);
    EXPECT_EQ(number("(1 + 2) * max(load1) / 4"), 6);
    EXPECT_EQ(number("10 - 3 - min(load1)"), 5) << "from left to right";
    EXPECT_EQ(number("16 / 2 / min(load1)"), 4);
    EXPECT_EQ(number("-max(load1) * -1.5"), 12);
    EXPECT_EQ(number("100 * count(queue) / count()"), 75);
    EXPECT_EQ(answer("sum(load1) / count(nothing)"), QueryValue{});
    EXPECT_EQ(answer("sum(nothing) + 1"), QueryValue{});
    EXPECT_EQ(answer("max(nothing)"), QueryValue{});
}

TEST(Questions, FoldOnceWhatSeveralFunctionsNeed) {
    const Question question = parsed("avg(load1) / max(load1) + p50(load1) - p99(load1)");
    EXPECT_THAT(question.inquiry.folds,
                ElementsAre(FoldSpec{Kind::moments, "load1"}, FoldSpec{Kind::quantiles, "load1"}));
    EXPECT_EQ(parsed("top(5, load1)").inquiry.folds.front(), (FoldSpec{Kind::top, "load1", 5}));
}

TEST(Questions, MayHaveSeveralFormulas) {
    const Question question =
        parsed("avg(load1) ,  count() * 2, top(3, load1), max(load1) by rack, zone where zone=z1");
    ASSERT_EQ(question.formulas.size(), 4U);
    EXPECT_EQ(question.formulas[0].text, "avg(load1)");
    EXPECT_EQ(question.formulas[1].text, "count() * 2");
    EXPECT_EQ(question.formulas[3].text, "max(load1)");
    EXPECT_EQ(unit_of(question, question.formulas[0]), "load1");
    EXPECT_EQ(unit_of(question, question.formulas[1]), "");
    EXPECT_THAT(question.inquiry.folds, ::testing::SizeIs(3)) << "moments are shared";
    EXPECT_THAT(question.inquiry.by, ElementsAre("rack", "zone"));
    EXPECT_EQ(mistake("count(), 1 + 2"),
              "question, character 10: a question asks hosts something, such as avg(load1) or "
              "count()");
    EXPECT_THAT(mistake("count(), 1 + hist(x)"), StartsWith("question, character 10: hist(x)"));
    EXPECT_THAT(mistake("count(),"), StartsWith("question, character 9: expected a function"));
    std::string many = "count()";
    for (std::size_t formulas = 1; formulas < limits::folds_max; ++formulas) many += ",count()";
    EXPECT_EQ(mistake(many), "no mistake");
    EXPECT_THAT(mistake(many + ",count()"), HasSubstr("more than 32 formulas"));
}

TEST(Questions, MayGroupAndNameTheirHosts) {
    const Question question =
        parsed(" p99( load1 )  by rack,example.org/zone where zone=z1 && host in n[1-9]");
    EXPECT_THAT(question.inquiry.by, ElementsAre("rack", "example.org/zone"));
    EXPECT_TRUE(question.selector.matches("n1", {{"zone", "z1"}}));
    EXPECT_FALSE(question.selector.matches("n1", {{"zone", "z2"}}));
    EXPECT_TRUE(parsed("count()").selector.matches("n1", {}));
}

TEST(Questions, SayHowFarTheyMayBeOff) {
    EXPECT_THAT(uncertainties(parsed("avg(load1)")), IsEmpty());
    EXPECT_THAT(
        uncertainties(parsed("p99(load1) / distinct(kernel)")),
        ElementsAre(Uncertainty{"p99(load1)", Quantiles::relative_error, Uncertainty::Kind::bound},
                    Uncertainty{"distinct(kernel)", Distinct::standard_error,
                                Uncertainty::Kind::standard_error}));
}

TEST(Questions, PointAtTheirMistakes) {
    EXPECT_THAT(mistake(""), StartsWith("question, character 1: expected a function: p50, p99, "));
    EXPECT_THAT(mistake(" avgg(x)"),
                StartsWith("question, character 2: there is no function \"avgg\"; did you mean "
                           "\"avg\"? There are p50, "));
    EXPECT_THAT(mistake("frobnicate(x)"), Not(HasSubstr("did you mean")));
    EXPECT_THAT(mistake("p(x)"), HasSubstr("there is no function \"p\""));
    EXPECT_THAT(mistake("p1234567(x)"), HasSubstr("there is no function"));
    EXPECT_EQ(mistake("avg"), "question, character 4: expected '(' after \"avg\"");
    EXPECT_EQ(mistake("avg()"),
              "question, character 5: expected the name of a measurement, such as load1");
    EXPECT_EQ(mistake("distinct()"),
              "question, character 10: expected the name of a fact, a label or a measurement, "
              "such as kernel");
    EXPECT_EQ(mistake("avg(load1"), "question, character 10: expected ')' after \"load1\"");
    EXPECT_EQ(mistake("avg(load1 mem_used)"),
              "question, character 11: expected ')' after \"load1\"");
    EXPECT_EQ(mistake("top(load1)"),
              "question, character 5: expected how many hosts, from 1 to 100, as in top(5, load1)");
    EXPECT_THAT(mistake("top(101, load1)"), HasSubstr("from 1 to 100"));
    EXPECT_THAT(mistake("top(99999999999, load1)"), HasSubstr("from 1 to 100"));
    EXPECT_EQ(mistake("top(5 load1)"),
              "question, character 7: expected ',' and the name of a measurement");
    EXPECT_THAT(mistake("avg(" + std::string(64, 'x') + ")"), StartsWith("question, character 5"));
}

TEST(Questions, PointAtMistakesOfTheirFormula) {
    EXPECT_EQ(
        mistake("count() x"),
        "question, character 9: expected an operator, ',', \"by NAME\" or \"where SELECTOR\"");
    EXPECT_EQ(mistake("1 + 2"),
              "question, character 1: a question asks hosts something, such as avg(load1) or "
              "count()");
    EXPECT_EQ(mistake("(count()"), "question, character 1: '(' is not closed");
    EXPECT_EQ(mistake("(count() 3)"), "question, character 10: expected an operator or ')'");
    EXPECT_THAT(mistake("count() +"), StartsWith("question, character 10: expected a function"));
    EXPECT_EQ(mistake("1.2.3 * count()"), "question, character 1: \"1.2.3\" is not a number");
    EXPECT_EQ(mistake("count() + top(5, load1)"),
              "question, character 1: top(5, load1) is no number to calculate with; ask for it "
              "alone");
    EXPECT_EQ(mistake("-hist(load1)"),
              "question, character 1: hist(load1) is no number to calculate with; ask for it "
              "alone");
    EXPECT_THAT(mistake(std::string(100, '(') + "count()" + std::string(100, ')')),
                StartsWith("question, character 33: more than 32"));
}

TEST(Questions, PointAtMistakesOfGroupsAndSelectors) {
    EXPECT_EQ(mistake("count() by"),
              "question, character 11: expected the name of a label or a fact, such as rack");
    EXPECT_EQ(mistake("count() by rack, rack"), "question, character 18: \"rack\" is named twice");
    EXPECT_EQ(mistake("count() by a,b,c,d,e"), "question, character 20: groups by at most 4 names");
    EXPECT_EQ(mistake("count() where "),
              "question, character 15: expected a selector, such as zone=z1");
    EXPECT_THAT(mistake("count() where zone="), StartsWith("selector, character 20"));
    EXPECT_THAT(mistake("count() by rack where host in n[1"), StartsWith("selector, character 32"));
}

TEST(Questions, HaveTheirLimits) {
    EXPECT_EQ(mistake(std::string(1'000'000, '(')), "the question has 1000000 bytes; at most 8192");
    std::string many = "count()";
    for (int at = 0; at < 31; ++at) many += "+sum(m" + std::to_string(at) + ")";
    EXPECT_EQ(parsed(many).inquiry.folds.size(), limits::folds_max);
    EXPECT_THAT(mistake(many + "+sum(x)"), HasSubstr("ask two questions"));
    std::string sketches = "count()";
    for (int at = 0; at < 8; ++at) sketches += "+p50(m" + std::to_string(at) + ")";
    EXPECT_EQ(parsed(sketches).calls.size(), 9U);
    EXPECT_THAT(mistake(sketches + "+distinct(x)"), HasSubstr("more than 8 names"));
}

TEST(CloseNames, AreThoseOfAFewLetters) {
    const std::vector<std::string> names{"load1", "load5", "mem_free"};
    EXPECT_EQ(did_you_mean("laod1", names), "; did you mean \"load1\"?");
    EXPECT_EQ(did_you_mean("mem_fre", names), "; did you mean \"mem_free\"?");
    EXPECT_EQ(did_you_mean("temperature", names), "");
    EXPECT_EQ(did_you_mean("load5", names), "") << "it is there";
    EXPECT_EQ(did_you_mean("x", {}), "");
}

TEST(QuestionsToReducers, AskForPartsAndStandAlone) {
    const Question question = parsed("reduce(words) by rack where zone=z1");
    EXPECT_THAT(question.inquiry.folds, ElementsAre(FoldSpec{Kind::parts, "words"}));
    EXPECT_EQ(question.calls.front().text, "reduce(words)");
    EXPECT_THAT(mistake("reduce()"),
                StartsWith("question, character 8: expected the name of a contribution"));
    EXPECT_THAT(mistake("reduce(Words)"), HasSubstr("character 8"));
    EXPECT_THAT(mistake("reduce(a b)"), HasSubstr("expected ')'"));
    EXPECT_THAT(mistake("reduce(words) + 1"), HasSubstr("no number to calculate with"));
    EXPECT_THAT(mistake("-reduce(words)"), HasSubstr("no number to calculate with"));
    EXPECT_EQ(unit_of(question, question.formulas.front()), "");
    EXPECT_EQ(mistake("reduce(a), count(), reduce(b)"), "no mistake");
    EXPECT_THAT(mistake("reduce(a), reduce(b), p50(x)"), HasSubstr("reduce() counts as four"));
    EXPECT_THAT(mistake("reduc(words)"), HasSubstr("did you mean \"reduce\"?"));
    EXPECT_EQ(answer("reduce(words)"), QueryValue{}) << "nobody contributes";
}

TEST(QuestionsToReducers, ValuesAreThePartsThatAreLeft) {
    const Question question = parsed("reduce(words)");
    const Parts parts{.parts = {{2, {'a'}}, {1, {'b'}}}};
    EXPECT_EQ(evaluate(question.calls.front(), {.hosts = 3, .folds = {parts}}), QueryValue{parts});
}

}  // namespace
}  // namespace coppice
