// From a topology.conf to a tree: the labels that it gives, registered with a manager in any order,
// give a tree in which no link leaves a leaf switch needlessly.

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include <gtest/gtest.h>

#include "cli/slurm_topology.h"
#include "common/random.h"
#include "tests/support/fake_notary.h"
#include "tests/support/large_cell.h"

namespace coppice::cli {
namespace {

using coppice::testing::FakeNotary;
using coppice::testing::LargeCell;

/// 10,000 nodes: leaf switches of 32 to 40, 25 of which are below one switch; with three levels
/// two more above those.
std::string generated_topology(bool has_three_levels) {
    std::string leaves;
    std::uint32_t groups = 0;
    std::uint32_t leaf = 0;
    for (std::uint32_t node = 0; node < 10'000; ++leaf) {
        const std::uint32_t last = std::min(node + 32 + leaf % 9, 10'000U);
        leaves += "SwitchName=leaf" + std::to_string(leaf) + " Nodes=n[" + std::to_string(node) +
                  "-" + std::to_string(last - 1) + "]\n";
        node = last;
    }
    std::string above;
    for (std::uint32_t first = 0; first < leaf; first += 25, ++groups)
        above += "SwitchName=group" + std::to_string(groups) + " Switches=leaf[" +
                 std::to_string(first) + "-" + std::to_string(std::min(first + 25, leaf) - 1) +
                 "]\n";
    const std::string last = std::to_string(groups - 1);
    if (!has_three_levels)
        return "SwitchName=top Switches=group[0-" + last + "]\n" + above + leaves;
    return "SwitchName=top Switches=east,west\nSwitchName=east Switches=group[0-4]\n"
           "SwitchName=west Switches=group[5-" +
           last + "]\n" + above + leaves;
}

class Wired {
public:
    Wired(const std::string& topology, std::uint64_t seed) : hosts_{read(topology)} {
        Random random{seed};
        for (std::size_t last = hosts_.size(); last > 1; --last)
            std::swap(hosts_[last - 1], hosts_[random.below(last)]);
    }

    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(hosts_.size()); }
    [[nodiscard]] std::vector<std::string> path() const { return switch_path(hosts_); }
    [[nodiscard]] Labels labels(std::uint32_t number) const {
        return switch_labels(hosts_[number - 1]);
    }
    [[nodiscard]] LargeCell cell(const Notary& notary) const {
        return LargeCell{notary, ManagerConfig{.domain_path = path()},
                         [this](std::uint32_t number) { return labels(number); }};
    }
    /// Leaf switches by their labels.
    [[nodiscard]] std::map<std::vector<std::string>, std::uint32_t> leaf_switches() const {
        std::map<std::vector<std::string>, std::uint32_t> hosts;
        for (const WiredHost& host : hosts_) ++hosts[host.switches];
        return hosts;
    }

private:
    static std::vector<WiredHost> read(const std::string& topology) {
        auto hosts = parse_slurm_topology(topology);
        EXPECT_TRUE(hosts.ok()) << (hosts.ok() ? "" : hosts.error().message);
        return hosts.ok() ? *hosts : std::vector<WiredHost>{};
    }

    std::vector<WiredHost> hosts_;
};

void expect_sound(const LargeCell& cell) {
    const TreeView tree = cell.manager().tree();
    EXPECT_LE(tree.depth, tree.depth_max);
    EXPECT_LE(tree.max_children, tree.fanout + tree.slack);
    const std::vector<TreeFault> faults = cell.manager().tree_faults();
    EXPECT_TRUE(faults.empty()) << faults.front();
}

void print(const char* what, const TreeView& tree) {
    std::cout << what << ": " << tree.crossings.edges << " links between domains, "
              << tree.crossings.needless << " needless; leaving, outermost first:";
    for (const std::uint64_t links : tree.crossings.leaving) std::cout << ' ' << links;
    std::cout << "; depth " << tree.depth << '\n';
}

TEST(TopologyFleet, LeavesALeafSwitchOnceEach) {
    const FakeNotary notary;
    const Wired wired{generated_topology(false), 5};
    for (const std::uint32_t batch : {4096U, 700U, 50U}) {
        SCOPED_TRACE(batch);
        LargeCell cell = wired.cell(notary);
        cell.join(wired.size(), batch);
        expect_sound(cell);
        const TreeView tree = cell.manager().tree();
        print("two levels", tree);
        EXPECT_EQ(tree.crossings.leaving.back(), wired.leaf_switches().size() - 1);
        EXPECT_EQ(tree.crossings.needless, 0U);
    }
}

/// Four levels are too few for three of switches and a rack that is larger than the fan-out: it has
/// two heads, of which the second may be nearer to the root than the first, which stays.
TEST(TopologyFleet, LeavesALeafSwitchOnlyForWantOfDepth) {
    const FakeNotary notary;
    const Wired wired{generated_topology(true), 6};
    LargeCell cell = wired.cell(notary);
    cell.join(wired.size());
    expect_sound(cell);
    const TreeView tree = cell.manager().tree();
    print("three levels", tree);
    EXPECT_LE(tree.crossings.needless, wired.leaf_switches().size() / 10);
    EXPECT_LE(tree.crossings.leaving.back(), 2 * wired.leaf_switches().size());
}

TEST(TopologyFleet, IsNotWorseAfterDeathsThanTheirChildren) {
    const FakeNotary notary;
    const Wired wired{generated_topology(false), 7};
    LargeCell cell = wired.cell(notary);
    cell.join(wired.size());
    ASSERT_TRUE(cell.settle());
    HostSet dead;
    std::uint64_t children = 0;
    for (const TreeNodeView& node : cell.manager().tree().nodes) {
        if (node.role != Role::branch || dead.size() == 20) continue;
        dead.insert(cell.manager().host(node.host)->record.id);
        children += node.children;
    }
    const std::uint64_t before = cell.manager().tree().crossings.leaving.back();
    cell.lose(dead);
    cell.run_for(std::chrono::seconds{60});
    expect_sound(cell);
    const TreeView tree = cell.manager().tree();
    print("after 20 deaths", tree);
    EXPECT_LE(tree.crossings.needless, children);
    EXPECT_LE(tree.crossings.leaving.back(), before + children);
}

TEST(TopologyFleet, FollowsRealTopologies) {
    const char* directory = std::getenv("COPPICE_TOPOLOGIES");
    if (directory == nullptr)
        GTEST_SKIP() << "COPPICE_TOPOLOGIES does not name the directory of the real topologies";
    const FakeNotary notary;
    for (const char* file : {"slurm-case1.conf", "slurm-case2.conf", "slurm-case3.conf"}) {
        SCOPED_TRACE(file);
        std::ifstream in{std::string{directory} + '/' + file};
        ASSERT_TRUE(in);
        const Wired wired{std::string{std::istreambuf_iterator<char>{in}, {}}, 8};
        LargeCell cell = wired.cell(notary);
        cell.join(wired.size());
        expect_sound(cell);
        const TreeView tree = cell.manager().tree();
        print(file, tree);
        EXPECT_EQ(tree.crossings.needless, 0U);
    }
}

}  // namespace
}  // namespace coppice::cli
