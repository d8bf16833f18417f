#pragma once
// Compares the stories of a manager with failures that belonged together in truth.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulator/fleet.h"
#include "simulator/outage_watch.h"
#include "simulator/outages.h"
#include "simulator/witness.h"

namespace coppice {

struct BurstFindings {
    /// At least ten hosts of one group (of TracedHost) that failed within a minute, each for longer
    /// than the bound of detection.
    std::uint64_t bursts = 0;
    /// Of those: more than half of its hosts are in one story.
    std::uint64_t bursts_grouped = 0;
    std::uint64_t stories = 0;  // events "hosts.lost"
    /// Of the hosts in stories, the share that is of the group that most of its story is of.
    double group_precision = 1;
};

/// Outlives the world's last event.
class BurstWatch final : public Witness {
public:
    BurstWatch(const Fleet& fleet, const Outages& outages, const OutageBound& bound);

    void on_commit(HostIndex host, std::span<const Write> writes) override;
    /// Requires the instant at which the trace began.
    [[nodiscard]] BurstFindings findings(Instant trace_start) const;

private:
    struct Story {
        Instant told{};
        HostSet hosts;
    };
    struct Burst {
        std::chrono::seconds begin{};
        std::vector<std::string> hosts;
    };
    [[nodiscard]] std::vector<Burst> bursts() const;
    [[nodiscard]] bool is_grouped(const Burst& burst, Instant trace_start) const;

    const Fleet& fleet_;
    const Outages& outages_;
    OutageBound bound_;
    std::map<std::uint64_t, Story> stories_;     // by id
    std::map<std::string, HostId> id_of_;        // by name
    std::map<HostId, std::string> group_of_;     // of TracedHost
    std::map<std::string, std::string> groups_;  // by name
};

}  // namespace coppice
