#pragma once
// From what was folded to what people asked for.

#include <optional>
#include <variant>
#include <vector>

#include "common/partial.h"

namespace coppice {

struct Question;
struct Formula;
struct FunctionCall;

/// Nothing when no host has a value, or the formula has none (a division by zero).
using QueryValue = std::variant<std::monostate, double, std::vector<Quantiles::Bucket>,
                                std::vector<Ranking::Entry>, Parts>;

/// Of a formula, with the values of all calls of its question; for one call alone that itself.
[[nodiscard]] QueryValue evaluate(const Formula& formula, const std::vector<QueryValue>& calls);
/// Of one call over the hosts of a group.
[[nodiscard]] QueryValue evaluate(const FunctionCall& call, const Aggregate& group);

/// How far what a function answers may be from the true value.
struct Uncertainty {
    enum class Kind : std::uint8_t { bound, standard_error };
    std::string call;
    double relative = 0;
    Kind kind = Kind::bound;
    friend bool operator==(const Uncertainty&, const Uncertainty&) = default;
};
/// Of the functions that are not exact.
[[nodiscard]] std::vector<Uncertainty> uncertainties(const Question& question);

}  // namespace coppice
