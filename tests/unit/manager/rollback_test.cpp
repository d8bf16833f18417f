// Ways back: who goes, and why the others cannot.

#include "manager/rollback.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/plain_shape.h"

namespace coppice {
namespace {

using testing::PlainShape;

constexpr std::uint64_t any_number = 1'000'000;

class AWayBack : public ::testing::Test {
protected:
    AWayBack() {
        root = plain.root();
        left = plain.branch(root, 2);
        right = plain.branch(root, 2);
        host = plain.leaf(left);
    }

    TreePlan plan(std::vector<FormerPlace> former, std::uint64_t moves_max = any_number) {
        rollback = {.former = std::move(former),
                    .why = "rollback to 7",
                    .trouble_of_host = [this](HostId id) { return troubles[id]; },
                    .trouble_of_parent = [this](HostId id) { return troubles[id]; }};
        request = plain.request(moves_max, 3);
        request.may_move = [this](HostId id) { return troubles[id].empty(); };
        return plan_rollback(plain.shape, request, rollback);
    }
    /// The only reason why a host cannot go back.
    std::string refusal(const FormerPlace& former) {
        const TreePlan found = plan({former});
        EXPECT_TRUE(found.moves.empty());
        return found.cannot.size() == 1 ? found.cannot.front().why : "none";
    }

    PlainShape plain{4, 4};
    HostId root;
    HostId left;
    HostId right;
    HostId host;  // a leaf of `left`
    std::map<HostId, std::string> troubles;
    RollbackRequest rollback;
    ReshapingRequest request;
};

TEST_F(AWayBack, LeadsToTheFormerParent) {
    const TreePlan found = plan({{host, right}});
    ASSERT_EQ(found.moves.size(), 1U);
    EXPECT_EQ(found.moves.front(), (PlannedMove{host, left, right, "rollback to 7"}));
    EXPECT_TRUE(found.cannot.empty());
}

TEST_F(AWayBack, MovesNobodyWhoIsThereAlready) {
    const TreePlan found = plan({{host, left}});
    EXPECT_TRUE(found.moves.empty());
    EXPECT_TRUE(found.cannot.empty());
}

TEST_F(AWayBack, SaysWhyAHostCannotGo) {
    troubles[right] = "is drained";
    EXPECT_EQ(refusal({host, right}), "h5 is drained");
    troubles = {{host, "is lost"}};
    EXPECT_EQ(refusal({host, right}), "h8 is lost");
    troubles.clear();
    EXPECT_EQ(refusal({left, host}), "h8 is no parent any more");
    const HostId below = plain.branch(left);
    EXPECT_EQ(refusal({left, below}), "h9 is below it now");
    for (int i = 0; i < 2; ++i) plain.leaf(right);
    EXPECT_EQ(refusal({host, right}), "h5 has no room: 4 children");
}

TEST_F(AWayBack, EndsWithinTheBoundOfDepth) {
    const HostId deep = plain.branch(plain.branch(left));
    EXPECT_EQ(refusal({right, deep}), "it would end deeper than 3 links below the root");
}

TEST_F(AWayBack, UsesTheRoomOfThoseWhoLeave) {
    for (int i = 0; i < 2; ++i) plain.leaf(right);
    const HostId leaver = plain.shape.children(right).front();
    const TreePlan found = plan({{host, right}, {leaver, left}});
    EXPECT_EQ(found.moves.size(), 2U);
    EXPECT_EQ(found.moves.front().host, leaver);
}

TEST_F(AWayBack, IsBounded) {
    const HostId other = plain.leaf(left);
    const TreePlan found = plan({{other, right}, {host, right}}, 1);
    ASSERT_EQ(found.moves.size(), 1U);
    EXPECT_EQ(found.moves.front().host, other) << "who comes first";
    EXPECT_TRUE(found.is_bounded);
    EXPECT_TRUE(found.cannot.empty());
}

TEST_F(AWayBack, MovesNoTwoHostsOfOnePath) {
    const HostId branch = plain.branch(left);
    const HostId leaf = plain.leaf(branch);
    const TreePlan found = plan({{branch, root}, {leaf, right}});
    EXPECT_EQ(found.moves.size(), 1U);
    ASSERT_EQ(found.cannot.size(), 1U);
    EXPECT_EQ(found.cannot.front().host, leaf);
}

}  // namespace
}  // namespace coppice
