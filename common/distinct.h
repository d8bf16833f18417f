#pragma once
// How many different values many hosts have.
//
// HyperLogLog (Flajolet, Fusy, Gandouet, Meunier: "HyperLogLog: the analysis of a near-optimal
// cardinality estimation algorithm", AofA 2007) with 2^14 registers of a 64-bit hash, and the
// estimator of Ertl ("New cardinality estimation algorithms for HyperLogLog sketches", 2017), which
// needs no correction of small or large counts.

#include <cstdint>
#include <string_view>
#include <vector>

namespace coppice {

struct Distinct {
    static constexpr int index_bits = 14;
    static constexpr std::size_t registers = std::size_t{1} << index_bits;
    /// The longest run of zeros that a hash can have behind its index, and one.
    static constexpr std::uint8_t rank_max = 64 - index_bits + 1;
    /// With more registers than this all are held, 16 KiB.
    static constexpr std::size_t few_max = 512;
    /// Of what is answered: 1.04 / sqrt(registers).
    static constexpr double standard_error = 0.008125;

    std::uint64_t count = 0;         // of values, equal ones included
    std::vector<std::uint32_t> few;  // index << 8 | rank, ascending; until there are too many
    std::vector<std::uint8_t> all;   // rank by index; empty until then

    void add(std::uint64_t hash);
    void fold(const Distinct& other);
    /// A whole number.
    [[nodiscard]] double estimate() const;
    /// One of the two forms, with ranks that a hash can have.
    [[nodiscard]] bool is_sound() const;
    friend bool operator==(const Distinct&, const Distinct&) = default;
};

/// FNV-1a (Fowler, Noll, Vo), spread by SplitMix64. The same on every host and in every release,
/// as is that of numbers: what is equal has to be equal everywhere.
[[nodiscard]] std::uint64_t hash_of(std::string_view text);
/// Zero has no sign.
[[nodiscard]] std::uint64_t hash_of(double value);

}  // namespace coppice
