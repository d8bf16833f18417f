#include "common/accumulator.h"

#include <algorithm>
#include <cmath>

#include "common/limits.h"
#include "common/overloaded.h"

namespace coppice {
namespace {

using Kind = FoldSpec::Kind;

bool is_better(const Ranking::Entry& left, const Ranking::Entry& right, Kind kind) {
    if (left.value == right.value) return left.host < right.host;
    return kind == Kind::top ? left.value > right.value : left.value < right.value;
}

void fold_into(Moments& into, const Moments& other) {
    if (other.count == 0) return;
    into.min = into.count == 0 ? other.min : std::min(into.min, other.min);
    into.max = into.count == 0 ? other.max : std::max(into.max, other.max);
    into.count += other.count;
    into.sum += other.sum;
}

void fold_into(Variance& into, const Variance& other) {
    if (other.count == 0) return;
    const auto mine = static_cast<double>(into.count);
    const auto theirs = static_cast<double>(other.count);
    const double apart = other.mean - into.mean;
    into.mean += apart * theirs / (mine + theirs);
    into.squares += other.squares + apart * apart * mine * theirs / (mine + theirs);
    into.count += other.count;
}

void fold_into(Ranking& into, const Ranking& other, const FoldSpec& spec) {
    const auto better = [&](const Ranking::Entry& left, const Ranking::Entry& right) {
        return is_better(left, right, spec.kind);
    };
    into.count += other.count;
    const auto middle = static_cast<std::ptrdiff_t>(into.best.size());
    into.best.insert(into.best.end(), other.best.begin(), other.best.end());
    std::inplace_merge(into.best.begin(), into.best.begin() + middle, into.best.end(), better);
    if (into.best.size() > spec.kept) into.best.resize(spec.kept);
}

/// By which a sum of extreme values may exceed what it would be without rounding.
constexpr double rounding = 1 + 1e-6;

bool is_value(double value) { return std::abs(value) <= limits::measurement_magnitude_max; }

bool is_sound_one(const Moments& moments) {
    if (moments.count == 0) return moments == Moments{};
    const double mean = moments.sum / static_cast<double>(moments.count);
    return is_value(moments.min) && is_value(moments.max) && is_value(mean / rounding) &&
           moments.min <= moments.max;
}

bool is_sound_one(const Variance& variance) {
    if (variance.count == 0) return variance == Variance{};
    constexpr double squares_max =
        limits::measurement_magnitude_max * limits::measurement_magnitude_max;
    const double mean_square = variance.squares / static_cast<double>(variance.count);
    return is_value(variance.mean / rounding) && mean_square >= 0 &&
           mean_square / rounding <= squares_max;
}

bool is_sound_one(const Ranking& ranking, const FoldSpec& spec) {
    const auto is_step_back = [&](const Ranking::Entry& left, const Ranking::Entry& right) {
        return !is_better(left, right, spec.kind);
    };
    const auto is_entry = [](const Ranking::Entry& entry) { return is_value(entry.value); };
    const std::vector<Ranking::Entry>& best = ranking.best;
    return best.size() == std::min<std::uint64_t>(ranking.count, spec.kept) &&
           std::all_of(best.begin(), best.end(), is_entry) &&
           std::adjacent_find(best.begin(), best.end(), is_step_back) == best.end();
}

}  // namespace

Accumulator nothing_of(const FoldSpec& spec) {
    switch (spec.kind) {
        case Kind::moments:
            return Moments{};
        case Kind::variance:
            return Variance{};
        case Kind::quantiles:
            return Quantiles{};
        case Kind::distinct:
            return Distinct{};
        case Kind::parts:
            return Parts{};
        case Kind::top:
        case Kind::bottom:
            break;
    }
    return Ranking{};
}

Accumulator value_of(const FoldSpec& spec, HostId host, const HostValues& values) {
    Accumulator accumulator = nothing_of(spec);
    if (auto* parts = std::get_if<Parts>(&accumulator)) {
        if (const Bytes* own = values.contribution(spec.name)) parts->add({1, *own});
        return accumulator;
    }
    const double* number = values.number(spec.name);
    if (spec.kind == Kind::distinct) {
        const std::string* text = values.text(spec.name);
        if (text == nullptr && number == nullptr) return accumulator;
        std::get<Distinct>(accumulator).add(text ? hash_of(*text) : hash_of(*number));
        return accumulator;
    }
    if (number == nullptr) return accumulator;
    const double value = *number;
    std::visit(Overloaded{
                   [&](Moments& moments) {
                       moments = {.count = 1, .sum = value, .min = value, .max = value};
                   },
                   [&](Variance& variance) { variance = {.count = 1, .mean = value}; },
                   [&](Quantiles& quantiles) { quantiles.add(value); },
                   [&](Ranking& ranking) {
                       ranking = {.count = 1, .best = {{host, value}}};
                   },
                   [](Distinct&) {},
                   [](Parts&) {},
               },
               accumulator);
    return accumulator;
}

void fold(Accumulator& into, const Accumulator& other, const FoldSpec& spec) {
    std::visit(Overloaded{
                   [&](Moments& one) { fold_into(one, std::get<Moments>(other)); },
                   [&](Variance& one) { fold_into(one, std::get<Variance>(other)); },
                   [&](Quantiles& one) { one.fold(std::get<Quantiles>(other)); },
                   [&](Distinct& one) { one.fold(std::get<Distinct>(other)); },
                   [&](Ranking& one) { fold_into(one, std::get<Ranking>(other), spec); },
                   [&](Parts& one) { one.fold(std::get<Parts>(other)); },
               },
               into);
}

std::uint64_t count_of(const Accumulator& accumulator) {
    return std::visit(Overloaded{
                          [](const Quantiles& quantiles) { return quantiles.count(); },
                          [](const Parts& parts) { return parts.count(); },
                          [](const auto& other) { return other.count; },
                      },
                      accumulator);
}

std::size_t byte_size(const Accumulator& accumulator) {
    constexpr std::size_t fixed = 64;
    return fixed +
           std::visit(
               Overloaded{
                   [](const Quantiles& one) { return one.bins.size() * sizeof(Quantiles::Bin); },
                   [](const Distinct& one) {
                       return one.few.size() * sizeof(std::uint32_t) + one.all.size();
                   },
                   [](const Ranking& one) { return one.best.size() * sizeof(Ranking::Entry); },
                   [](const Parts& one) { return one.byte_size(); },
                   [](const auto&) { return std::size_t{0}; },
               },
               accumulator);
}

bool is_sound(const Accumulator& accumulator, const FoldSpec& spec, std::uint64_t hosts) {
    if (accumulator.index() != nothing_of(spec).index() || count_of(accumulator) > hosts)
        return false;
    return std::visit(Overloaded{
                          [&](const Ranking& one) { return is_sound_one(one, spec); },
                          [](const Quantiles& one) { return one.is_sound(); },
                          [](const Distinct& one) { return one.is_sound(); },
                          [&](const Parts& one) { return one.is_sound(hosts); },
                          [](const auto& one) { return is_sound_one(one); },
                      },
                      accumulator);
}

}  // namespace coppice
