#include "manager/past_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using ::testing::ElementsAre;

PastHost host(std::uint32_t id, std::uint32_t parent, std::optional<Role> role = Role::leaf,
              HostState state = HostState::live) {
    return {.id = HostId{id},
            .name = "n" + std::to_string(id),
            .condition = {.state = state, .parent = HostId{parent}, .generation = id, .role = role},
            .parent = parent == 0 ? "" : "n" + std::to_string(parent)};
}

std::vector<std::string> names(const PastTree& tree) {
    std::vector<std::string> names;
    for (const PastTree::Node& node : tree.nodes) names.push_back(node.host.name);
    return names;
}

TEST(TreeOfThePast, IsMadeOfParentsAndRoles) {
    const PastTree tree = past_tree({host(1, 3), host(2, 4), host(3, 4, Role::branch),
                                     host(4, 0, Role::root), host(5, 3), host(6, 3)});
    EXPECT_EQ(tree.root, "n4");
    EXPECT_EQ(tree.depth, 2U);
    EXPECT_EQ(tree.max_children, 3U);
    EXPECT_EQ(tree.generation, 6U);
    EXPECT_THAT(names(tree), ElementsAre("n4", "n2", "n3", "n1", "n5", "n6"));
    EXPECT_EQ(tree.nodes[2].children, 3U);
}

TEST(TreeOfThePast, HasNoPlaceForHostsThatWereGone) {
    const PastTree tree = past_tree(
        {host(1, 0, Role::root), host(2, 1, Role::leaf, HostState::lost),
         host(3, 1, Role::leaf, HostState::joining), host(4, 1, Role::leaf, HostState::left)});
    EXPECT_THAT(names(tree), ElementsAre("n1", "n3"));
    EXPECT_EQ(tree.generation, 4U) << "what they became counts";
}

TEST(TreeOfThePast, NamesLastWhoHadNoWayToTheRoot) {
    const PastTree tree = past_tree({host(1, 9), host(2, 0), host(3, 0, Role::root),
                                     host(4, 1, Role::leaf), host(5, 6), host(6, 5)});
    EXPECT_EQ(tree.root, "n3");
    EXPECT_EQ(tree.depth, 0U);
    EXPECT_THAT(names(tree), ElementsAre("n3", "n1", "n4", "n2", "n5", "n6"))
        << "a circle, which rows of several commits could make, ends";
}

TEST(TreeOfThePast, TakesWhoLedTheMostForItsRootWhenRolesAreNotKnown) {
    const PastTree tree = past_tree({host(1, 0, std::nullopt), host(2, 0, std::nullopt),
                                     host(3, 2, std::nullopt), host(4, 2, std::nullopt)});
    EXPECT_EQ(tree.root, "n2");
    EXPECT_EQ(past_tree({host(1, 0, std::nullopt)}).root, "") << "nobody led anybody";
    EXPECT_EQ(past_tree({}).root, "");
}

}  // namespace
}  // namespace coppice
