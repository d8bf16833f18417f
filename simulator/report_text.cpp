// The readable summary: aligned figures, a curve of detections, loads and moves.
#include <algorithm>
#include <array>
#include <cmath>

#include "simulator/number_text.h"
#include "simulator/report.h"

namespace coppice {

namespace {

constexpr std::size_t bar_width = 32;
constexpr std::uint64_t moves_rows_max = 12;

/// Characters, not bytes: the bars are UTF-8.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

std::string bar_of(double share) {
    static constexpr std::array eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const auto parts =
        static_cast<std::size_t>(std::llround(std::clamp(share, 0.0, 1.0) * bar_width * 8));
    std::string bar;
    for (std::size_t i = 0; i < parts / 8; ++i) bar += "█";
    bar += eighths[parts % 8];
    return bar.empty() ? "▏" : bar;
}

class Writer {
public:
    explicit Writer(bool has_colours) : has_colours_{has_colours} {}

    [[nodiscard]] std::string coloured(const std::string& text, const char* code) const {
        return has_colours_ && !text.empty() ? "\x1b[" + std::string{code} + 'm' + text + "\x1b[0m"
                                             : text;
    }
    void head(const std::string& text, const std::string& note = {}) {
        out_ += (out_.empty() ? "" : "\n") + coloured(text, "1") +
                (note.empty() ? "" : "  " + coloured(note, "2")) + '\n';
    }
    void line(const std::string& text, const char* code = nullptr) {
        out_ += (code == nullptr ? text : coloured(text, code)) + '\n';
    }
    /// Columns as wide as their widest cell: the first to the left, others to the right, but a last
    /// one of bars, which stands free.
    void table(const std::vector<std::vector<std::string>>& rows, bool has_heads, bool has_bars) {
        std::vector<std::size_t> widths(rows.front().size());
        for (const auto& row : rows)
            for (std::size_t i = 0; i < row.size(); ++i)
                widths[i] = std::max(widths[i], width_of(row[i]));
        bool is_head = has_heads;
        for (const auto& row : rows) {
            std::string text = "  " + row.front();
            text.append(widths.front() - width_of(row.front()), ' ');
            const std::size_t numbers = row.size() - (has_bars ? 1 : 0);
            for (std::size_t i = 1; i < numbers; ++i)
                text += "  " + std::string(widths[i] - width_of(row[i]), ' ') + row[i];
            if (has_bars && !row.back().empty()) text += "  " + coloured(row.back(), "36");
            line(text, is_head ? "2" : nullptr);
            is_head = false;
        }
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    bool has_colours_;
    std::string out_;
};

void write_figures(Writer& out, const Report& report) {
    std::vector<std::vector<std::string>> rows;
    for (const Figure& figure : report.figures) rows.push_back({figure.label, value_text(figure)});
    if (!rows.empty()) out.table(rows, false, false);
}

void write_distribution(Writer& out, const Distribution& some) {
    std::string note = some.what;
    if (some.bound.has_value()) note += "; bound " + time_text(*some.bound);
    out.head(heading_of(some), note);
    if (some.missing > 0)
        out.line("  " + grouped(some.missing) + ' ' + some.things + " are missing", "31");
    if (some.times.empty()) return;
    if (some.times.size() == 1) return out.line("  " + time_text(some.times.front()));
    static const std::vector<std::pair<std::string, double>> shares{
        {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}};
    const double longest =
        static_cast<double>(std::max<std::int64_t>(some.times.back().count(), 1));
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, share] : shares) {
        const Duration time = quantile(some.times, share);
        rows.push_back(
            {name, time_text(time), bar_of(static_cast<double>(time.count()) / longest)});
    }
    out.table(rows, false, true);
}

void write_loads(Writer& out, const MeterReadings& meter) {
    out.head("Load", "messages and bytes sent, over " + time_text(meter.measured) +
                         "; each: one host's mean; busiest: one host's most in an interval");
    out.table(load_table(meter), true, false);
    const RootInbound inbound = root_inbound(meter);
    out.line("  Per interval the root hears " + grouped(inbound.median) +
             " messages of its children (median), " + rate_text(inbound.mean) +
             " on average, at most " + grouped(inbound.most) + '.');
}

void write_moves(Writer& out, const MeterReadings& meter) {
    out.head("Moves", grouped(meter.moves) + " in all, after " +
                          counted(meter.moves_per_death.size(), "death") + " of interior hosts");
    const std::vector<Slot> slots = histogram(meter.moves_per_death, moves_rows_max);
    if (slots.empty()) return;
    std::uint64_t tallest = 0;
    for (const Slot& slot : slots) tallest = std::max(tallest, slot.count);
    std::vector<std::vector<std::string>> rows{{"moves", "deaths", ""}};
    for (const Slot& slot : slots)
        rows.push_back({slot_text(slot), grouped(slot.count),
                        slot.count == 0 ? ""
                                        : bar_of(static_cast<double>(slot.count) /
                                                 static_cast<double>(tallest))});
    out.table(rows, true, true);
}

}  // namespace

std::string report_text(const Report& report, bool has_colours) {
    Writer out{has_colours};
    out.head(report.title);
    write_figures(out, report);
    for (const Distribution& some : report.distributions) write_distribution(out, some);
    if (report.meter.has_value() && report.meter->measured > Duration{})
        write_loads(out, *report.meter);
    if (report.meter.has_value()) write_moves(out, *report.meter);
    out.line("");
    for (const std::string& sentence : report.broken) out.line("BROKEN  " + sentence, "31");
    if (report.broken.empty()) out.line(verdict_of(report), "32");
    for (const std::string& note : report.notes) out.line(note);
    out.line("Repeat: " + report.command);
    return out.take();
}

}  // namespace coppice
