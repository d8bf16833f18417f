#include "simulator/number_text.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace coppice {

namespace {

constexpr double minute_s = 60;
constexpr double hour_s = 3600;
constexpr double day_s = 86400;

std::string printed(const char* format, double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

/// Three significant digits without zeros at the end.
std::string short_number(double value) { return printed("%.3g", value); }

std::string two_units(double seconds, double large_s, const char* large, const char* small) {
    const double small_s = large_s == day_s ? hour_s : large_s == hour_s ? minute_s : 1;
    const auto parts = static_cast<std::uint64_t>(std::llround(seconds / small_s));
    const auto per_large = static_cast<std::uint64_t>(large_s / small_s);
    std::string text = grouped(parts / per_large) + ' ' + large;
    if (parts % per_large != 0) text += ' ' + std::to_string(parts % per_large) + ' ' + small;
    return text;
}

}  // namespace

std::string grouped(std::uint64_t value) {
    std::string text = std::to_string(value);
    for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
    return text;
}

std::string rate_text(double value) {
    if (value >= 999.5) return grouped(static_cast<std::uint64_t>(std::llround(value)));
    return value < 0.0005 ? "0" : short_number(value);
}

std::string bytes_text(double bytes) {
    static constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    for (; bytes >= 1023.5 && unit + 1 < units.size(); ++unit) bytes /= 1024;
    const bool is_whole = unit == 0 && bytes >= 1;
    return printed(is_whole || bytes >= 100 ? "%.0f " : "%.3g ", bytes) + units[unit];
}

std::string time_text(Duration time) {
    const double seconds = std::chrono::duration<double>{time}.count();
    if (seconds == 0) return "0 s";
    if (seconds < 0.9995) return printed(seconds < 0.1 ? "%.3g ms" : "%.0f ms", seconds * 1000);
    if (seconds < 2 * minute_s) return short_number(seconds) + " s";
    if (seconds < 2 * hour_s) return two_units(seconds, minute_s, "min", "s");
    if (seconds < 2 * day_s) return two_units(seconds, hour_s, "h", "min");
    return two_units(seconds, day_s, "d", "h");
}

std::string share_text(double share) {
    const double percent = share * 100;
    return printed(percent < 1 ? "%.2g %%" : "%.4g %%", percent);
}

std::string axis_text(double value) {
    if (value == 0) return "0";
    if (value >= 1e9) return short_number(value / 1e9) + "G";
    if (value >= 1e6) return short_number(value / 1e6) + "M";
    if (value >= 1e4) return short_number(value / 1e3) + "k";
    return value >= 1000 ? grouped(static_cast<std::uint64_t>(std::llround(value)))
                         : short_number(value);
}

std::string counted(std::uint64_t count, std::string_view noun) {
    return grouped(count) + ' ' + std::string{noun} + (count == 1 ? "" : "s");
}

std::vector<double> round_ticks(double low, double high, int wanted) {
    constexpr double nearly = 0.87;  // rather a tick more than half of them
    const double raw = (high - low) / wanted;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    double step = power * 10;
    for (const double factor : {1.0, 2.0, 5.0})
        if (step == power * 10 && power * factor >= raw * nearly) step = power * factor;
    const double first = std::floor(low / step + 1e-9);
    std::vector<double> ticks{first * step};
    while (ticks.back() < high * (1 - 1e-9))
        ticks.push_back((first + static_cast<double>(ticks.size())) * step);
    return ticks;
}

std::vector<double> time_ticks(double high_s, int wanted) {
    static constexpr std::array steps{
        1.0,   2.0,   5.0,    10.0,   15.0,       30.0,       60.0,       120.0,      300.0,
        600.0, 900.0, 1800.0, hour_s, 2 * hour_s, 3 * hour_s, 6 * hour_s, 12 * hour_s};
    for (const double step : steps) {
        if (high_s / step > wanted) continue;
        if (step == steps.front() && high_s < wanted) break;
        std::vector<double> ticks{0};
        while (ticks.back() + step <= high_s * (1 + 1e-9)) ticks.push_back(ticks.back() + step);
        return ticks;
    }
    const double unit_s = high_s < minute_s ? 1 : day_s;
    std::vector<double> ticks = round_ticks(0, high_s / unit_s, wanted);
    for (double& tick : ticks) tick *= unit_s;
    while (ticks.size() > 2 && ticks.back() > high_s * (1 + 1e-9)) ticks.pop_back();
    return ticks;
}

std::string tick_time_text(double seconds, double step_s) {
    if (seconds == 0) return "0";
    if (step_s >= day_s) return short_number(seconds / day_s) + " d";
    if (step_s >= hour_s) return short_number(seconds / hour_s) + " h";
    if (step_s >= minute_s) return short_number(seconds / minute_s) + " min";
    return short_number(seconds) + " s";
}

}  // namespace coppice
