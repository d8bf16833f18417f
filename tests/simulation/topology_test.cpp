// Every size round the powers of the fan-out, every single death: the tree heals (prrte#2571).
#include <gtest/gtest.h>

#include <set>

#include "simulator/fleet.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

constexpr Duration start_bound = 10s;
constexpr Duration heal_bound = 12s;

std::string text_of(const Sentences& sentences) {
    std::string text;
    for (const std::string& sentence : sentences) text += sentence + '\n';
    return text;
}

std::set<std::uint32_t> sizes_of(std::uint32_t fanout) {
    const std::uint32_t square = fanout * fanout;
    return {1, 2, fanout - 1, fanout, fanout + 1, square - 1, square, square + 1};
}

class Topology : public testing::TestWithParam<std::uint32_t> {
protected:
    /// With a fan-out above 4 only some deaths are tried, those of the first hosts and of the root.
    static bool is_tried(std::uint32_t fanout, HostIndex host, const Fleet& fleet) {
        return fanout <= 4 || host <= 3 || fleet.root() == host;
    }
};

TEST_P(Topology, EverySizeComesUpWithAllRulesOfTheTree) {
    for (const std::uint32_t hosts : sizes_of(GetParam())) {
        Fleet fleet{{.hosts = hosts, .fanout = GetParam()}};
        fleet.start();
        EXPECT_TRUE(fleet.settle(start_bound)) << hosts << " hosts:\n"
                                               << text_of(check_settled(fleet.snapshot()));
        EXPECT_EQ(fleet.snapshot().views.size(), hosts);
    }
}

TEST_P(Topology, EverySingleDeathLeavesEveryOtherHostReachable) {
    for (const std::uint32_t hosts : sizes_of(GetParam())) {
        for (HostIndex dead = 1; dead <= hosts; ++dead) {
            Fleet fleet{{.hosts = hosts, .fanout = GetParam(), .seed = dead}};
            fleet.start();
            ASSERT_TRUE(fleet.settle(start_bound)) << hosts << " hosts";
            if (!is_tried(GetParam(), dead, fleet)) continue;
            fleet.crash(dead);
            const std::string story = std::to_string(hosts) + " hosts, n" + std::to_string(dead) +
                                      " dies, seed " + std::to_string(dead) + ":\n";
            EXPECT_TRUE(fleet.settle(heal_bound))
                << story << text_of(check_settled(fleet.snapshot()));
            EXPECT_EQ(text_of(check_always(fleet.snapshot())), "") << story;
            fleet.world().run_for(2s);  // until the root has been told of every subtree
            const Answer answer = fleet.ask(QueryCommand{});
            const auto* answered = std::get_if<QueryAnswered>(&answer);
            EXPECT_EQ(answered == nullptr ? 0 : answered->included.size(), hosts - 1) << story;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Fanouts, Topology, testing::Values(2U, 3U, 4U, 6U));

}  // namespace
}  // namespace coppice
