#pragma once
// Many campaigns, one a seed, on several threads: `coppice-sim check`.

#include <functional>
#include <optional>
#include <string>

#include "simulator/campaign.h"

namespace coppice {

struct CheckOptions {
    std::uint64_t first_seed = 1;
    std::uint64_t seeds = 100;
    std::uint32_t hosts = 60;
    /// Virtual time with faults, of each seed.
    Duration duration = std::chrono::seconds{180};
    unsigned jobs = 1;
    /// Changes the campaign of a seed before it runs, on any thread; empty: nothing.
    std::function<void(CampaignOptions&)> adjust;
};

struct CheckReport {
    std::uint64_t seeds = 0;  // that ended
    std::uint64_t events = 0;
    std::uint64_t faults = 0;
    std::uint64_t hash = 0;  // of the hashes of all seeds
    Duration simulated{};
    /// The lowest seed that is broken, and what is: the same however many jobs there are.
    std::optional<std::uint64_t> failing_seed;
    Sentences broken;
};

/// Called after each seed, from any thread but one at a time; `ended` seeds have.
using CheckProgress = std::function<void(std::uint64_t ended)>;

/// Ends early when a seed is broken. The first seed runs twice: a run that does not repeat itself
/// is broken too.
[[nodiscard]] CheckReport run_check(const CheckOptions& options,
                                    const CheckProgress& progress = {});

/// The first seed alone, with its story.
[[nodiscard]] CheckReport tell_seed(const CheckOptions& options, const Trace::Sink& sink);

/// The command that runs one seed again and tells its story.
[[nodiscard]] std::string repeat_command(const CheckOptions& options, std::uint64_t seed);

}  // namespace coppice
