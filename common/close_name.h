#pragma once
// What somebody may have meant who wrote a name that is not there.

#include <span>
#include <string>
#include <string_view>

namespace coppice {

/// `; did you mean "load1"?` with the candidate that the fewest changes of one letter make out of
/// the word (Levenshtein distance), the first of several; empty when none is close, or the word is
/// one of them.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string> candidates);

}  // namespace coppice
