#pragma once
// What a swarm reports: the figures of one process, which add up to those of all.

#include <cstdint>
#include <string>

namespace coppice {

/// Sums since the start of a process, but for the first group. Sent between processes as it is.
struct SwarmFigures {
    // At this moment.
    std::uint64_t agents = 0;
    std::uint64_t running = 0;  // neither killed nor paused
    std::uint64_t live = 0;     // attached to the tree, or its root
    std::uint64_t roots = 0;
    std::uint64_t branches = 0;
    std::uint64_t leaves = 0;
    std::uint64_t descriptors = 0;
    std::uint64_t resident_bytes = 0;

    std::uint64_t cpu_us = 0;
    std::uint64_t heartbeats = 0;  // sent
    std::uint64_t frames = 0;      // sent
    std::uint64_t dropped_frames = 0;
    std::uint64_t bad_frames = 0;
    std::uint64_t applied = 0;
    std::uint64_t statements_opened = 0;
    std::uint64_t signatures_checked = 0;
    std::uint64_t killed = 0;
    std::uint64_t paused = 0;
    std::uint64_t returned = 0;  // started again, or resumed

    SwarmFigures& operator+=(const SwarmFigures& other);
};

/// Of the whole swarm.
struct SwarmReport {
    SwarmFigures sums;
    std::uint32_t processes = 1;
    double connected_s = -1;  // from the start until all were live; negative: not yet
    double recovered_s = -1;  // from the return of the last that were down until all were live
    // Since all were live.
    std::uint64_t steady_cpu_us = 0;
    std::uint64_t steady_heartbeats = 0;
};

[[nodiscard]] std::string report_json(const SwarmReport& report);
/// One line for people.
[[nodiscard]] std::string report_line(const SwarmReport& report);
/// A table of everything.
[[nodiscard]] std::string report_text(const SwarmReport& report);

}  // namespace coppice
