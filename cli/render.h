#pragma once
// How things look to a person: tables, the tree, a progress line.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/session.h"

namespace coppice::cli {

/// Columns are as wide as their widest cell; a column of numbers is aligned to the right. Cells are
/// UTF-8.
class Table {
public:
    explicit Table(std::vector<std::string> heads) { rows_.push_back(std::move(heads)); }
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] bool empty() const { return rows_.size() == 1; }
    [[nodiscard]] std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

/// The tree of /v1/tree: interior hosts one a line, the leaves of each folded into a host list.
[[nodiscard]] std::string tree_text(const Json& tree, bool colours);

/// "3.2 GiB", "17", "0.25": readable, with at most three digits after the point.
[[nodiscard]] std::string number_text(double value);
/// The unit is in the name of a measurement: mem_* and disk_* and net_* are bytes, those
/// that end in _rate bytes a second, uptime is seconds.
[[nodiscard]] std::string measured_text(std::string_view measurement, double value);
/// In its two largest units: "3d 4h", "12s".
[[nodiscard]] std::string lasting_text(std::int64_t ms);
/// Two digits behind the point, and never 100 when something is missing.
[[nodiscard]] std::string percent_text(double share);
/// "1 host", "3 hosts".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);

/// True when a person sees it: a terminal, and NO_COLOR is not set.
[[nodiscard]] bool is_terminal(int descriptor);
[[nodiscard]] bool wants_colours();
[[nodiscard]] std::string coloured(std::string_view text, std::string_view state, bool colours);

/// A line on standard error that says how far something is: redrawn on a terminal, otherwise one
/// line at each quarter.
class Progress {
public:
    explicit Progress(std::string what);
    void show(std::uint64_t done, std::uint64_t total);
    /// Ends the line.
    void finish();

private:
    std::string what_;
    bool is_terminal_;
    bool is_drawn_ = false;
    std::uint64_t quarter_ = 0;
};

}  // namespace coppice::cli
