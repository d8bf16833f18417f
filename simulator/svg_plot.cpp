#include "simulator/svg_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "simulator/number_text.h"

namespace coppice {

namespace {

constexpr double width = 480;
constexpr double height = 280;
constexpr double left = 50;
constexpr double right = width - 16;
constexpr double top = 26;
constexpr double bottom = height - 46;
constexpr std::size_t hover_strips_max = 120;

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
}

std::string quantity_text(double value, Quantity quantity) {
    if (quantity == Quantity::percent) return rate_text(value) + " %";
    if (quantity == Quantity::seconds)
        return time_text(Duration{static_cast<std::int64_t>(std::llround(value * 1e9))});
    return rate_text(value);
}

/// Where a value lies between two pixels, and where the ticks are.
class Scale {
public:
    Scale(const PlotAxis& axis, double low, double high, double from, double to)
        : axis_{axis}, from_{from}, to_{to} {
        if (axis.is_logarithmic)
            set_decades(low, high);
        else
            set_linear(axis.low.value_or(0), std::max(high, axis.high.value_or(high)));
    }

    [[nodiscard]] double at(double value) const {
        const double position = axis_.is_logarithmic ? std::log10(std::max(value, low_) / low_) /
                                                           std::log10(high_ / low_)
                                                     : (value - low_) / (high_ - low_);
        return from_ + std::clamp(position, 0.0, 1.0) * (to_ - from_);
    }
    [[nodiscard]] const std::vector<double>& ticks() const { return ticks_; }
    [[nodiscard]] std::string tick_text(double tick) const {
        if (axis_.quantity == Quantity::percent) return axis_text(tick) + " %";
        if (axis_.quantity == Quantity::count) return axis_text(tick);
        if (axis_.is_logarithmic || ticks_.size() < 2 || ticks_[1] < 1)
            return tick == 0 ? "0" : quantity_text(tick, Quantity::seconds);
        return tick_time_text(tick, ticks_[1]);
    }

private:
    void set_decades(double low, double high) {
        low_ = std::pow(10, std::floor(std::log10(low) + 1e-9));
        high_ = std::pow(10, std::max(std::ceil(std::log10(high) - 1e-9),
                                      std::floor(std::log10(low) + 1e-9) + 1));
        const auto decades = std::lround(std::log10(high_ / low_));
        for (long decade = 0; decade <= decades; ++decade)
            ticks_.push_back(low_ * std::pow(10, decade));
    }
    void set_linear(double low, double high) {
        constexpr int wanted = 6;
        if (high <= low) high = low + 1;
        ticks_ = axis_.quantity == Quantity::seconds && low == 0 && high > 4
                     ? time_ticks(high, wanted)
                     : round_ticks(low, high, wanted);
        low_ = std::min(low, ticks_.front());
        high_ = std::max(high, ticks_.back());
        if (axis_.quantity == Quantity::percent) high_ = high;
        if (axis_.quantity == Quantity::count)  // of whole things
            std::erase_if(ticks_, [](double tick) { return tick != std::floor(tick); });
    }

