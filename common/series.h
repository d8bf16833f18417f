#pragma once
// Series: questions that are asked again and again, and what their windows gave.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/host_set.h"
#include "common/partial.h"
#include "common/result.h"
#include "common/time.h"

namespace coppice {

/// A series is asked as often as this at most, and at least.
inline constexpr std::chrono::milliseconds series_every_min = std::chrono::seconds{1};
inline constexpr std::chrono::milliseconds series_every_max = std::chrono::hours{24};
inline constexpr std::chrono::milliseconds series_keep_max = std::chrono::hours{24 * 90};

/// What one window of a series gave. Its values are those of the hosts that were asked less the
/// missing ones, each once.
struct Sample {
    struct Row {
        GroupKey key;
        std::uint64_t hosts = 0;
        std::vector<std::optional<double>> values;  // by formula; none: the formula has no value
        friend bool operator==(const Row&, const Row&) = default;
    };
    UnixMillis at{};                   // when the window opened
    std::chrono::milliseconds took{};  // until it was closed
    WindowId window;
    std::uint64_t asked = 0;        // hosts
    HostSet missing;                // of those
    std::vector<Row> rows;          // by key; one, with an empty key, when nothing is grouped
    std::uint64_t groups_more = 0;  // beyond limits::series_groups_max, by key
    friend bool operator==(const Sample&, const Sample&) = default;
};

/// Reads what a store holds of series, by slices. Of the thread that commits.
class SeriesReader {
public:
    virtual ~SeriesReader() = default;
    /// Windows that opened after `after`, oldest first, at most `count_max`.
    [[nodiscard]] virtual Result<std::vector<Sample>> samples(std::string_view series,
                                                              UnixMillis after,
                                                              std::size_t count_max) = 0;
};

}  // namespace coppice
