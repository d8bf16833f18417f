#include "simulator/check.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

namespace coppice {

namespace {

class Check {
public:
    Check(const CheckOptions& options, const CheckProgress& progress)
        : options_{options}, progress_{progress}, next_{options.first_seed} {}

    CheckReport run() {
        std::vector<std::thread> workers;
        for (unsigned worker = 1; worker < options_.jobs; ++worker)
            workers.emplace_back([this] { work(); });
        work();
        for (std::thread& worker : workers) worker.join();
        repeat_first();
        return report();
    }

private:
    [[nodiscard]] CampaignReport campaign(std::uint64_t seed) const {
        CampaignOptions campaign = campaign_of_seed(seed, options_.hosts, options_.duration);
        if (options_.adjust) options_.adjust(campaign);
        return run_campaign(campaign);
    }

    /// Seeds are taken in their order, so when one is broken every lower one has been taken.
    void work() {
        while (const std::optional<std::uint64_t> seed = take()) {
            CampaignReport report = campaign(*seed);
            const std::lock_guard lock{mutex_};
            is_broken_ = is_broken_ || !report.findings.broken.empty();
            reports_.emplace(*seed, std::move(report));
            if (progress_) progress_(reports_.size());
        }
    }

    std::optional<std::uint64_t> take() {
        const std::lock_guard lock{mutex_};
        if (is_broken_ || next_ == options_.first_seed + options_.seeds) return std::nullopt;
        return next_++;
    }

    void repeat_first() {
        const auto first = reports_.find(options_.first_seed);
        if (first == reports_.end() || !first->second.findings.broken.empty()) return;
        const CampaignReport again = campaign(options_.first_seed);
        if (again.hash != first->second.hash || again.events != first->second.events)
            first->second.findings.broken.emplace_back(
                "replay: The same seed gave another run the second time.");
    }

    CheckReport report() {
        CheckReport sum{.seeds = reports_.size()};
        for (auto& [seed, report] : reports_) {
            sum.events += report.events;
            sum.faults += report.faults;
            sum.simulated += report.simulated;
            sum.hash = scramble(sum.hash ^ report.hash);
            if (sum.failing_seed || report.findings.broken.empty()) continue;
            sum.failing_seed = seed;
            sum.broken = std::move(report.findings.broken);
        }
        return sum;
    }

    const CheckOptions& options_;
    const CheckProgress& progress_;
    std::mutex mutex_;
    std::uint64_t next_;
    bool is_broken_ = false;
    std::map<std::uint64_t, CampaignReport> reports_;
};

}  // namespace

CheckReport run_check(const CheckOptions& options, const CheckProgress& progress) {
    return Check{options, progress}.run();
}

CheckReport tell_seed(const CheckOptions& options, const Trace::Sink& sink) {
    CampaignReport told = run_campaign(
        campaign_of_seed(options.first_seed, options.hosts, options.duration), {.sink = sink});
    CheckReport report{.seeds = 1,
                       .events = told.events,
                       .faults = told.faults,
                       .hash = scramble(told.hash),
                       .simulated = told.simulated};
    if (!told.findings.broken.empty()) report.failing_seed = options.first_seed;
    report.broken = std::move(told.findings.broken);
    return report;
}

std::string repeat_command(const CheckOptions& options, std::uint64_t seed) {
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(options.duration);
    return "coppice-sim check --seeds 1 --first-seed " + std::to_string(seed) + " --hosts " +
           std::to_string(options.hosts) + " --duration " + std::to_string(millis.count()) +
           "ms --trace";
}

}  // namespace coppice
