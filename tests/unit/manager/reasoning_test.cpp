// Why a host is where and what it is, as people are told.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/manager/cell_bench.h"

namespace coppice {
namespace {

using coppice::testing::CellBench;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Reasons : public ::testing::Test {
protected:
    void SetUp() override {
        bench.join_many(16);
        ASSERT_TRUE(bench.settle());
    }
    /// A host of that role that is neither the root nor the understudy.
    [[nodiscard]] std::string one_with(Role role) const {
        for (const auto& [name, host] : bench.hosts)
            if (bench.view(name).record.role == role && name != bench.understudy()) return name;
        return {};
    }
    CellBench bench{4};
};

TEST_F(Reasons, TellWhatTheRootItsUnderstudyAndABranchAreFor) {
    EXPECT_THAT(bench.manager->reasons(bench.root()), Contains(HasSubstr("it is the root")));
    EXPECT_THAT(bench.manager->reasons(bench.understudy()),
                Contains(HasSubstr("stands by to become the root")));
    const std::string branch = one_with(Role::branch);
    EXPECT_THAT(bench.manager->reasons(branch),
                Contains("it leads " + std::to_string(bench.view(branch).children) + " hosts"));
    EXPECT_THAT(bench.manager->reasons(one_with(Role::leaf)),
                Contains(HasSubstr("it was placed there and has not moved")));
}

TEST_F(Reasons, NameTheDeathThatMovedAHost) {
    const std::string branch = one_with(Role::branch);
    std::string child;
    for (const auto& [name, host] : bench.hosts)
        if (bench.view(name).parent == branch) child = name;
    bench.kill(branch);
    ASSERT_TRUE(bench.settle());
    EXPECT_THAT(bench.manager->reasons(child), Contains(HasSubstr("it moved from " + branch)));
    EXPECT_THAT(bench.manager->reasons(child), Contains(HasSubstr("death of " + branch)));
    EXPECT_THAT(bench.manager->reasons(branch), Contains(HasSubstr("it was lost (crashed)")));
}

TEST_F(Reasons, SayWhyAHostDoesNotLead) {
    const std::string leaf = one_with(Role::leaf);
    EXPECT_THAT(bench.manager->reasons(leaf), Contains(HasSubstr("ready to lead")));
    bench.kill(leaf);
    bench.restart_host(leaf);
    ASSERT_TRUE(bench.settle());
    EXPECT_THAT(bench.manager->reasons(leaf), Contains(HasSubstr("holds no role for another")));
    static_cast<void>(bench.ask(DrainCommand{.host = leaf, .reason = "new memory"}));
    EXPECT_THAT(bench.manager->reasons(leaf),
                Contains(HasSubstr("drained and holds no role (new memory)")));
}

TEST_F(Reasons, OfAnUnknownHostAreNone) {
    EXPECT_THAT(bench.manager->reasons("nobody"), IsEmpty());
}

}  // namespace
}  // namespace coppice
