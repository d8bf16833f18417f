#pragma once
// One entry of a host list, n[001-128]x[1,2], as a pattern: it tells whether a name belongs to it
// without writing all names out.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/result.h"

namespace coppice {

/// The numbers first..last, written with at least `width` digits.
struct NumberRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::size_t width = 1;
};

/// Characters that names of hosts are made of: letters, digits, '.', '_' and '-'.
[[nodiscard]] bool is_host_character(char character);
/// The number in decimal, with leading zeros up to `width` digits.
[[nodiscard]] std::string padded_number(std::uint64_t number, std::size_t width);

class HostPattern {
public:
    /// The entries of a list that is separated by commas. The place in an error is counted from
    /// one, after `offset` further characters: "<what>, character 7: ...".
    [[nodiscard]] static Result<std::vector<HostPattern>> parse_list(std::string_view text,
                                                                     std::string_view what,
                                                                     std::size_t offset);

    [[nodiscard]] bool matches(std::string_view name) const;
    /// How many names it stands for, repeats included; stops counting at 2^32.
    [[nodiscard]] std::uint64_t size() const;
    /// Appends every name, in order of writing.
    void expand(std::vector<std::string>& names) const;

private:
    using Ranges = std::vector<NumberRange>;
    using Piece = std::variant<std::string, Ranges>;
    friend class HostPatternParser;

    std::vector<Piece> pieces_;  // one after the other
};

}  // namespace coppice
