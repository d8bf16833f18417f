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

/// The first and the last that have four digits of a year: 0000-01-01T00:00:00Z and
/// 9999-12-31T23:59:59.999Z.
constexpr std::int64_t millis_min = -62'167'219'200'000;
constexpr std::int64_t millis_max = 253'402'300'799'999;
/// Below it a bare number is of seconds, until the year 5138; from it on of milliseconds, since
/// 1973.
constexpr std::int64_t seconds_end = 100'000'000'000;

/// Takes a time apart from its front to its end.
class TimeReader {
public:
    explicit TimeReader(std::string_view text) : rest_{text} {}

    [[nodiscard]] bool is_at_end() const { return rest_.empty(); }
    /// One of the characters, when it comes next.
    bool take(std::string_view any) {
        if (rest_.empty() || any.find(rest_.front()) == std::string_view::npos) return false;
        rest_.remove_prefix(1);
        return true;
    }
    /// Exactly so many digits.
    std::optional<int> number(std::size_t digits) {
        if (rest_.size() < digits) return std::nullopt;
        int value = 0;
        for (const char digit : rest_.substr(0, digits)) {
            if (digit < '0' || digit > '9') return std::nullopt;
            value = value * 10 + (digit - '0');
        }
        rest_.remove_prefix(digits);
        return value;
    }
    /// A whole number below `end` in two digits.
    std::optional<int> part(int end) {
        const auto value = number(2);
        return value && *value < end ? value : std::nullopt;
    }
    /// Digits behind the point; those after the third are dropped.
    std::optional<UnixMillis> fraction() {
        UnixMillis value{};
        UnixMillis unit{100};
        const std::size_t before = rest_.size();
        for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; unit /= 10) {
            value += (rest_.front() - '0') * unit;
            rest_.remove_prefix(1);
        }
        return rest_.size() < before ? std::optional{value} : std::nullopt;
    }

private:
    std::string_view rest_;
};

std::optional<UnixMillis> read_date(TimeReader& reader) {
    const auto year = reader.number(4);
    if (!year || !reader.take("-")) return std::nullopt;
    const auto month = reader.number(2);
    if (!month || !reader.take("-")) return std::nullopt;
    const auto day = reader.number(2);
    if (!day) return std::nullopt;
    const chrono::year_month_day date{chrono::year{*year},
                                      chrono::month{static_cast<unsigned>(*month)},
                                      chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return UnixMillis{chrono::sys_days{date}.time_since_epoch()};
}

/// Hours and minutes; seconds and a fraction when they are there.
std::optional<UnixMillis> read_clock(TimeReader& reader) {
    const auto hour = reader.part(24);
    if (!hour || !reader.take(":")) return std::nullopt;
    const auto minute = reader.part(60);
    if (!minute) return std::nullopt;
    const UnixMillis time = chrono::hours{*hour} + chrono::minutes{*minute};
    if (!reader.take(":")) return time;
    const auto second = reader.part(61);  // 60 is a leap second
    if (!second) return std::nullopt;
    if (!reader.take(".")) return time + chrono::seconds{*second};
    const auto fraction = reader.fraction();
    if (!fraction) return std::nullopt;
    return time + chrono::seconds{*second} + *fraction;
}

/// How far the clock of the zone is ahead of UTC; nothing given is UTC.
std::optional<UnixMillis> read_offset(TimeReader& reader) {
    if (reader.is_at_end() || reader.take("Zz")) return UnixMillis{};
    const bool is_ahead = reader.take("+");
    if (!is_ahead && !reader.take("-")) return std::nullopt;
    const auto hour = reader.part(24);
    if (!hour || !reader.take(":")) return std::nullopt;
    const auto minute = reader.part(60);
    if (!minute) return std::nullopt;
    const UnixMillis offset = chrono::hours{*hour} + chrono::minutes{*minute};
    return is_ahead ? offset : -offset;
}

std::optional<UnixMillis> parse_calendar_time(std::string_view text) {
    TimeReader reader{text};
    const auto date = read_date(reader);
    if (!date || reader.is_at_end()) return date;
    if (!reader.take("Tt ")) return std::nullopt;
    const auto clock = read_clock(reader);
    if (!clock) return std::nullopt;
    const auto offset = read_offset(reader);
    if (!offset || !reader.is_at_end()) return std::nullopt;
    const UnixMillis time = *date + *clock - *offset;
    if (time.count() < millis_min || time.count() > millis_max) return std::nullopt;
    return time;
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
    if (const auto time = parse_calendar_time(text)) return *time;
    std::int64_t number = 0;
    const char* last = text.data() + text.size();
    const auto [end, failure] = std::from_chars(text.data(), last, number);
    if (failure == std::errc{} && end == last && number >= 0 && number <= millis_max)
        return number < seconds_end ? UnixMillis{std::chrono::seconds{number}} : UnixMillis{number};
    if (const Result<Duration> age = parse_duration(text); age.ok())
        return now - chrono::duration_cast<UnixMillis>(*age);
    return Error{"\"" + std::string{text} +
                 "\" is not a time; write 2024-05-01T12:00:00Z, '2024-05-01 12:00' (UTC), seconds "
                 "since 1970, "
                 "or 10m for ten minutes ago"};
}

}  // namespace coppice
