#include "simulator/check.h"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/unit/simulator/broken_roles.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

CheckOptions few_seeds() { return {.first_seed = 7, .seeds = 3, .hosts = 8, .duration = 10s}; }

/// Every manager of a seed from 8 on writes everything twice.
void break_from_8_on(CampaignOptions& campaign) {
    if (campaign.fleet.seed < 8) return;
    campaign.fleet.wrap_node = [](HostIndex host,
                                  std::unique_ptr<Node> node) -> std::unique_ptr<Node> {
        if (host != Fleet::manager_index) return node;
        return std::make_unique<BrokenNode>(std::move(node), [](const Input&, Outputs& outputs) {
            const std::vector<Write> writes = outputs.writes;
            outputs.writes.insert(outputs.writes.end(), writes.begin(), writes.end());
        });
    };
}

TEST(SeedCheck, GivesTheSameHoweverManyThreadsThereAre) {
    CheckOptions options = few_seeds();
    const CheckReport alone = run_check(options);
    options.jobs = 3;
    const CheckReport together = run_check(options);
    EXPECT_EQ(alone.seeds, 3U);
    EXPECT_EQ(alone.hash, together.hash);
    EXPECT_EQ(alone.events, together.events);
    EXPECT_FALSE(together.failing_seed.has_value());
}

TEST(SeedCheck, ReportsTheLowestBrokenSeedAndHowToReplayIt) {
    for (const unsigned jobs : {1U, 3U}) {
        CheckOptions options = few_seeds();
        options.jobs = jobs;
        options.adjust = break_from_8_on;
        const CheckReport report = run_check(options);
        EXPECT_EQ(report.failing_seed, 8U);
        EXPECT_FALSE(report.broken.empty());
        EXPECT_EQ(repeat_command(options, 8),
                  "coppice-sim check --seeds 1 --first-seed 8 --hosts 8 --duration 10000ms "
                  "--trace");
    }
}

TEST(SeedCheck, ARunThatDoesNotRepeatItselfIsFound) {
    CheckOptions options = few_seeds();
    std::atomic<int> runs = 0;
    options.adjust = [&runs](CampaignOptions& campaign) {
        campaign.fleet.host.apply_max += std::chrono::milliseconds{++runs};
    };
    const CheckReport report = run_check(options);
    EXPECT_EQ(report.failing_seed, 7U);
    ASSERT_EQ(report.broken.size(), 1U);
    EXPECT_NE(report.broken.front().find("another run the second time"), std::string::npos);
}

TEST(SeedCheck, TellsTheStoryOfTheFirstSeed) {
    std::size_t lines = 0;
    const CheckReport told = tell_seed(few_seeds(), [&lines](const std::string&) { ++lines; });
    CheckOptions options = few_seeds();
    options.seeds = 1;
    EXPECT_GT(lines, 100U);
    EXPECT_EQ(told.hash, run_check(options).hash);
}

}  // namespace
}  // namespace coppice
