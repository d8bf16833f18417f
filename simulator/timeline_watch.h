#pragma once
// Compares the timelines of hosts, as the manager writes them, with when they were up in truth.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "simulator/fleet.h"
#include "simulator/outages.h"
#include "simulator/witness.h"

namespace coppice {

/// Of each host: the share of the span in which its timeline says live and it was down, or the
/// other way round. Where it has no row yet it is not live.
struct AvailabilityErrors {
    double max = 0;
    double p99 = 0;
    double mean = 0;
    std::string worst;  // the host of the greatest
};

/// Outlives the world's last event.
class TimelineWatch final : public Witness {
public:
    TimelineWatch(const Fleet& fleet, const Outages& outages) : fleet_{fleet}, outages_{outages} {}

    void on_commit(HostIndex host, std::span<const Write> writes) override;
    /// Requires the instant at which the trace began, and that its span is over.
    [[nodiscard]] AvailabilityErrors errors(Instant trace_start) const;

private:
    /// When a row begins, by the manager's clock, and whether the host is live in it.
    using Row = std::pair<UnixMillis, bool>;
    /// From, to, ascending and apart from each other.
    using Stretches = std::vector<std::pair<UnixMillis, UnixMillis>>;

    [[nodiscard]] Stretches written(const std::string& name, Instant trace_start) const;
    [[nodiscard]] Stretches lived(const TracedHost& host) const;

    const Fleet& fleet_;
    const Outages& outages_;
    std::map<std::string, HostId> id_of_;  // by name
    std::map<HostId, std::vector<Row>> rows_;
};

}  // namespace coppice
