#include "runtime/time_text.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>

#include "runtime/command_line.h"

namespace coppice {
namespace {

namespace chrono = std::chrono;

/// The last that has four digits of a year: 9999-12-31T23:59:59.999Z.
constexpr std::int64_t millis_max = 253'402'300'799'999;
/// Below it a bare number is of seconds, until the year 5138; from it on of milliseconds, since
/// 1973.
constexpr std::int64_t seconds_end = 100'000'000'000;

std::optional<UnixMillis> parse_rfc3339(const std::string& text) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int end = 0;
    if (std::sscanf(text.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute,
                    &second, &end) != 6)
        return std::nullopt;
    std::string_view rest{text};
    rest.remove_prefix(static_cast<std::size_t>(end));
    int millis = 0;
    if (rest.starts_with('.')) {
        int digits = 0;
        for (rest.remove_prefix(1); !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
             rest.remove_prefix(1))
            if (digits++ < 3) millis = millis * 10 + (rest.front() - '0');
        if (digits == 0) return std::nullopt;
        for (; digits < 3; ++digits) millis *= 10;
    }
    const chrono::year_month_day date{chrono::year{year}, chrono::month{month}, chrono::day{day}};
    const bool is_time =
        hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
    if (rest != "Z" || !date.ok() || !is_time) return std::nullopt;
    return UnixMillis{chrono::sys_days{date}.time_since_epoch()} + chrono::hours{hour} +
           chrono::minutes{minute} + chrono::seconds{second} + UnixMillis{millis};
}

}  // namespace

std::string time_text(UnixMillis time) {
    if (time == UnixMillis::zero()) return {};
    const auto day = chrono::floor<chrono::days>(time);
    const chrono::year_month_day date{chrono::sys_days{day}};
    const chrono::hh_mm_ss clock{time - day};
    std::array<char, 80> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()),
                  static_cast<int>(clock.subseconds().count()));
    return text.data();
}

Result<UnixMillis> parse_time(std::string_view text, UnixMillis now) {
    if (const auto time = parse_rfc3339(std::string{text})) return *time;
    std::int64_t number = 0;
    const char* last = text.data() + text.size();
    const auto [end, failure] = std::from_chars(text.data(), last, number);
    if (failure == std::errc{} && end == last && number >= 0 && number <= millis_max)
        return number < seconds_end ? UnixMillis{std::chrono::seconds{number}} : UnixMillis{number};
    if (const Result<Duration> age = parse_duration(text); age.ok())
        return now - chrono::duration_cast<UnixMillis>(*age);
    return Error{
        "\"" + std::string{text} +
        "\" is not a time; write 2024-05-01T12:00:00Z, seconds since 1970, or 10m for ten minutes "
        "ago"};
}

}  // namespace coppice
