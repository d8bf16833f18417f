// Every checker is quiet on a good fleet and speaks up on one that is wrong in its way.
#include "simulator/checkers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace coppice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

HostView view_of(const std::string& name, std::uint32_t id, Role role, std::uint32_t parent) {
    HostView view;
    view.record.id = HostId{id};
    view.record.name = name;
    view.record.role = role;
    view.record.parent = HostId{parent};
    view.record.is_placed = true;
    view.state = HostState::live;
    return view;
}

/// n001 is root; n002 and n003 are below it and both have applied push 1.
Snapshot good_fleet() {
    Snapshot good{.fanout = 2, .slack = 2};
    good.is_manager_running = true;
    for (std::uint32_t id = 1; id <= 3; ++id) {
        const Role role = id == 1 ? Role::root : Role::leaf;
        HostSnapshot host{.name = "n00" + std::to_string(id), .id = HostId{id}};
        host.is_running = true;
        host.view = {.host = HostId{id},
                     .role = role,
                     .is_attached = true,
                     .parent = HostId{id == 1 ? 0U : 1U},
                     .stamp = {1, 5},
                     .path = id == 1 ? Path{HostId{1}} : Path{},
                     .children = id == 1 ? 2U : 0U};
        host.disk["motd"] = 1;
        good.views.push_back(view_of(host.name, id, role, id == 1 ? 0 : 1));
        good.hosts.push_back(std::move(host));
    }
    PushRecord push{.push = PushId{1}, .topic = "motd", .version = 1};
    push.target = {HostId{2}, HostId{3}};
    good.pushes.push_back(push);
    good.reports.push_back({.push = PushId{1}, .applied = push.target});
    ReceiptView receipt{.push = PushId{1}};
    receipt.target = 2;
    receipt.applied = 2;
    receipt.complete = true;
    good.receipts.push_back(receipt);
    return good;
}

TEST(Checkers, AreQuietOnAGoodFleet) {
    EXPECT_THAT(check_always(good_fleet()), IsEmpty());
    EXPECT_THAT(check_settled(good_fleet()), IsEmpty());
    StampChecker stamps;
    EXPECT_THAT(stamps.check(good_fleet()), IsEmpty());
    EXPECT_THAT(stamps.check(good_fleet()), IsEmpty());
}

TEST(Checkers, FindACycle) {
    Snapshot wrong = good_fleet();
    wrong.hosts[1].view.parent = HostId{3};
    wrong.hosts[2].view.parent = HostId{2};
    EXPECT_THAT(check_no_cycle(wrong),
                ElementsAre("n002 is above itself.", "n003 is above itself."));
    EXPECT_THAT(check_always(wrong), Not(IsEmpty()));
}

TEST(Checkers, FindTooManyChildren) {
    Snapshot wrong = good_fleet();
    wrong.hosts[0].view.children = 9;
    EXPECT_THAT(check_children(wrong), ElementsAre("n001 has 9 children, more than 8."));
    EXPECT_THAT(check_always(wrong), Not(IsEmpty()));
}

TEST(Checkers, FindAHostThatIsCalledLostForNothing) {
    Snapshot wrong = good_fleet();
    wrong.views[1].state = HostState::lost;
    EXPECT_THAT(check_nobody_lost(wrong), ElementsAre(HasSubstr("n002 is called lost")));
    EXPECT_THAT(check_always(wrong), Not(IsEmpty()));
    wrong.hosts[1].is_disturbed = true;
    EXPECT_THAT(check_nobody_lost(wrong), IsEmpty());
    wrong.hosts[1].is_disturbed = false;
    wrong.hosts[1].calm_since = UnixMillis{5};
    wrong.views[1].record.since = UnixMillis{4};
    EXPECT_THAT(check_nobody_lost(wrong), IsEmpty());
    wrong.views[1].record.since = UnixMillis{5};
    EXPECT_THAT(check_nobody_lost(wrong), Not(IsEmpty()));
}

TEST(Checkers, FindCountsThatDoNotAddUp) {
    Snapshot wrong = good_fleet();
    wrong.receipts[0].refused = 1;
    EXPECT_THAT(check_receipt_counts(wrong), ElementsAre(HasSubstr("give 3")));
    EXPECT_THAT(check_always(wrong), Not(IsEmpty()));
}

TEST(Checkers, FindAReceiptThatIsCompleteTooEarly) {
    Snapshot wrong = good_fleet();
    wrong.receipts[0].applied = 1;
    wrong.receipts[0].pending = 1;
    wrong.receipts[0].pending_hosts = {HostId{2}};
    EXPECT_THAT(check_receipt_counts(wrong), ElementsAre(HasSubstr("complete at 1 of 2")));
}

