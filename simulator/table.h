#pragma once
// Rows of separated text whose first line names the columns.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"

namespace coppice {

enum class TableForm : std::uint8_t {
    comma,  // a field may stand in double quotes, and "" is one quote in it; it ends with its line
    tab,
};

/// A cursor over the rows. The text outlives it. Lines may end in CR LF; empty ones are passed
/// over.
class Table {
public:
    Table(std::string_view text, TableForm form);

    /// Where these columns stand, in the order of `names`; an error names every missing one.
    [[nodiscard]] Result<std::vector<std::size_t>> columns(
        const std::vector<std::string>& names) const;

    /// Goes to the next row; false at the end.
    bool next();
    /// Every column has its field, and every quote its end.
    [[nodiscard]] bool is_whole() const { return is_whole_; }
    /// Requires is_whole().
    [[nodiscard]] const std::string& field(std::size_t column) const { return fields_[column]; }
    /// Of this row, from 1.
    [[nodiscard]] std::size_t line() const { return line_; }
    [[nodiscard]] std::string_view text() const { return row_; }

private:
    bool read_line();
    void split();

    std::string_view rest_;
    TableForm form_;
    std::vector<std::string> header_;
    std::string_view row_;
    std::size_t line_ = 0;
    std::vector<std::string> fields_;
    bool is_whole_ = false;
};

}  // namespace coppice
