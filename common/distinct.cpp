#include "common/distinct.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <iterator>
#include <limits>

#include "common/random.h"

namespace coppice {
namespace {

constexpr std::uint32_t rank_bits = 8;
constexpr std::uint32_t rank_mask = 0xff;

std::uint64_t spread(std::uint64_t value) { return Random{value}.next(); }

bool has_lower_index(std::uint32_t left, std::uint32_t right) {
    return left >> rank_bits < right >> rank_bits;
}

void raise(std::vector<std::uint8_t>& all, std::uint32_t entry) {
    std::uint8_t& rank = all[entry >> rank_bits];
    rank = std::max(rank, static_cast<std::uint8_t>(entry & rank_mask));
}

/// Loops of this length without a way out become instructions on sixteen registers at a time.
void raise_all(std::uint8_t* __restrict into, const std::uint8_t* __restrict other) {
    for (std::size_t index = 0; index < Distinct::registers; ++index)
        into[index] = into[index] < other[index] ? other[index] : into[index];
}

std::uint8_t greatest_of(const std::uint8_t* all) {
    std::uint8_t greatest = 0;
    for (std::size_t index = 0; index < Distinct::registers; ++index)
        greatest = greatest < all[index] ? all[index] : greatest;
    return greatest;
}

std::vector<std::uint32_t> united(const std::vector<std::uint32_t>& left,
                                  const std::vector<std::uint32_t>& right) {
    std::vector<std::uint32_t> both;
    both.reserve(left.size() + right.size());
    std::merge(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(both));
    // Of two ranks of one register the greater stands last.
    std::size_t kept = 0;
    for (std::size_t at = 0; at < both.size(); ++at)
        if (at + 1 == both.size() || has_lower_index(both[at], both[at + 1]))
            both[kept++] = both[at];
    both.resize(kept);
    return both;
}

void hold_all(Distinct& distinct) {
    distinct.all.resize(Distinct::registers);
    for (const std::uint32_t entry : distinct.few) raise(distinct.all, entry);
    distinct.few.clear();
}

/// Ranks by which registers have them; rank zero is a register that no value has met.
using Multiplicities = std::array<std::uint32_t, Distinct::rank_max + 1>;

Multiplicities multiplicities(const Distinct& distinct) {
    Multiplicities count{};
    for (const std::uint8_t rank : distinct.all) ++count[rank];
    for (const std::uint32_t entry : distinct.few) ++count[entry & rank_mask];
    if (distinct.all.empty())
        count[0] = static_cast<std::uint32_t>(Distinct::registers - distinct.few.size());
    return count;
}

/// Ertl's sigma and tau: what the registers without a value, and those with the greatest rank, add.
double sigma(double share) {
    if (share == 1) return std::numeric_limits<double>::infinity();
    double power = 1;
    double sum = share;
    for (double before = -1; sum != before; power += power) {
        share *= share;
        before = sum;
        sum += share * power;
    }
    return sum;
}

double tau(double share) {
    if (share == 0 || share == 1) return 0;
    double power = 1;
    double sum = 1 - share;
    for (double before = -1; sum != before;) {
        share = std::sqrt(share);
        before = sum;
        power /= 2;
        sum -= (1 - share) * (1 - share) * power;
    }
    return sum / 3;
}

}  // namespace

void Distinct::add(std::uint64_t hash) {
    const auto index = static_cast<std::uint32_t>(hash >> (64U - index_bits));
    const int zeros =
        std::min(std::countl_zero(hash << static_cast<unsigned>(index_bits)), 64 - index_bits);
    fold({.count = 1,
          .few = {index << rank_bits | static_cast<std::uint32_t>(zeros + 1)},
          .all = {}});
}

void Distinct::fold(const Distinct& other) {
    count += other.count;
    if (all.empty() && other.all.empty()) few = united(few, other.few);
    if (!all.empty() || !other.all.empty() || few.size() > few_max) {
        hold_all(*this);
        if (!other.all.empty()) raise_all(all.data(), other.all.data());
        for (const std::uint32_t entry : other.few) raise(all, entry);
    }
}

double Distinct::estimate() const {
    constexpr auto size = static_cast<double>(registers);
    const Multiplicities with_rank = multiplicities(*this);
    double sum = size * tau(1 - with_rank[rank_max] / size);
    for (std::size_t rank = rank_max - 1; rank > 0; --rank) sum = (sum + with_rank[rank]) / 2;
    sum += size * sigma(with_rank[0] / size);
    constexpr double ln2 = 0.693147180559945309;
    return std::round(size * size / (2 * ln2 * sum));
}

bool Distinct::is_sound() const {
    const auto is_entry = [](std::uint32_t entry) {
        const std::uint32_t rank = entry & rank_mask;
        return entry >> rank_bits < registers && rank > 0 && rank <= rank_max;
    };
    if (!all.empty())
        return few.empty() && all.size() == registers && greatest_of(all.data()) <= rank_max;
    const auto is_step_back = [](std::uint32_t left, std::uint32_t right) {
        return !has_lower_index(left, right);
    };
    return few.size() <= few_max && std::all_of(few.begin(), few.end(), is_entry) &&
           std::adjacent_find(few.begin(), few.end(), is_step_back) == few.end();
}

std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char character : text) {
        hash ^= static_cast<std::uint8_t>(character);
        hash *= 0x100000001b3ULL;
    }
    return spread(hash);
}

std::uint64_t hash_of(double value) {
    return spread(std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value));
}

}  // namespace coppice
