#pragma once
// Plots as SVG for a page: round ticks, units, values on hover. Colours come from the page's
// classes series-0 to series-3.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coppice {

/// For text and for attributes in double quotes.
[[nodiscard]] std::string html_escaped(std::string_view text);

/// What the numbers of an axis are.
enum class Quantity : std::uint8_t { count, seconds, percent };

struct PlotAxis {
    std::string title;
    Quantity quantity = Quantity::count;
    /// Decades; what is not above zero is drawn at the low end.
    bool is_logarithmic = false;
    /// Where the axis begins and ends at least; a linear one begins at 0 without it.
    std::optional<double> low{};
    std::optional<double> high{};
};

struct PlotLine {
    std::string name;
    std::vector<std::pair<double, double>> points;  // ascending in x
    bool has_steps = false;                         // keeps its value until the next point
};

struct LinePlot {
    std::string label;  // what the plot shows, for those who cannot see it
    PlotAxis x;
    PlotAxis y;
    std::vector<PlotLine> lines;  // at most 4; their colours follow the order
    /// A vertical line with a word, such as the bound of a time.
    std::optional<std::pair<double, std::string>> mark{};
};

struct PlotBar {
    std::string name;
    double value = 0;
    std::string hint;  // on hover
};

struct BarPlot {
    std::string label;
    std::string x_title;
    std::string y_title;
    std::vector<PlotBar> bars;
};

/// Requires at least one point.
[[nodiscard]] std::string svg_of(const LinePlot& plot);
/// Requires at least one bar.
[[nodiscard]] std::string svg_of(const BarPlot& plot);

}  // namespace coppice
