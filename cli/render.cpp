#include "cli/render.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>

#include "common/hostlist.h"

namespace coppice::cli {
namespace {

constexpr std::size_t bar_width = 30;

std::size_t width(std::string_view text) {  // of UTF-8: continuation bytes take no room
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U;
    }));
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789.,%-") == std::string_view::npos;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

/// Draws one interior host and what is below it.
class TreeDrawing {
public:
    TreeDrawing(const Json& tree, bool colours) : colours_{colours} {
        for (const Json& node : tree.at("nodes")) {
            nodes_[node.at("host")] = node;
            children_[node.at("parent")].push_back(node.at("host"));
        }
    }

    void draw(const std::string& host, const std::string& indent, std::string& out) const {
        std::vector<std::string> leaves;
        std::vector<std::string> interior;
        const auto found = children_.find(host);
        if (found != children_.end())
            for (const std::string& child : found->second)
                (is_leaf(child) ? leaves : interior).push_back(child);
        for (std::size_t i = 0; i < interior.size(); ++i) {
            const bool is_last = i + 1 == interior.size() && leaves.empty();
            out += indent + (is_last ? "└─ " : "├─ ") + label(interior[i]) + '\n';
            draw(interior[i], indent + (is_last ? "   " : "│  "), out);
        }
        if (!leaves.empty())
            out += indent + "└─ " + fold_host_list(leaves) + "  " +
                   counted(leaves.size(), "leaf host") + '\n';
    }

    [[nodiscard]] std::string label(const std::string& host) const {
        const Json& node = nodes_.at(host);
        const std::string state = node.at("state");
        std::string text = host + "  " + node.at("role").get<std::string>() + ", " +
                           counted(node.at("children").get<std::uint64_t>(), "child");
        if (state != "live") text += ", " + coloured(state, state, colours_);
        return text;
    }

private:
    [[nodiscard]] bool is_leaf(const std::string& host) const {
        const Json& node = nodes_.at(host);
        return node.at("role") == "leaf" && node.at("children") == 0 && node.at("state") == "live";
    }

    bool colours_;
    std::map<std::string, Json> nodes_;
    std::map<std::string, std::vector<std::string>> children_;  // by parent; "" of the root
};

}  // namespace

std::string Table::text() const {
    std::vector<std::size_t> widths(rows_.front().size(), 0);
    std::vector<bool> numeric(widths.size(), rows_.size() > 1);
    for (std::size_t row = 0; row < rows_.size(); ++row)
        for (std::size_t column = 0; column < widths.size(); ++column) {
            const std::string& cell = rows_[row][column];
            widths[column] = std::max(widths[column], width(cell));
            if (row > 0 && !is_number(cell)) numeric[column] = false;
        }
    std::string out;
    for (const std::vector<std::string>& row : rows_) {
        std::string line;
        for (std::size_t column = 0; column < widths.size(); ++column) {
            const std::string pad(widths[column] - width(row[column]), ' ');
            line += numeric[column] ? pad + row[column] : row[column] + pad;
            line += "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    }
    return out;
}

std::string tree_text(const Json& tree, bool colours) {
    const std::string root = tree.at("root");
    if (root.empty()) return "no root yet: no host has registered\n";
    const TreeDrawing drawing{tree, colours};
    std::string out = drawing.label(root) + '\n';
    drawing.draw(root, "", out);
    return out;
}

std::string number_text(double value) {
    char text[64];
    const bool is_whole = std::floor(value) == value && std::abs(value) < 1e15;
    std::snprintf(text, sizeof text, is_whole ? "%.0f" : "%.3f", value);
    return text;
}

std::string measured_text(std::string_view measurement, double value) {
    const auto starts = [&](std::string_view prefix) { return measurement.rfind(prefix, 0) == 0; };
    if (starts("mem_") || starts("disk_") || starts("net_")) {
        static constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
        std::size_t unit = 0;
        for (; std::abs(value) >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
        char text[64];
        std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
        return text + std::string{measurement.ends_with("_rate") ? "/s" : ""};
    }
    return number_text(value) + (measurement == "uptime" ? " s" : "");
}

std::string lasting_text(std::int64_t ms) {
    struct Unit {
        const char* name;
        std::int64_t ms;
    };
    constexpr std::array<Unit, 4> units{
        {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}}};
    if (ms < 1000) return std::to_string(ms) + "ms";
    const auto* first =
        std::find_if(units.begin(), units.end(), [ms](const Unit& unit) { return ms >= unit.ms; });
    std::string text = std::to_string(ms / first->ms) + first->name;
    const auto* second = first + 1;
    if (second != units.end() && ms % first->ms >= second->ms)
        text += " " + std::to_string(ms % first->ms / second->ms) + second->name;
    return text;
}

std::string percent_text(double share) {
    const double percent = share < 1 ? std::min(share * 100, 99.99) : 100;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f %%", percent);
    return text.data();
}

std::string counted(std::uint64_t count, std::string_view noun) {
    const std::string plural = noun == "child" ? "children" : std::string{noun} + "s";
    return std::to_string(count) + " " + (count == 1 ? std::string{noun} : plural);
}

bool is_terminal(int descriptor) { return isatty(descriptor) == 1; }

bool wants_colours() { return is_terminal(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr; }

std::string coloured(std::string_view text, std::string_view state, bool colours) {
    if (!colours) return std::string{text};
    static const std::map<std::string_view, std::string_view> codes{
        {"live", "32"}, {"suspect", "33"}, {"lost", "31"}, {"left", "90"}};
    const auto code = codes.find(state);
    if (code == codes.end()) return std::string{text};
    return "\x1b[" + std::string{code->second} + "m" + std::string{text} + "\x1b[0m";
}

Progress::Progress(std::string what)
    : what_{std::move(what)}, is_terminal_{is_terminal(STDERR_FILENO)} {}

void Progress::show(std::uint64_t done, std::uint64_t total) {
    if (total == 0) return;
    const std::string count = std::to_string(done) + "/" + std::to_string(total);
    if (!is_terminal_) {
        const std::uint64_t quarter = done * 4 / total;
        if (quarter <= quarter_) return;
        quarter_ = quarter;
        std::cerr << what_ << ": " << count << '\n';
        return;
    }
    const std::size_t full = done * bar_width / total;
    std::cerr << '\r' << what_ << " [" << repeated("█", full) << repeated("·", bar_width - full)
              << "] " << count << "\x1b[K" << std::flush;
    is_drawn_ = true;
}

void Progress::finish() {
    if (is_drawn_) std::cerr << '\n';
    is_drawn_ = false;
}

}  // namespace coppice::cli
