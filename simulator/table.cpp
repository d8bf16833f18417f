// One line at a time.
#include "simulator/table.h"

#include <algorithm>

namespace coppice {

Table::Table(std::string_view text, TableForm form) : rest_{text}, form_{form} {
    if (!read_line()) return;
    split();
    header_ = fields_;
}

Result<std::vector<std::size_t>> Table::columns(const std::vector<std::string>& names) const {
    std::vector<std::size_t> found;
    std::string missing;
    for (const std::string& name : names) {
        const auto column = std::find(header_.begin(), header_.end(), name);
        if (column == header_.end()) missing += (missing.empty() ? "'" : ", '") + name + "'";
        found.push_back(static_cast<std::size_t>(column - header_.begin()));
    }
    if (missing.empty()) return found;
    return Error{"line " + std::to_string(std::max<std::size_t>(line_, 1)) +
                 " must name the columns, and lacks " + missing +
                 "; is the file in the format that was given?"};
}

bool Table::next() {
    if (!read_line()) return false;
    split();
    is_whole_ = is_whole_ && fields_.size() == header_.size();
    return true;
}

bool Table::read_line() {
    row_ = {};
    while (row_.empty()) {
        if (rest_.empty()) return false;
        const std::size_t end = std::min(rest_.find('\n'), rest_.size());
        row_ = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        if (row_.ends_with('\r')) row_.remove_suffix(1);
        ++line_;
    }
    return true;
}

void Table::split() {
    const char separator = form_ == TableForm::tab ? '\t' : ',';
    fields_.assign(1, {});
    bool is_quoted = false;
    for (std::size_t i = 0; i < row_.size(); ++i) {
        const char letter = row_[i];
        if (form_ == TableForm::comma && letter == '"') {
            const bool is_doubled = is_quoted && i + 1 < row_.size() && row_[i + 1] == '"';
            if (is_doubled) fields_.back() += row_[++i];
            is_quoted = is_quoted == is_doubled;
        } else if (letter == separator && !is_quoted) {
            fields_.emplace_back();
        } else {
            fields_.back() += letter;
        }
    }
    is_whole_ = !is_quoted;
}

}  // namespace coppice
