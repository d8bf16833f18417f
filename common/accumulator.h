#pragma once
// What is folded of one measurement over hosts: each kind can be folded in any order.

#include <cstdint>
#include <variant>
#include <vector>

#include "common/distinct.h"
#include "common/ids.h"
#include "common/inquiry.h"
#include "common/parts.h"
#include "common/quantiles.h"

namespace coppice {

struct Moments {
    std::uint64_t count = 0;
    double sum = 0;
    double min = 0;  // meaningless when count is zero
    double max = 0;
    friend bool operator==(const Moments&, const Moments&) = default;
};

/// Folded as Chan, Golub and LeVeque have it ("Updating Formulae and a Pairwise Algorithm for
/// Computing Sample Variances", 1979): squares of values would drown their differences.
struct Variance {
    std::uint64_t count = 0;
    double mean = 0;
    double squares = 0;  // sum of (value - mean)^2
    friend bool operator==(const Variance&, const Variance&) = default;
};

/// The hosts with the greatest values, or the least; of equal ones those with lower ids.
struct Ranking {
    struct Entry {
        HostId host;
        double value = 0;
        friend bool operator==(const Entry&, const Entry&) = default;
    };
    std::uint64_t count = 0;  // of values, those of hosts that are not named included
    std::vector<Entry> best;  // best first
    friend bool operator==(const Ranking&, const Ranking&) = default;
};

using Accumulator = std::variant<Moments, Variance, Quantiles, Distinct, Ranking, Parts>;

/// Of no host.
[[nodiscard]] Accumulator nothing_of(const FoldSpec& spec);
/// Of one host; nothing when it has no value of that name.
[[nodiscard]] Accumulator value_of(const FoldSpec& spec, HostId host, const HostValues& values);
/// Requires that both are of this spec.
void fold(Accumulator& into, const Accumulator& other, const FoldSpec& spec);
/// How many hosts have a value in it.
[[nodiscard]] std::uint64_t count_of(const Accumulator& accumulator);
/// What it takes in a frame, about.
[[nodiscard]] std::size_t byte_size(const Accumulator& accumulator);
/// Of this spec, and such as `hosts` hosts or fewer can have.
[[nodiscard]] bool is_sound(const Accumulator& accumulator, const FoldSpec& spec,
                            std::uint64_t hosts);

}  // namespace coppice
