#pragma once
// From targets to settings: the heartbeat interval, and if need be the fan-out, with which a fleet
// keeps what people want of its detection.
//
// What can be set is the interval (0.1 s to 60 s) and the fan-out; that a host is lost after four
// silent intervals is fixed. A shorter interval detects earlier, and costs more bytes and more
// false deaths; a smaller fan-out costs a branch fewer bytes, and may make the tree deeper.

#include <cstdint>
#include <optional>
#include <string>

#include "common/detection.h"

namespace coppice {

/// What is not given is no target. Beyond loss_max the model of false deaths means nothing.
inline constexpr double loss_max = 0.5;
struct DetectionTargets {
    std::optional<Duration> silent;                    // the bound of a host that falls silent
    std::optional<double> false_deaths_per_host_year;  // above 0
    std::optional<double> bytes_per_branch;            // a second, above 0
    double loss = 0;  // of beats, at most loss_max; see false_deaths_per_host_year()
};

struct PlannedFleet {
    std::uint64_t hosts = 1;
    std::uint32_t fanout = 32;
    Position position;  // of the host in question, at that fan-out
    Duration message{};
};

struct DetectionPlan {
    bool is_met = false;
    std::string sentence;  // which target cannot be had, and what is nearest; empty when all can
    // The settings, and what they give. When not all targets can be had: the nearest.
    Duration interval{};
    std::uint32_t fanout = 0;
    std::uint32_t depth = 0;  // of the host; at another fan-out than now that of the deepest
    Duration silent{};
    double false_deaths_per_host_year = 0;
    double bytes_per_branch = 0;
};

/// With a target of detection, the longest interval that meets it, which is the cheapest and has
/// the fewest false deaths; otherwise the shortest one that meets the others. The fan-out stays
/// unless the bytes need a smaller one.
[[nodiscard]] DetectionPlan plan_detection(const DetectionTargets& targets,
                                           const PlannedFleet& fleet);

}  // namespace coppice
