#pragma once
// The daemon of a virtual host: what it contributes to reduce(), and how it reduces.

#include <cstdint>
#include <optional>
#include <string>

#include "common/node.h"

namespace coppice {

/// Its reducer adds numbers up, or fails to.
enum class ReducerMood : std::uint8_t { works, throws, talks_too_much, is_late, hangs, is_absent };

/// "hits", the number of the host, of three hosts in four; "bulk", the same with so much behind it
/// that a link does not bear what all have, of every second of the first hundred.
[[nodiscard]] Contributions contributions_of(std::uint64_t number);
/// The number at the beginning of a part; zero when there is none.
[[nodiscard]] std::uint64_t number_in(const Bytes& part);

struct ReducerAnswer {
    Reduced reduced;
    Duration after{};
};
/// Nothing from one that hangs.
[[nodiscard]] std::optional<ReducerAnswer> answer_to(const Reduce& reduce, ReducerMood mood);

/// "works", "throws", ...; nothing for another word.
[[nodiscard]] std::optional<ReducerMood> reducer_mood(const std::string& word);
inline constexpr std::uint64_t reducer_moods = 6;

}  // namespace coppice
