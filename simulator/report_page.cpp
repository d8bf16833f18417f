// The page of a report: key figures, plots, tables, and the command that repeats the run.
#include <algorithm>
#include <cmath>

#include "simulator/number_text.h"
#include "simulator/page_style.h"
#include "simulator/report.h"
#include "simulator/svg_plot.h"

namespace coppice {

namespace {

constexpr std::size_t curve_points_max = 400;
constexpr std::size_t bars_max = 10;
constexpr std::size_t message_points_max = 150;

double seconds(Duration time) { return std::chrono::duration<double>{time}.count(); }

std::string element(const std::string& tag, const std::string& text) {
    return '<' + tag + '>' + html_escaped(text) + "</" + tag.substr(0, tag.find(' ')) + ">\n";
}

std::string card(const std::string& title, const std::string& note, const std::string& body) {
    return "<section class=\"card\">" + element("h2", title) + element("p class=\"note\"", note) +
           body + "</section>\n";
}

std::string legend(const std::vector<PlotLine>& lines) {
    std::string out = "<ul class=\"legend\">";
    for (std::size_t i = 0; i < lines.size(); ++i)
        out += "<li><svg viewBox=\"0 0 18 10\" aria-hidden=\"true\"><path class=\"line series-" +
               std::to_string(i) + "\" d=\"M1 5H17\"/></svg>" + html_escaped(lines[i].name) +
               "</li>";
    return out + "</ul>\n";
}

std::string card_of(const std::string& title, const std::string& note, const LinePlot& plot) {
    return card(title, note, (plot.lines.size() > 1 ? legend(plot.lines) : "") + svg_of(plot));
}

/// Share of all things, also of those that never happened, over the time that they took.
PlotLine curve_of(const Distribution& some) {
    PlotLine line{.name = "share of " + some.things, .points = {}, .has_steps = true};
    const std::size_t count = some.times.size();
    const double all = static_cast<double>(count + some.missing);
    const std::size_t step = (count + curve_points_max - 1) / curve_points_max;
    for (std::size_t i = step - 1; i < count; i += step)
        line.points.emplace_back(seconds(some.times[i]), static_cast<double>(i + 1) / all * 100);
    line.points.emplace_back(seconds(some.times.back()), static_cast<double>(count) / all * 100);
    return line;
}

std::string distribution_card(const Distribution& some) {
    LinePlot plot;
    plot.label = some.title + ": share of " + some.things + " over time";
    plot.lines = {curve_of(some)};
    const double longest =
        std::max(seconds(some.times.back()), some.bound.has_value() ? seconds(*some.bound) : 0.0);
    const double shortest = std::max(seconds(some.times.front()), 1e-4);
    constexpr double wide_range = 40;
    plot.x = {.title = "time",
              .quantity = Quantity::seconds,
              .is_logarithmic = longest / shortest > wide_range};
    plot.y = {.title = "share of " + some.things, .quantity = Quantity::percent, .high = 100.0};
    if (some.bound.has_value())
        plot.mark = {seconds(*some.bound), "bound " + time_text(*some.bound)};
    std::vector<std::pair<double, double>>& points = plot.lines.front().points;
    points.insert(points.begin(), {plot.x.is_logarithmic ? shortest : 0.0, 0.0});
    points.insert(points.begin() + 1, {seconds(some.times.front()), 0.0});
    std::string note = some.what + "; p50 " + time_text(quantile(some.times, 0.5)) + ", p99 " +
                       time_text(quantile(some.times, 0.99)) + ", longest " +
                       time_text(some.times.back());
    if (some.missing > 0) note += "; " + grouped(some.missing) + " never";
    return card_of(heading_of(some), note, plot);
}

PlotAxis time_axis() { return {.title = "virtual time", .quantity = Quantity::seconds}; }

/// Low enough for the lowest value after the fleet has come up, and round.
double baseline(const std::vector<PlotLine>& lines) {
    constexpr double come_up = 0.9;
    constexpr double far_above_zero = 0.8;
    double high = 0;
    for (const PlotLine& line : lines)
        for (const auto& [x, value] : line.points) high = std::max(high, value);
    double low = high;
    for (const PlotLine& line : lines) {
        bool is_up = false;
        for (const auto& [x, value] : line.points) {
            is_up = is_up || value >= high * come_up;
            if (is_up) low = std::min(low, value);
        }
    }
    if (high <= 0 || low < high * far_above_zero || low == high) return 0;
    return round_ticks(low - (high - low) / 4, high, 5).front();
}

std::string live_card(const MeterReadings& meter) {
    LinePlot plot;
    plot.label = "Live hosts over time";
    plot.lines = {{.name = "running", .points = {}, .has_steps = true},
                  {.name = "live, as the manager has it", .points = {}, .has_steps = true}};
    const double width_s = seconds(meter.point_width);
    for (std::size_t i = 0; i < meter.points.size(); ++i) {
        const double at = width_s * static_cast<double>(i);
        plot.lines[0].points.emplace_back(at, static_cast<double>(meter.points[i].up));
        plot.lines[1].points.emplace_back(at, static_cast<double>(meter.points[i].live));
    }
    plot.x = time_axis();
    const double low = baseline(plot.lines);
    plot.y = {.title = low > 0 ? "hosts (not from 0)" : "hosts", .low = low};
    return card_of("Live hosts", "fewest in each " + time_text(meter.point_width), plot);
}

/// Mean of `step` points each, without those that were leapt over.
PlotLine messages_line(const MeterReadings& meter, std::size_t role, std::size_t step) {
    PlotLine line{.name = sender_names[role], .points = {}, .has_steps = true};
    const std::size_t whole = meter.points.size() - 1;  // the last point is not
    for (std::size_t i = 0; i + step <= whole; i += step) {
        std::uint64_t frames = 0;
        Duration lived{};
        for (std::size_t j = i; j < i + step; ++j) {
            frames += meter.points[j].frames[role];
            lived += meter.points[j].lived;
        }
        if (lived <= Duration{}) continue;
        line.points.emplace_back(seconds(meter.point_width) * static_cast<double>(i),
                                 static_cast<double>(frames) / seconds(lived));
    }
    return line;
}

std::string messages_card(const MeterReadings& meter) {
    LinePlot plot;
    plot.label = "Messages sent per second by role";
    const std::size_t step = meter.points.size() / message_points_max + 1;
    for (std::size_t role = 0; role < senders; ++role)
        plot.lines.push_back(messages_line(meter, role, step));
    plot.x = time_axis();
    plot.y = {.title = "messages per second (logarithmic)", .is_logarithmic = true};
    const std::string mean = time_text(meter.point_width * static_cast<std::int64_t>(step));
    return card_of("Messages", "sent by all hosts of a role, mean of each " + mean, plot);
}

std::string moves_card(const MeterReadings& meter) {
    BarPlot plot{.label = "Deaths of interior hosts by the moves that followed",
                 .x_title = "moves that followed one death",
                 .y_title = "deaths",
                 .bars = {}};
    for (const Slot& slot : histogram(meter.moves_per_death, bars_max))
        plot.bars.push_back({slot_text(slot), static_cast<double>(slot.count),
                             counted(slot.count, "death") + " with " + slot_text(slot) + " moves"});
    return card("Moves",
                counted(meter.moves, "move") + " in all, after " +
                    counted(meter.moves_per_death.size(), "death") + " of interior hosts",
                svg_of(plot));
}

std::string table_of(const std::vector<std::vector<std::string>>& rows, bool has_heads) {
    std::string out = "<div class=\"scroll\"><table>";
    bool is_head = has_heads;
    for (const std::vector<std::string>& row : rows) {
        out += "<tr>";
        for (const std::string& cell : row) out += element(is_head ? "th" : "td", cell);
        out += "</tr>\n";
        is_head = false;
    }
    return out + "</table></div>\n";
}

std::string tile(const std::string& value, const std::string& label) {
    return "<div class=\"tile\">" + element("b", value) + element("span", label) + "</div>\n";
}

std::string tiles(const Report& report) {
    std::string out;
    for (const Figure& figure : report.figures)
        if (figure.is_key) out += tile(value_text(figure), figure.label);
    for (const Distribution& some : report.distributions)
        if (!some.times.empty())
            out += tile(time_text(quantile(some.times, 0.99)), some.title + ", 99th percentile");
    return "<div class=\"tiles\">" + out + "</div>\n";
}

std::string verdict(const Report& report) {
    if (report.broken.empty())
        return "<p class=\"verdict good\">✓ " + html_escaped(verdict_of(report)) + "</p>\n";
    std::string list;
    for (const std::string& sentence : report.broken) list += element("li", sentence);
    return "<section class=\"card broken\"><h2 class=\"bad\">✗ Broken</h2><ul>" + list +
           "</ul></section>\n";
}

std::string plots(const Report& report) {
    std::string out;
    for (const Distribution& some : report.distributions)
        if (some.times.size() > 1) out += distribution_card(some);
    if (!report.meter.has_value() || report.meter->points.size() < 2) return out;
    out += live_card(*report.meter) + messages_card(*report.meter);
    if (!report.meter->moves_per_death.empty()) out += moves_card(*report.meter);
    return out;
}

std::string tables(const Report& report) {
    std::string left;
    if (report.meter.has_value() && report.meter->measured > Duration{})
        left += card("Load",
                     "messages and bytes sent; each: mean of one host; busiest: the most of one "
                     "host in one interval; levels count from the root",
                     table_of(load_table(*report.meter), true));
    std::vector<std::vector<std::string>> options;
    for (const auto& [name, value] : report.options) options.push_back({name, value});
    if (!options.empty()) left += card("Options", "of this run", table_of(options, false));
    left += card("Run it again", "the same options and seed give the same run",
                 "<pre>" + html_escaped(report.command) + "</pre>");
    std::vector<std::vector<std::string>> figures;
    for (const Figure& figure : report.figures)
        figures.push_back({figure.label, value_text(figure)});
    const std::string right =
        figures.empty() ? "" : card("Figures", "of this run", table_of(figures, false));
    return "<div class=\"stack\">" + left + "</div>\n<div class=\"stack\">" + right + "</div>\n";
}

}  // namespace

std::string report_page(const Report& report) {
    std::string out =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
    out += element("title", report.title + " · coppice-sim");
    out += "<style>" + std::string{page_style} + "</style></head>\n<body><main>\n<header>" +
           element("p", "coppice-sim " + report.kind) + element("h1", report.title) +
           verdict(report) + "</header>\n";
    out += tiles(report);
    for (const std::string& note : report.notes) out += element("p class=\"note\"", note);
    out += "<div class=\"cards\">" + plots(report) + tables(report) + "</div>\n";
    return out + "</main></body></html>\n";
}

}  // namespace coppice