    const PlotAxis& axis_;
    double from_;
    double to_;
    double low_ = 0;
    double high_ = 1;
    std::vector<double> ticks_;
};

std::string text_at(double x, double y, const char* anchor, const std::string& text,
                    const char* kind = "tick") {
    return std::string{"<text class=\""} + kind + "\" x=\"" + number(x) + "\" y=\"" + number(y) +
           "\" text-anchor=\"" + anchor + "\">" + html_escaped(text) + "</text>\n";
}

std::string line_from(double x1, double y1, double x2, double y2, const char* kind) {
    return std::string{"<line class=\""} + kind + "\" x1=\"" + number(x1) + "\" y1=\"" +
           number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" + number(y2) + "\"/>\n";
}

std::string rectangle(double x, double y, double wide, double high, const char* kind,
                      const std::string& hint) {
    return std::string{"<rect class=\""} + kind + "\" x=\"" + number(x) + "\" y=\"" + number(y) +
           "\" width=\"" + number(wide) + "\" height=\"" + number(high) + "\"><title>" +
           html_escaped(hint) + "</title></rect>\n";
}

std::string opened(const std::string& label) {
    return "<svg viewBox=\"0 0 " + number(width) + ' ' + number(height) +
           "\" role=\"img\" aria-label=\"" + html_escaped(label) + "\">\n";
}

std::string y_axis(const Scale& y, const std::string& title) {
    constexpr double middle_of_letters = 4;
    std::string out = text_at(4, top - 12, "start", title, "title");
    for (const double tick : y.ticks()) {
        const double at = y.at(tick);
        out += text_at(left - 8, at + middle_of_letters, "end", y.tick_text(tick));
        out += line_from(left, at, right, at, "grid");
    }
    return out;
}

std::string x_axis(const Scale& x, const std::string& title) {
    std::string out = line_from(left, bottom, right, bottom, "axis");
    for (const double tick : x.ticks()) {
        out += line_from(x.at(tick), bottom, x.at(tick), bottom + 4, "axis");
        out += text_at(x.at(tick), bottom + 18, "middle", x.tick_text(tick));
    }
    return out + text_at((left + right) / 2, height - 8, "middle", title, "title");
}

std::string path_of(const PlotLine& line, std::size_t series, const Scale& x, const Scale& y) {
    std::string path;
    std::string last_y;
    for (const auto& [at, value] : line.points) {
        const std::string x_text = number(x.at(at));
        const std::string y_text = number(y.at(value));
        if (path.empty())
            path = 'M' + x_text + ' ' + y_text;
        else if (line.has_steps)
            path += 'H' + x_text + (y_text == last_y ? "" : 'V' + y_text);
        else
            path += 'L' + x_text + ' ' + y_text;
        last_y = y_text;
    }
    return "<path class=\"line series-" + std::to_string(series) + "\" d=\"" + path + "\"/>\n";
}

/// Invisible strips that show the values below the pointer.
std::string hover_strips(const LinePlot& plot, const Scale& x) {
    std::string out;
    const auto& first = plot.lines.front().points;
    const std::size_t step = (first.size() + hover_strips_max - 1) / hover_strips_max;
    for (std::size_t i = 0; i < first.size(); i += step) {
        const double from = i == 0 ? left : x.at(first[i].first);
        const double to =
            i + step < first.size() ? x.at(first[i + step].first) : std::max(right, from);
        std::string hint = quantity_text(first[i].first, plot.x.quantity);
        for (const PlotLine& line : plot.lines)
            if (i < line.points.size())
                hint +=
                    '\n' + line.name + ": " + quantity_text(line.points[i].second, plot.y.quantity);
        out += rectangle(from, top, std::max(to - from, 1.0), bottom - top, "strip", hint);
    }
    return out;
}

std::string mark_of(const std::pair<double, std::string>& mark, const Scale& x) {
    const double at = x.at(mark.first);
    const bool is_far_right = at > (left + right) / 2;
    return line_from(at, top, at, bottom, "mark") +
           text_at(is_far_right ? at - 6 : at + 6, top + 12, is_far_right ? "end" : "start",
                   mark.second, "marked");
}

struct Extent {
    double low = 0;
    double high = 0;
};

/// Of x (first) or y (second); the low end is the smallest above zero.
template <class Pick>
Extent extent_of(const LinePlot& plot, Pick pick) {
    Extent extent{1e300, 0};
    for (const PlotLine& line : plot.lines)
        for (const auto& point : line.points) {
            const double value = pick(point);
            extent.high = std::max(extent.high, value);
            if (value > 0) extent.low = std::min(extent.low, value);
        }
    if (extent.high <= 0) return {0.1, 1};
    return extent;
}

}  // namespace

std::string html_escaped(std::string_view text) {
    std::string out;
    for (const char letter : text) {
        switch (letter) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += letter;
        }
    }
    return out;
}

std::string svg_of(const LinePlot& plot) {
    Extent across = extent_of(plot, [](const auto& point) { return point.first; });
    if (plot.mark.has_value()) across.high = std::max(across.high, plot.mark->first);
    const Extent along = extent_of(plot, [](const auto& point) { return point.second; });
    const Scale x{plot.x, across.low, across.high, left, right};
    const Scale y{plot.y, along.low, along.high, bottom, top};
    std::string out = opened(plot.label) + y_axis(y, plot.y.title) + x_axis(x, plot.x.title);
    for (std::size_t i = 0; i < plot.lines.size(); ++i) out += path_of(plot.lines[i], i, x, y);
    if (plot.mark.has_value()) out += mark_of(*plot.mark, x);
    return out + hover_strips(plot, x) + "</svg>\n";
}

std::string svg_of(const BarPlot& plot) {
    double tallest = 0;
    for (const PlotBar& bar : plot.bars) tallest = std::max(tallest, bar.value);
    const PlotAxis axis{.title = plot.y_title};
    const Scale y{axis, 0, tallest, bottom, top};
    std::string out = opened(plot.label) + y_axis(y, plot.y_title) +
                      line_from(left, bottom, right, bottom, "axis") +
                      text_at((left + right) / 2, height - 8, "middle", plot.x_title, "title");
    constexpr double widest_bar = 48;
    const double slot = (right - left) / static_cast<double>(plot.bars.size());
    const double wide = std::min(slot * 0.8, widest_bar);
    for (std::size_t i = 0; i < plot.bars.size(); ++i) {
        const PlotBar& bar = plot.bars[i];
        const double middle = left + slot * (static_cast<double>(i) + 0.5);
        const double tall = bottom - y.at(bar.value);
        if (bar.value > 0)
            out += rectangle(middle - wide / 2, bottom - std::max(tall, 1.0), wide,
                             std::max(tall, 1.0), "bar", bar.hint);
        out += text_at(middle, bottom + 18, "middle", bar.name);
    }
    return out + "</svg>\n";
}

}  // namespace coppice
