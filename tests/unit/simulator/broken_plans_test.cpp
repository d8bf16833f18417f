// The checker of plans and of the tree's history speaks up when a manager breaks its rules.
#include <gtest/gtest.h>

#include "tests/unit/simulator/broken_roles.h"

namespace coppice {
namespace {

class BrokenPlans : public BrokenRoles {
protected:
    /// Makes the manager write that these hosts moved just now from their parents to themselves.
    void tell_moves(const std::vector<HostId>& hosts, MovedBy by) {
        const auto& store = fleet.world().host(Fleet::manager_index).store();
        TreeChangeRecord change{.generation = store.all<CellRecord>().front().generation + 1,
                                .part = 99,
                                .reasons = {"a test"}};
        for (const HostId host : hosts)
            change.moves.push_back({host, record(host).parent, host, by, 0});
        decree(change);
    }
};

TEST_F(BrokenPlans, AMoveThatIsNotRememberedIsFound) {
    break_it([](const Input&, Outputs& outputs) {
        std::erase_if(outputs.writes, [](const Write& write) {
            const auto* put = std::get_if<Put>(&write);
            return put != nullptr && std::holds_alternative<TreeChangeRecord>(put->record);
        });
    });
    fleet.crash(one_with(Role::branch));
    EXPECT_TRUE(complains("is not in the history of the tree"));
}

TEST_F(BrokenPlans, AMoveThatIsRememberedAmissIsFound) {
    break_it([](const Input&, Outputs& outputs) {
        for (Write& write : outputs.writes)
            if (auto* put = std::get_if<Put>(&write))
                if (auto* change = std::get_if<TreeChangeRecord>(&put->record)) {
                    change->generation += 7;
                    change->reasons.assign(change->reasons.size(), "");
                }
    });
    fleet.crash(one_with(Role::branch));
    EXPECT_TRUE(complains("which is not now"));
    EXPECT_TRUE(complains("is remembered without a reason"));
}

TEST_F(BrokenPlans, AMoveThatDidNotHappenIsFound) {
    tell_moves({id_of(one_with(Role::leaf))}, MovedBy::manager);
    EXPECT_TRUE(complains("that did not happen"));
}

TEST_F(BrokenPlans, APartOfTheHistoryThatIsWrittenTwiceIsFound) {
    const auto& store = fleet.world().host(Fleet::manager_index).store();
    decree(store.all<TreeChangeRecord>().front());
    EXPECT_TRUE(complains("is written twice"));
}

TEST_F(BrokenPlans, APlanThatMovesMoreThanItsBoundIsFound) {
    tell_moves({id_of(one_with(Role::leaf))}, MovedBy::people);
    EXPECT_TRUE(complains("A plan of at most 0 moves makes 1."));
}

TEST_F(BrokenPlans, APlanThatMovesAHostTwiceIsFound) {
    const HostId leaf = id_of(one_with(Role::leaf));
    tell_moves({leaf, leaf}, MovedBy::people);
    EXPECT_TRUE(complains("is moved twice by one plan"));
}

TEST_F(BrokenPlans, APlanThatMovesTwoHostsOfOnePathIsFound) {
    const HostId branch = id_of(one_with(Role::branch));
    HostId child;
    for (std::uint32_t id = 1; id <= 12; ++id)
        if (record(HostId{id}).parent == branch) child = HostId{id};
    tell_moves({branch, child}, MovedBy::people);
    EXPECT_TRUE(complains("One plan moves"));
}

TEST_F(BrokenPlans, APlanThatMovesAHostBelowALeafIsFound) {
    tell_moves({id_of(one_with(Role::leaf))}, MovedBy::people);
    EXPECT_TRUE(complains("which may not lead"));
}

}  // namespace
}  // namespace coppice
