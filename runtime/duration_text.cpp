// Durations as people write them: declared in command_line.h.

#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "runtime/command_line.h"

namespace coppice {
namespace {

struct Unit {
    std::string_view name;
    Duration length;
};

constexpr std::array<Unit, 5> units{{{"d", std::chrono::hours{24}},
                                     {"h", std::chrono::hours{1}},
                                     {"m", std::chrono::minutes{1}},
                                     {"s", std::chrono::seconds{1}},
                                     {"ms", std::chrono::milliseconds{1}}}};

/// Longer ones overflow when they are added to an instant.
constexpr Duration longest = std::chrono::hours{24 * 365 * 100};

Error not_a_duration(std::string_view text) {
    return Error{"\"" + std::string{text} +
                 "\" is not a duration; write a number and a unit, such as 200ms, 10s, 5m or 2h"};
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
    const std::size_t digits = text.find_first_not_of("0123456789.");
    if (digits == std::string_view::npos || digits == 0) return not_a_duration(text);
    double count = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + digits, count);
    if (failure != std::errc{} || end != text.data() + digits) return not_a_duration(text);
    for (const Unit& unit : units) {
        if (text.substr(digits) != unit.name) continue;
        const double length = count * static_cast<double>(unit.length.count());
        if (length > static_cast<double>(longest.count()))
            return Error{"\"" + std::string{text} + "\" is longer than 100 years"};
        return Duration{std::llround(length)};
    }
    return not_a_duration(text);
}

std::string duration_text(Duration duration) {
    if (duration == Duration::zero()) return "0s";
    for (const Unit& unit : units)
        if (duration % unit.length == Duration::zero())
            return std::to_string(duration / unit.length) + std::string{unit.name};
    return std::to_string(duration / units.back().length) + std::string{units.back().name};
}

}  // namespace coppice
