#pragma once
// How available hosts were in a window of time, from the rows of their timelines.
//
// At any time a host is one of: up (live, whether it may hold roles or not); planned, out of
// service as people wanted; down, out of service otherwise; or unknown: before its first row, and
// while it joins for the first time. A goodbye begins a planned stop, and so does any absence of a
// drained host. It lasts until the host is live; a loss while it is not drained turns it into an
// outage. An outage stays one, even if the host is drained later, until the host is live or says
// goodbye.
//
// Of the terms of IEC 60050-192 (Electropedia, area 192 "Dependability"), over a window:
//   availability                up / (up + down): planned stops are not held against a host
//   operational availability    up / (up + down + planned)
//   nines                       -log10(1 - availability)
//   failures                    outages that begin in the window
//   repairs                     of those, the ones after which the host is live within the window
//   MTBF                        mean operating time between failures: up / failures
//   MTTR                        mean time to restoration: mean of the lengths of repairs
//   flaps                       failures within `flap_time_max` of a restoration
// What is unknown counts for nothing: neither as up nor as down.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>

#include "common/timeline.h"

namespace coppice {

/// A host that fails again so soon was not restored: the default cool-down before it gets a role.
inline constexpr UnixMillis flap_time_max = std::chrono::minutes{10};

/// From `since` until just before `until`, which is later.
struct Window {
    UnixMillis since{};
    UnixMillis until{};
    [[nodiscard]] UnixMillis length() const { return until - since; }
};

/// Lengths of time of which the median is wanted, in bounded memory: they are kept to three digits.
class LengthCounts {
public:
    void add(UnixMillis length);
    void add(const LengthCounts& others);
    [[nodiscard]] std::uint64_t count() const { return count_; }
    /// Exact; none when there are no lengths.
    [[nodiscard]] std::optional<UnixMillis> mean() const;
    /// At most half a hundredth away; the mean of the two in the middle when there are two.
    [[nodiscard]] std::optional<UnixMillis> median() const;

private:
    [[nodiscard]] UnixMillis at(std::uint64_t index) const;

    std::map<UnixMillis, std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    UnixMillis sum_{};
};

/// Of one host, or of several: times and numbers are sums over them.
struct Availability {
    std::uint64_t hosts = 0;
    std::uint64_t partly_known = 0;  // hosts of which something of the window is unknown
    UnixMillis up{};
    UnixMillis down{};
    UnixMillis planned{};
    UnixMillis unknown{};
    std::uint64_t failures = 0;
    std::uint64_t flaps = 0;
    std::uint64_t planned_stops = 0;  // that begin in the window
    std::uint64_t down_at_end = 0;    // hosts
    LengthCounts repairs;

    void add(const Availability& others);
    [[nodiscard]] UnixMillis observed() const { return up + down + planned; }
    /// None: nothing was observed but planned stops.
    [[nodiscard]] std::optional<double> availability() const;
    /// None: nothing was observed.
    [[nodiscard]] std::optional<double> operational_availability() const;
    /// None: nothing was down.
    [[nodiscard]] std::optional<double> nines() const;
    /// None: there was no failure.
    [[nodiscard]] std::optional<UnixMillis> mtbf() const;
};

/// Folds the rows of one host, oldest first. Those that were over before the window only say what
/// the host was when it began.
class AvailabilityFold {
public:
    explicit AvailabilityFold(const Window& window) : window_{window}, at_{window.since} {}

    void take(const TimelineRow& row);
    /// Further rows begin after the window.
    [[nodiscard]] bool is_over() const { return at_ == window_.until; }
    /// The newest row lasts until the end of the window.
    [[nodiscard]] Availability finish();

private:
    enum class Service : std::uint8_t { unknown, up, planned, down };

    [[nodiscard]] Service service_after(const HostCondition& condition) const;
    void pass(UnixMillis time);
    void enter(Service next, UnixMillis time);

    Window window_;
    UnixMillis at_;  // up to here the window is accounted for
    Service service_ = Service::unknown;
    std::optional<UnixMillis> failed_at_;    // of the outage that lasts
    std::optional<UnixMillis> restored_at_;  // of the newest
    Availability found_{.hosts = 1};
};

}  // namespace coppice
