#pragma once
// The language of questions. docs/questions.md is its manual.
//
//   question  = formula { "," formula } [ "by" NAME { "," NAME } ] [ "where" SELECTOR ]
//   formula   = product { ( "+" | "-" ) product }
//   product   = factor { ( "*" | "/" ) factor }
//   factor    = NUMBER | "-" factor | "(" formula ")" | function
//   function  = count()  count(M)  sum(M)  min(M)  max(M)  avg(M)  mean(M)  variance(M)  stddev(M)
//             | p50(M) ... p99(M)  p999(M)    the digits behind the second are decimals: 99.9 %
//             | distinct(NAME)
//             | hist(M)  top(K, M)  bottom(K, M)  reduce(C)    alone: they are no numbers
//
// M is the name of a measurement, NAME that of a fact or a label, C that of a contribution.

#include <string>
#include <string_view>
#include <vector>

#include "common/inquiry.h"
#include "common/result.h"
#include "common/selector.h"

namespace coppice {

enum class Function : std::uint8_t {
    count,
    sum,
    min,
    max,
    mean,
    variance,
    stddev,
    quantile,
    distinct,
    histogram,
    ranking,
    reduction,
};

/// What can be calculated with; the others give lists.
[[nodiscard]] bool is_number(Function function);

/// A function of a formula.
struct FunctionCall {
    Function function = Function::count;
    double share = 0;            // of quantile, from 0 to 1
    std::size_t fold = 0;        // what it is computed from, in Inquiry::folds
    std::string text;            // as it was written
    std::size_t place = 0;       // in the whole text
    std::size_t name_place = 0;  // of the name in it, in the whole text
};

/// One step of a formula in postfix notation.
struct Step {
    enum class Kind : std::uint8_t { number, call, negate, add, subtract, multiply, divide };
    Kind kind = Kind::number;
    double number = 0;
    std::size_t call = 0;  // in Question::calls
};

struct Formula {
    std::string text;  // as it was written
    std::vector<Step> steps;
};

struct Question {
    std::vector<Formula> formulas;    // each asks hosts something
    std::vector<FunctionCall> calls;  // of all formulas
    Inquiry inquiry;
    std::vector<std::size_t> by_places;  // of the names of Inquiry::by in the whole text
    Selector selector;

    /// An error names the mistake and points at its character, counted from one.
    [[nodiscard]] static Result<Question> parse(std::string_view text);
};

/// The measurement whose unit the values of the formula have; empty when it is another one.
[[nodiscard]] std::string unit_of(const Question& question, const Formula& formula);

/// "question, character 5: ..." for a mistake that only shows when hosts are looked at.
[[nodiscard]] Error question_mistake(std::size_t place, const std::string& sentence);

}  // namespace coppice