TEST(Checkers, FindPendingHostsThatAreNotThoseCounted) {
    Snapshot wrong = good_fleet();
    wrong.receipts[0].pending_hosts = {HostId{2}};
    EXPECT_THAT(check_receipt_counts(wrong), ElementsAre(HasSubstr("pending hosts")));
}

TEST(Checkers, FindAHostThatIsSaidToHaveAppliedWhatItDoesNotHave) {
    Snapshot wrong = good_fleet();
    wrong.hosts[2].disk.clear();
    EXPECT_THAT(check_applied(wrong),
                ElementsAre(HasSubstr("n003 is said to have applied push 1")));
    EXPECT_THAT(check_always(wrong), Not(IsEmpty()));
    wrong = good_fleet();
    wrong.pushes[0].version = 2;
    EXPECT_THAT(check_applied(wrong), testing::SizeIs(2));
    wrong.pushes.clear();
    EXPECT_THAT(check_applied(wrong), ElementsAre(HasSubstr("but no push")));
}

TEST(Checkers, FindAStampThatDecreases) {
    Snapshot snapshot = good_fleet();
    StampChecker stamps;
    EXPECT_THAT(stamps.check(snapshot), IsEmpty());
    snapshot.hosts[1].view.stamp = {};  // restarted, obeys nothing yet
    EXPECT_THAT(stamps.check(snapshot), IsEmpty());
    snapshot.hosts[1].view.stamp = {1, 4};
    EXPECT_THAT(stamps.check(snapshot), ElementsAre(HasSubstr("n002 obeys an order")));
}

TEST(Checkers, FindWritesOfAnIdleFleet) {
    EXPECT_THAT(check_idle(5, 5), IsEmpty());
    EXPECT_THAT(check_idle(5, 7), ElementsAre("An idle fleet wrote 2 times to its stores."));
}

struct Unsettled {
    std::string name;
    std::string sentence;
    std::function<void(Snapshot&)> spoil;
};
void PrintTo(const Unsettled& unsettled, std::ostream* out) { *out << unsettled.name; }

class SettledChecker : public testing::TestWithParam<Unsettled> {};

TEST_P(SettledChecker, FindsWhatIsNotAtRest) {
    Snapshot wrong = good_fleet();
    GetParam().spoil(wrong);
    EXPECT_THAT(check_settled(wrong), testing::Contains(HasSubstr(GetParam().sentence)));
}

INSTANTIATE_TEST_SUITE_P(
    All, SettledChecker,
    testing::Values(Unsettled{"orphan", "n002 has no parent",
                              [](Snapshot& s) { s.hosts[1].view.is_attached = false; }},
                    Unsettled{"leaf_at_manager", "n002 is attached to the manager",
                              [](Snapshot& s) { s.hosts[1].view.parent = manager_host; }},
                    Unsettled{"root_below", "n001 is root with a parent",
                              [](Snapshot& s) { s.hosts[0].view.parent = HostId{3}; }},
                    Unsettled{"dead_parent", "n002 is attached to a host that does not run",
                              [](Snapshot& s) { s.hosts[0].is_running = false; }},
                    Unsettled{"path", "n001 does not know its path",
                              [](Snapshot& s) { s.hosts[0].view.path.clear(); }},
                    Unsettled{"unknown", "n003 is not registered",
                              [](Snapshot& s) { s.views.pop_back(); }},
                    Unsettled{"suspect", "n003 runs but is not live",
                              [](Snapshot& s) { s.views[2].state = HostState::suspect; }},
                    Unsettled{"elsewhere", "n003 is not where the manager has it",
                              [](Snapshot& s) { s.views[2].record.parent = HostId{2}; }},
                    Unsettled{"role", "n003 has another role",
                              [](Snapshot& s) { s.views[2].record.role = Role::branch; }},
                    Unsettled{"two_roots", "There are 2 roots",
                              [](Snapshot& s) { s.hosts[1].view.role = Role::root; }},
                    Unsettled{"children", "n001 counts 3 children",
                              [](Snapshot& s) { s.hosts[0].view.children = 3; }},
                    Unsettled{"crowded", "n001 keeps 5 children",
                              [](Snapshot& s) { s.hosts[0].view.children = 5; }},
                    Unsettled{"ghost", "n003 does not run but is not called lost",
                              [](Snapshot& s) { s.hosts[2].is_running = false; }},
                    Unsettled{"tree", "Tree: n003 is too deep",
                              [](Snapshot& s) { s.tree_faults = {"n003 is too deep"}; }},
                    Unsettled{"manager", "The manager is down",
                              [](Snapshot& s) { s.is_manager_running = false; }}),
    [](const testing::TestParamInfo<Unsettled>& chosen) { return chosen.param.name; });

}  // namespace
}  // namespace coppice
