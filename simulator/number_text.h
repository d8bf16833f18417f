#pragma once
// Numbers as people read them: grouped digits, units of bytes, time and shares, round axis ticks.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.h"

namespace coppice {

/// "1,234,567".
[[nodiscard]] std::string grouped(std::uint64_t value);
/// At most three significant digits below a thousand, grouped above: "0.028", "3.14", "12,346".
[[nodiscard]] std::string rate_text(double value);
/// "512 B", "3.2 KiB".
[[nodiscard]] std::string bytes_text(double bytes);
/// In the unit that suits it: "85 ms", "2.31 s", "12 min 5 s", "3 d 4 h".
[[nodiscard]] std::string time_text(Duration time);
/// "99.9 %".
[[nodiscard]] std::string share_text(double share);
/// For an axis: "0", "250", "12k", "1.5M".
[[nodiscard]] std::string axis_text(double value);
/// "1 host", "3 hosts".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);

/// Round numbers from 0 (or below `low`) to at least `high`, about `wanted` of them. Requires
/// low < high.
[[nodiscard]] std::vector<double> round_ticks(double low, double high, int wanted);
/// The same for seconds: steps of 1, 5, 15, 30 s, min, h and days.
[[nodiscard]] std::vector<double> time_ticks(double high_s, int wanted);
/// A tick of time_ticks: "90 s", "5 min", "2 h", "40 d"; `step_s` is the distance of two ticks.
[[nodiscard]] std::string tick_time_text(double seconds, double step_s);

}  // namespace coppice
