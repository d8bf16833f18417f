#pragma once
// What parsers of the languages that people write have in common: words, symbols, and one error
// that points at its character.

#include <optional>
#include <string>
#include <string_view>

#include "common/result.h"

namespace coppice {

[[nodiscard]] constexpr bool is_space(char character) {
    return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

[[nodiscard]] inline std::string quoted(std::string_view text) {
    return '"' + std::string{text} + '"';
}

/// Reads from left to right. Only the first error counts: what follows from it is no news.
class TextScanner {
public:
    /// `what` begins each error, which counts characters from one, after `offset` further ones:
    /// "selector, character 7: ...".
    TextScanner(std::string_view text, std::string_view what, std::size_t offset)
        : text_{text}, what_{what}, offset_{offset} {}

    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }
    /// The characters from here for which `is_part` holds; may be empty.
    template <class Predicate>
    std::string_view word(Predicate is_part) {
        const std::size_t start = at_;
        while (at_ < text_.size() && is_part(text_[at_])) ++at_;
        return text_.substr(start, at_ - start);
    }
    /// Steps over white space and the symbol, if that is next.
    bool take(std::string_view symbol) {
        skip_space();
        if (!text_.substr(at_).starts_with(symbol)) return false;
        at_ += symbol.size();
        return true;
    }
    /// Steps over white space and the word, if that is the whole next one.
    template <class Predicate>
    bool take_word(std::string_view expected, Predicate is_part) {
        skip_space();
        const std::size_t start = at_;
        if (word(is_part) == expected) return true;
        at_ = start;
        return false;
    }

    void fail(const std::string& sentence) { fail_at(at_, sentence); }
    void fail_at(std::size_t at, const std::string& sentence) {
        if (!error_)
            error_ = Error{std::string{what_} + ", character " + std::to_string(offset_ + at + 1) +
                           ": " + sentence};
    }
    void keep(const Error& error) {
        if (!error_) error_ = error;
    }

    [[nodiscard]] bool has_failed() const { return error_.has_value(); }
    /// Requires has_failed().
    [[nodiscard]] const Error& error() const { return *error_; }
    [[nodiscard]] std::size_t at() const { return at_; }
    /// The place of the next character in the whole text, of which this may be a part.
    [[nodiscard]] std::size_t place() const { return offset_ + at_; }
    [[nodiscard]] bool is_at_end() const { return at_ == text_.size(); }
    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
    /// What was read since it was at `start`.
    [[nodiscard]] std::string_view since(std::size_t start) const {
        return text_.substr(start, at_ - start);
    }

private:
    std::string_view text_;
    std::string_view what_;
    std::size_t offset_;
    std::size_t at_ = 0;
    std::optional<Error> error_;
};

}  // namespace coppice
