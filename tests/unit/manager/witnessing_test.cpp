// A root that is silent: is it gone, or is the manager cut off?

#include <gtest/gtest.h>

#include "cell_bench.h"

namespace coppice::testing {
namespace {

using namespace std::chrono_literals;

class ASilentRoot : public ::testing::Test {
protected:
    void SetUp() override {
        bench.join_many(12);
        ASSERT_TRUE(bench.settle());
        root = bench.root();
        bench.is_root_silent = true;
        answer_to_probes(ProbeResult::unanswered, ProbeResult::unanswered);
    }
    void answer_to_probes(ProbeResult of_root, ProbeResult of_others) {
        const std::vector<std::string> address{"tcp://root:1"};
        bench.probe_result = [=](const Probe& probe) {
            return probe.addresses == address ? of_root : of_others;
        };
    }
    [[nodiscard]] HostState state() const { return bench.view(root).record.state; }

    CellBench bench{4};
    std::string root;
};

TEST_F(ASilentRoot, IsLostWhenSomebodyElseAnswers) {
    answer_to_probes(ProbeResult::unanswered, ProbeResult::refused);
    bench.run(5s);
    EXPECT_EQ(state(), HostState::lost);
    EXPECT_EQ(bench.view(root).record.cause, Cause::unreachable);
}

TEST_F(ASilentRoot, IsNotCalledLostByAManagerThatHearsNobody) {
    bench.run(10min);
    EXPECT_EQ(state(), HostState::live);
    EXPECT_EQ(bench.root(), root);
    EXPECT_EQ(bench.events("hosts.unseen").size(), 1U);
    EXPECT_EQ(bench.metric("coppice_unseen_total"), 1);
    EXPECT_EQ(bench.metric("coppice_hosts_lost_total"), 0);
    bench.is_root_silent = false;
    bench.probe_result = {};
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.root(), root) << "nothing had happened to it";
    EXPECT_EQ(bench.events("hosts.seen").size(), 1U);
    EXPECT_EQ(bench.metric("coppice_hosts_lost_total"), 0);
}

TEST_F(ASilentRoot, HasTheTimeOfADetectionWhenSomebodyIsThereAgain) {
    bench.run(60s);
    answer_to_probes(ProbeResult::unanswered, ProbeResult::connected);
    bench.run(4s);
    EXPECT_EQ(state(), HostState::live);
    bench.run(2s);
    EXPECT_EQ(state(), HostState::lost) << "it died while nobody could tell";
    EXPECT_NE(bench.root(), root);
}

TEST(AManagerWithoutARoot, SleepsThoughItHeardSomebody) {
    CellBench bench{4};
    bench.join("n1");
    bench.kill("n1");
    bench.run(10s);
    ASSERT_EQ(bench.root(), "") << "nobody is left to lead";
    bench.restart_host("n1");
    ASSERT_TRUE(bench.settle());
    bench.run(10s);
    EXPECT_EQ(bench.metric("coppice_own_gaps_total"), 0) << "no deadline stayed in the past";
}

TEST(ARootWithoutOthers, IsLostWithoutAWitness) {
    CellBench bench{4};
    bench.join("n1");
    bench.is_root_silent = true;
    bench.probe_result = [](const Probe&) { return ProbeResult::unanswered; };
    bench.run(5s);
    EXPECT_EQ(bench.view("n1").record.state, HostState::lost);
}

TEST(Transitions, AreCounted) {
    CellBench bench{4};
    bench.join_many(12);
    ASSERT_TRUE(bench.settle());
    const auto total = [&bench](const std::string& what) {
        return bench.metric("coppice_" + what + "_total");
    };
    EXPECT_EQ(total("hosts_live"), 12);
    EXPECT_EQ(total("root_changes"), 1);
    EXPECT_GE(total("promotions"), 1);
    EXPECT_GE(total("understudy_changes"), 1);
    const std::string root = bench.root();
    bench.kill(root);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(total("hosts_lost"), 1);
    EXPECT_EQ(total("root_changes"), 2);
    bench.restart_host(root);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(total("hosts_restarted"), 1);
    EXPECT_EQ(total("hosts_live"), 13);
    EXPECT_EQ(total("hosts_unstable"), 0);
    bench.kill(root);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(total("hosts_unstable"), 1);
    EXPECT_EQ(bench.events("host.unstable").size(), 1U);
}

}  // namespace
}  // namespace coppice::testing
