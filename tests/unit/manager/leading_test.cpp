// Who may lead by the settings: others hold a role only for want of them, and hand it over.

#include <gtest/gtest.h>

#include "tests/unit/manager/cell_bench.h"

namespace coppice {
namespace {

using std::chrono::seconds;
using testing::CellBench;

struct LedCell : CellBench {
    explicit LedCell(const std::string& selector) : CellBench{4} {
        config.may_lead = selector;
        restart_manager();
    }
};

std::string leaders(const CellBench& bench) {
    std::string names;
    for (const auto& [name, host] : bench.hosts)
        if (bench.view(name).record.role != Role::leaf) names += (names.empty() ? "" : " ") + name;
    return names;
}

TEST(Leading, TheFirstRootIsOneOfThoseWhoMayLead) {
    LedCell bench{"host=lead1"};
    for (const char* name : {"n1", "n2", "lead1", "n3"}) bench.add(name);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.root(), "lead1");
}

TEST(Leading, OthersDoNotLeadBesideThem) {
    LedCell bench{"host in lead[0001-0009]"};
    bench.add("lead0001");
    ASSERT_TRUE(bench.settle());
    for (const char* lead : {"lead0002", "lead0003", "lead0004", "lead0005"}) bench.add(lead);
    bench.join_many(14);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(leaders(bench).find('n'), std::string::npos) << leaders(bench);
    EXPECT_TRUE(bench.manager->tree_faults().empty());
}

TEST(Leading, OthersLeadForWantOfThemAndHandTheRootOver) {
    LedCell bench{"host in lead[0001-0009]"};
    bench.join_many(10);
    ASSERT_TRUE(bench.settle());
    EXPECT_TRUE(bench.manager->tree_faults().empty());
    EXPECT_TRUE(bench.root().starts_with("n"));
    bench.join_many(9, "lead");
    ASSERT_TRUE(bench.settle());
    for (int round = 0; round < 60 && bench.root().starts_with("n"); ++round) bench.run(seconds{5});
    ASSERT_TRUE(bench.settle());
    EXPECT_TRUE(bench.root().starts_with("lead"));
    EXPECT_TRUE(bench.understudy().starts_with("lead"));
    EXPECT_TRUE(bench.manager->tree_faults().empty());
}

TEST(Leading, IsAskedAgainWhenLabelsChange) {
    LedCell bench{"duty=lead"};
    for (const char* name : {"a", "b", "c", "d"}) {
        CellBench::Host& host = bench.add(name);
        Register body = bench.registration(name);
        body.labels["duty"] = "lead";
        bench.request(host, body);
    }
    ASSERT_TRUE(bench.settle());
    const std::string former = bench.root();
    Register body = bench.registration(former);
    body.labels["duty"] = "rest";
    bench.request(bench.host(former), body);
    for (int round = 0; round < 60 && bench.root() == former; ++round) bench.run(seconds{1});
    ASSERT_TRUE(bench.settle());
    EXPECT_NE(bench.root(), former);
    EXPECT_EQ(bench.view(former).record.role, Role::leaf);
}

TEST(Leading, NobodyIsMovedWhenNobodyElseCouldLead) {
    LedCell bench{"host=nobody"};
    bench.join_many(20);
    ASSERT_TRUE(bench.settle());
    const double moves = bench.metric("coppice_moves_total");
    bench.run(seconds{300});
    EXPECT_EQ(bench.metric("coppice_moves_total"), moves);
}

}  // namespace
}  // namespace coppice
