// Many lives of small fleets under random faults, all rules checked all the time.
// COPPICE_SEEDS sets how many; a broken one prints how to replay it.
#include <gtest/gtest.h>

#include <cstdlib>

#include "simulator/campaign.h"

namespace coppice {
namespace {

constexpr std::uint32_t hosts = 20;
constexpr std::uint64_t seeds_by_default = 300;

std::uint64_t seeds() {
    const char* given = std::getenv("COPPICE_SEEDS");
    return given == nullptr ? seeds_by_default : std::strtoull(given, nullptr, 10);
}

class Seeds : public testing::TestWithParam<std::uint64_t> {};

/// Four parts, so that a machine with several cores can run them side by side.
constexpr std::uint64_t parts = 4;

TEST_P(Seeds, EveryRuleHoldsThroughRandomFaultsAndTheFleetRecovers) {
    for (std::uint64_t seed = 1 + GetParam(); seed <= seeds(); seed += parts) {
        const CampaignOptions options = campaign_of_seed(seed, hosts);
        const CampaignReport report = run_campaign(options);
        std::string broken;
        for (const std::string& sentence : report.findings.broken) broken += "  " + sentence + '\n';
        EXPECT_EQ(broken, "") << "replay: coppice-sim check --seeds 1 --hosts " << hosts
                              << " --first-seed " << seed << " --duration "
                              << options.duration / std::chrono::seconds{1} << "s --trace";
    }
}

INSTANTIATE_TEST_SUITE_P(Parts, Seeds, testing::Range(std::uint64_t{0}, parts));

TEST(Seeds, OneSeedGivesOneHash) {
    const CampaignReport first = run_campaign(campaign_of_seed(5, hosts));
    const CampaignReport again = run_campaign(campaign_of_seed(5, hosts));
    EXPECT_EQ(first.hash, again.hash);
    EXPECT_EQ(first.events, again.events);
    EXPECT_NE(first.hash, run_campaign(campaign_of_seed(6, hosts)).hash);
}

}  // namespace
}  // namespace coppice
