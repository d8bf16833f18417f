#include "common/evaluation.h"

#include <algorithm>
#include <cmath>

#include "common/ensure.h"
#include "common/overloaded.h"
#include "common/question.h"

namespace coppice {
namespace {

QueryValue value_of(const Moments& moments, Function function) {
    if (function == Function::count) return static_cast<double>(moments.count);
    if (moments.count == 0) return {};
    switch (function) {
        case Function::sum:
            return moments.sum;
        case Function::min:
            return moments.min;
        case Function::max:
            return moments.max;
        default:
            return moments.sum / static_cast<double>(moments.count);
    }
}

QueryValue value_of(const Variance& variance, Function function) {
    if (variance.count == 0) return {};
    const double square = variance.squares / static_cast<double>(variance.count);
    return function == Function::variance ? square : std::sqrt(square);
}

QueryValue value_of(const Quantiles& quantiles, const FunctionCall& call) {
    if (quantiles.bins.empty()) return {};
    if (call.function == Function::histogram) return quantiles.histogram();
    return quantiles.quantile(call.share);
}

double apply(Step::Kind operation, double left, double right) {
    switch (operation) {
        case Step::Kind::add:
            return left + right;
        case Step::Kind::subtract:
            return left - right;
        case Step::Kind::multiply:
            return left * right;
        default:
            return left / right;
    }
}

std::optional<double> number_of(const QueryValue& value) {
    const auto* number = std::get_if<double>(&value);
    return number == nullptr ? std::nullopt : std::optional<double>{*number};
}

using Stack = std::vector<std::optional<double>>;

std::optional<double> pop(Stack& stack) {
    COPPICE_ENSURE(!stack.empty(), "a formula lacks an operand");
    const std::optional<double> top = stack.back();
    stack.pop_back();
    return top;
}

void take_step(Stack& stack, const Step& step, const std::vector<QueryValue>& calls) {
    if (step.kind == Step::Kind::number) return stack.push_back(step.number);
    if (step.kind == Step::Kind::call) return stack.push_back(number_of(calls.at(step.call)));
    const std::optional<double> right = pop(stack);
    if (step.kind == Step::Kind::negate)
        return stack.push_back(right ? std::optional{-*right} : right);
    const std::optional<double> left = pop(stack);
    const bool has_both = left && right;
    stack.push_back(has_both ? std::optional{apply(step.kind, *left, *right)} : std::nullopt);
}

}  // namespace

QueryValue evaluate(const Formula& formula, const std::vector<QueryValue>& calls) {
    const std::vector<Step>& steps = formula.steps;
    if (steps.size() == 1 && steps.front().kind == Step::Kind::call)
        return calls.at(steps.front().call);
    Stack stack;
    for (const Step& step : steps) take_step(stack, step, calls);
    const std::optional<double> result = pop(stack);
    return result && std::isfinite(*result) ? QueryValue{*result} : QueryValue{};
}

QueryValue evaluate(const FunctionCall& call, const Aggregate& group) {
    if (group.hosts == 0) return {};
    return std::visit(
        Overloaded{
            [&](const Moments& one) { return value_of(one, call.function); },
            [&](const Variance& one) { return value_of(one, call.function); },
            [&](const Quantiles& one) { return value_of(one, call); },
            [](const Distinct& one) {
                return one.count == 0 ? QueryValue{} : QueryValue{one.estimate()};
            },
            [](const Ranking& one) { return one.count == 0 ? QueryValue{} : QueryValue{one.best}; },
            [](const Parts& one) { return one.parts.empty() ? QueryValue{} : QueryValue{one}; },
        },
        group.folds.at(call.fold));
}

std::vector<Uncertainty> uncertainties(const Question& question) {
    std::vector<Uncertainty> all;
    for (const FunctionCall& call : question.calls) {
        if (call.function == Function::quantile)
            all.push_back({.call = call.text, .relative = Quantiles::relative_error});
        if (call.function == Function::distinct)
            all.push_back({.call = call.text,
                           .relative = Distinct::standard_error,
                           .kind = Uncertainty::Kind::standard_error});
    }
    return all;
}

}  // namespace coppice
