#pragma once
// What a command of coppice-sim found, as plain values: one form for JSON, summary and page.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "simulator/meter.h"

namespace coppice {

/// How a number is shown to people; JSON has it as it is.
enum class Unit : std::uint8_t { none, seconds, millis, bytes, share };

/// One scalar: in JSON under its key, elsewhere with its label. A figure that a command does not
/// know is not there.
struct Figure {
    std::string key;    // "false_lost"
    std::string label;  // "falsely called lost"
    std::variant<std::uint64_t, double, std::string> value;
    Unit unit = Unit::none;
    bool is_key = false;  // one of the few that the page shows large
};

/// Times of many like things, such as detections.
struct Distribution {
    std::string key;              // "detection_ms"
    std::string title;            // "Detection"
    std::string what;             // "from a crash until the manager calls the host lost"
    std::string things;           // "deaths"
    std::vector<Duration> times;  // ascending
    std::uint64_t missing = 0;    // things that never happened
    std::optional<Duration> bound{};
};

struct Report {
    std::string kind;     // "run"
    std::string title;    // "1,000 hosts for 10 min"
    std::string command;  // that repeats the run
    /// Options that were not left at their defaults, and those that matter most.
    std::vector<std::pair<std::string, std::string>> options;
    std::vector<Figure> figures;  // in the order in which they are shown
    std::vector<Distribution> distributions;
    std::optional<MeterReadings> meter;
    std::vector<std::string> broken;  // one sentence for each broken rule
    std::vector<std::string> notes;   // what a reader must know besides, as sentences
    std::string verdict;  // a sentence in place of "All invariants held."; empty: that one
};

/// The nearest rank: at least `share` of the times are no longer. Zero for no times.
[[nodiscard]] Duration quantile(const std::vector<Duration>& ascending, double share);

/// What a figure shows to people, such as "12.4 s" or "1,024".
[[nodiscard]] std::string value_text(const Figure& figure);

/// "Detection of 32 crashes".
[[nodiscard]] std::string heading_of(const Distribution& some);

/// How many values are in first to last.
struct Slot {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t count = 0;
};
/// From the least to the greatest value in at most `slots_max` slots of one round width.
[[nodiscard]] std::vector<Slot> histogram(const std::vector<std::uint64_t>& values,
                                          std::uint64_t slots_max);
/// "3", or "10–19".
[[nodiscard]] std::string slot_text(const Slot& slot);

/// Loads by role, then by level, with heads: name, hosts, all/s, each/s, busiest/s, and the same
/// of bytes when there are any.
[[nodiscard]] std::vector<std::vector<std::string>> load_table(const MeterReadings& meter);

/// Messages that the root hears of its children in one interval.
struct RootInbound {
    std::uint64_t median = 0;
    double mean = 0;
    std::uint64_t most = 0;
};
[[nodiscard]] RootInbound root_inbound(const MeterReadings& meter);

/// The sentence for a report of which nothing is broken.
[[nodiscard]] std::string verdict_of(const Report& report);

/// For a page of text, in colours when they are wanted.
[[nodiscard]] std::string report_text(const Report& report, bool has_colours);

/// One self-contained page: no scripts, nothing that is loaded.
[[nodiscard]] std::string report_page(const Report& report);

}  // namespace coppice
