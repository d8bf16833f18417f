#pragma once
// One seed, one life of a fleet: it starts, suffers, is mended, and must then be as good as new.

#include <functional>

#include "simulator/fault_plan.h"
#include "simulator/observer.h"

namespace coppice {

struct CampaignOptions {
    FleetOptions fleet;
    FaultPlanOptions faults;  // its seed is not used: the fleet's is
    /// Time with faults, pushes and questions.
    Duration duration = std::chrono::seconds{40};
    /// Mean pause between two pushes, and between two questions; zero: none.
    Duration work_gap = std::chrono::seconds{3};
    /// Mean pause between two plans, or ways back, that people apply; zero: none.
    Duration reshape_gap{};
    /// Asked while there are faults.
    std::vector<SeriesRecord> series;
    /// Steps of nodes between two full sweeps of the checkers; zero: as the observer likes.
    std::uint64_t sweep_steps = 0;
    /// Without checkers a run ends with its duration: nothing is mended, and nothing proven.
    bool is_checking = true;
    /// Once everything is mended the fleet must be at rest within this.
    Duration recovery = std::chrono::seconds{90};
};

struct CampaignReport {
    Findings findings;  // findings.broken is empty when everything held
    std::uint64_t hash = 0;
    std::uint64_t events = 0;
    Duration simulated{};
    Duration recovered_after{};
    std::uint64_t lost = 0;  // hosts at the end of a run without checkers
    std::uint64_t faults = 0;
    std::uint64_t pushes = 0;
    std::uint64_t reshaped = 0;  // moves of plans that people applied
    NetworkCounters network;
};

/// Deterministic: equal options give equal reports.
[[nodiscard]] CampaignReport run_campaign(const CampaignOptions& options,
                                          const FleetHooks& hooks = {});

/// What `coppice-sim check` and the tests do with one seed: all faults, and timers that are long in
/// a real fleet short enough to matter.
[[nodiscard]] CampaignOptions campaign_of_seed(std::uint64_t seed, std::uint32_t hosts,
                                               Duration duration = std::chrono::seconds{40});

}  // namespace coppice
