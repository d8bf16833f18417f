// Host list entries: a recursive reader, and a match that walks the name once per piece.
#include "common/host_pattern.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "common/overloaded.h"

namespace coppice {
namespace {

constexpr std::size_t digits_max = 18;  // such a number fits into 64 bits
constexpr std::uint64_t size_max = std::numeric_limits<std::uint32_t>::max();

bool is_digit(char character) { return character >= '0' && character <= '9'; }

std::uint64_t number_of(std::string_view digits) {
    std::uint64_t number = 0;
    for (const char digit : digits) number = number * 10 + static_cast<std::uint64_t>(digit - '0');
    return number;
}

std::uint64_t size_of(const std::vector<NumberRange>& ranges) {
    std::uint64_t size = 0;
    for (const NumberRange& range : ranges)
        size = std::min(size_max, size + std::min(size_max, range.last - range.first + 1));
    return size;
}

bool contains(const std::vector<NumberRange>& ranges, std::string_view digits) {
    const std::uint64_t number = number_of(digits);
    return std::any_of(ranges.begin(), ranges.end(), [&](const NumberRange& range) {
        return range.first <= number && number <= range.last &&
               padded_number(number, range.width) == digits;
    });
}

/// Marks the ends of all numbers of the ranges that begin at `start`.
void mark_numbers(const std::vector<NumberRange>& ranges, std::string_view name, std::size_t start,
                  std::vector<bool>& ends) {
    for (std::size_t length = 1; length <= digits_max && start + length <= name.size(); ++length) {
        if (!is_digit(name[start + length - 1])) return;
        if (contains(ranges, name.substr(start, length))) ends[start + length] = true;
    }
}

}  // namespace

bool is_host_character(char character) {
    return is_digit(character) || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') || character == '.' || character == '_' ||
           character == '-';
}

std::string padded_number(std::uint64_t number, std::size_t width) {
    std::string text = std::to_string(number);
    if (text.size() < width) text.insert(0, width - text.size(), '0');
    return text;
}

/// Reads one list; every function leaves `at_` behind what it has read, or sets `error_`.
class HostPatternParser {
public:
    HostPatternParser(std::string_view text, std::string_view what, std::size_t offset)
        : text_{text}, what_{what}, offset_{offset} {}

    Result<std::vector<HostPattern>> list() {
        std::vector<HostPattern> patterns;
        if (text_.empty()) return patterns;
        do {
            patterns.push_back(entry());
            if (error_) return *error_;
        } while (take(','));
        if (at_ < text_.size())
            return mistake(at_, std::string{"'"} + text_[at_] + "' is not part of a host name");
        return patterns;
    }

private:
    HostPattern entry() {
        HostPattern pattern;
        while (!error_ && at_ < text_.size()) {
            if (take('[')) {
                pattern.pieces_.emplace_back(ranges());
            } else if (is_host_character(text_[at_])) {
                pattern.pieces_.emplace_back(literal());
            } else {
                break;
            }
        }
        if (!error_ && pattern.pieces_.empty()) error_ = mistake(at_, "expected a host name");
        return pattern;
    }

    std::string literal() {
        const std::size_t start = at_;
        while (at_ < text_.size() && is_host_character(text_[at_])) ++at_;
        return std::string{text_.substr(start, at_ - start)};
    }

    std::vector<NumberRange> ranges() {
        const std::size_t bracket = at_ - 1;
        std::vector<NumberRange> ranges;
        do {
            ranges.push_back(range());
            if (error_) return ranges;
        } while (take(','));
        if (!take(']')) {
            const bool is_open = at_ == text_.size();
            error_ = is_open ? mistake(bracket, "the bracket is not closed")
                             : mistake(at_, "expected ',', '-' or ']' after a number");
        }
        return ranges;
    }

    NumberRange range() {
        const std::size_t start = at_;
        const std::string_view first = digits();
        if (error_) return {};
        NumberRange range{.first = number_of(first), .last = number_of(first), .width = 1};
        if (first.front() == '0') range.width = first.size();
        if (take('-')) range.last = number_of(digits());
        if (!error_ && range.last < range.first)
            error_ = mistake(start, "the range ends before it begins");
        return range;
    }

    std::string_view digits() {
        const std::size_t start = at_;
        while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
        const std::string_view digits = text_.substr(start, at_ - start);
        if (digits.empty()) error_ = mistake(start, "expected a number in the brackets");
        if (digits.size() > digits_max)
            error_ =
                mistake(start, "a number has at most " + std::to_string(digits_max) + " digits");
        return digits;
    }

    bool take(char expected) {
        if (at_ == text_.size() || text_[at_] != expected) return false;
        ++at_;
        return true;
    }

    [[nodiscard]] Error mistake(std::size_t place, const std::string& sentence) const {
        return Error{std::string{what_} + ", character " + std::to_string(offset_ + place + 1) +
                     ": " + sentence};
    }

    std::string_view text_;
    std::string_view what_;
    std::size_t offset_;
    std::size_t at_ = 0;
    std::optional<Error> error_;
};

Result<std::vector<HostPattern>> HostPattern::parse_list(std::string_view text,
                                                         std::string_view what,
                                                         std::size_t offset) {
    return HostPatternParser{text, what, offset}.list();
}

bool HostPattern::matches(std::string_view name) const {
    std::vector<bool> starts(name.size() + 1, false);  // where the next piece may begin
    starts[0] = true;
    for (const Piece& piece : pieces_) {
        std::vector<bool> ends(name.size() + 1, false);
        for (std::size_t start = 0; start <= name.size(); ++start) {
            if (!starts[start]) continue;
            std::visit(Overloaded{
                           [&](const std::string& literal) {
                               if (name.substr(start, literal.size()) == literal)
                                   ends[start + literal.size()] = true;
                           },
                           [&](const Ranges& ranges) { mark_numbers(ranges, name, start, ends); },
                       },
                       piece);
        }
        starts = std::move(ends);
    }
    return starts[name.size()];
}

std::uint64_t HostPattern::size() const {
    std::uint64_t size = 1;
    for (const Piece& piece : pieces_)
        if (const auto* ranges = std::get_if<Ranges>(&piece))
            size = std::min(size_max, size * size_of(*ranges));
    return size;
}

void HostPattern::expand(std::vector<std::string>& names) const {
    std::vector<std::string> written{""};
    for (const Piece& piece : pieces_) {
        std::vector<std::string> longer;
        for (const std::string& start : written) {
            std::visit(Overloaded{
                           [&](const std::string& literal) { longer.push_back(start + literal); },
                           [&](const Ranges& ranges) {
                               for (const NumberRange& range : ranges)
                                   for (std::uint64_t n = range.first; n <= range.last; ++n)
                                       longer.push_back(start + padded_number(n, range.width));
                           },
                       },
                       piece);
        }
        written = std::move(longer);
    }
    names.insert(names.end(), std::make_move_iterator(written.begin()),
                 std::make_move_iterator(written.end()));
}

}  // namespace coppice
