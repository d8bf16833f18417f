// Deaths, adoptions, drains and restarts: who moves, who holds which role, what is written.

#include <gtest/gtest.h>

#include "tests/unit/manager/cell_bench.h"

namespace coppice {
namespace {

using testing::CellBench;

std::string a_host(CellBench& bench, Role role, Role parent_role = Role::branch) {
    for (const auto& [name, host] : bench.hosts) {
        const CellBench::Host* parent = bench.by_id(host.parent);
        const bool fits =
            role == Role::root || (parent != nullptr && parent->order.role == parent_role);
        if (host.is_up && host.order.role == role && !host.order.is_understudy && fits) return name;
    }
    return {};
}

std::size_t children_of(CellBench& bench, const std::string& name) {
    return bench.view(name).children;
}

TEST(Healing, KeepsTheInvariantsAfterTheDeathOfAnySingleHost) {
    for (const std::uint32_t fanout : {2U, 3U, 4U}) {
        CellBench model{fanout};
        model.join_many(fanout * fanout + fanout + 3);
        ASSERT_TRUE(model.settle());
        for (const auto& [name, unused] : model.hosts) {
            CellBench bench{fanout};
            bench.join_many(fanout * fanout + fanout + 3);
            ASSERT_TRUE(bench.settle());
            const std::size_t children = children_of(bench, name);
            const double moves = bench.metric("coppice_moves_total");
            bench.kill(name);
            ASSERT_TRUE(bench.settle()) << "fan-out " << fanout << ", dead " << name << ": "
                                        << ::testing::PrintToString(bench.manager->tree_faults());
            EXPECT_EQ(bench.manager->status().hosts.live, bench.hosts.size() - 1);
            EXPECT_EQ(bench.view(name).state, HostState::lost);
            EXPECT_EQ(bench.view(name).record.cause, Cause::crashed);
            EXPECT_EQ(bench.view(name).record.role, Role::leaf);
            EXPECT_LE(bench.metric("coppice_moves_total") - moves, static_cast<double>(children))
                << name;
            EXPECT_FALSE(bench.understudy().empty());
        }
    }
}

TEST(Healing, OrphansStayOrphansOverARestartOfTheManager) {
    CellBench bench{2};
    bench.join_many(15);
    ASSERT_TRUE(bench.settle());
    const std::string parent = a_host(bench, Role::branch, Role::root);
    const auto orphans = [&bench] {
        std::size_t count = 0;
        for (const auto& [key, record] : bench.records) {
            const auto* row = std::get_if<HostRecord>(&record);
            if (row != nullptr && row->is_orphan) ++count;
        }
        return count;
    };
    const std::size_t children = children_of(bench, parent);
    ASSERT_GT(children, 0U);
    const HostId id = bench.host(parent).id;
    for (auto& [name, host] : bench.hosts) host.is_up = host.parent != id;
    bench.kill(parent);
    bench.run(std::chrono::milliseconds{10});
    EXPECT_EQ(orphans(), children);
    for (auto& [name, host] : bench.hosts) host.is_up = host.id != id;
    bench.restart_manager();
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(orphans(), 0U) << "all have found another parent";
}

TEST(Healing, AStoreThatNamesTooManyChildrenOfOneParentFillsItNoFurtherThanItsLimit) {
    CellBench bench{2};
    bench.join_many(15);
    ASSERT_TRUE(bench.settle());
    const std::string parent = a_host(bench, Role::branch, Role::root);
    const HostId id = bench.host(parent).id;
    std::size_t named = 0;
    for (auto& [key, record] : bench.records) {
        auto* row = std::get_if<HostRecord>(&record);
        if (row != nullptr && row->role == Role::leaf) row->parent = id;
        if (row != nullptr && row->parent == id) ++named;
    }
    ASSERT_GT(named, 4U) << "as when the fan-out was lowered";
    bench.restart_manager();
    ASSERT_TRUE(bench.settle()) << ::testing::PrintToString(bench.manager->tree_faults());
    EXPECT_LE(children_of(bench, parent), 4U);
    EXPECT_EQ(bench.manager->status().hosts.live, bench.hosts.size());
}

TEST(Healing, MovesNobodyWhenALeafDies) {
    CellBench bench{3};
    bench.join_many(13);
    ASSERT_TRUE(bench.settle());
    const double moves = bench.metric("coppice_moves_total");
    bench.kill(a_host(bench, Role::leaf));
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.metric("coppice_moves_total"), moves);
}

TEST(Healing, MakesTheUnderstudyRootWhenTheRootDies) {
    CellBench bench{4};
    bench.join_many(18);
    ASSERT_TRUE(bench.settle());
    const std::string old_root = bench.root();
    const std::string heir = bench.understudy();
    bench.kill(old_root);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.root(), heir);
    EXPECT_NE(bench.understudy(), heir);
    EXPECT_EQ(bench.manager->status().hosts.lost, 1U);
    EXPECT_FALSE(bench.events("root.changed").empty());
}

TEST(Healing, HearsOfADeadRootFromOrphansWhenItsOwnLinkIsSilentToo) {
    CellBench bench{4};
    bench.join_many(6);
    ASSERT_TRUE(bench.settle());
    const std::string old_root = bench.root();
    const std::string heir = bench.understudy();
    bench.is_root_silent = true;
    bench.run(std::chrono::milliseconds{2700});  // suspect, not yet lost
    ASSERT_EQ(bench.root(), old_root);
    bench.seek(bench.host(heir), bench.host(old_root).id);
    EXPECT_EQ(bench.root(), heir);
}

TEST(Healing, AManagerThatHearsNobodySaysThatItSeesNobodyAndCallsNobodyLost) {
    CellBench bench{4};
    bench.join_many(6);
    ASSERT_TRUE(bench.settle());
    for (auto& [name, host] : bench.hosts) host.is_up = false;
    bench.run(std::chrono::minutes{10});
    const HostCounts blind = bench.manager->status().hosts;
    EXPECT_LE(blind.lost, 1U) << "the root, whose own connection fell silent";
    EXPECT_EQ(blind.unseen, blind.registered - blind.lost);
    EXPECT_TRUE(
        bench.view(bench.understudy().empty() ? bench.root() : bench.understudy()).is_unseen);
    ASSERT_EQ(bench.events("hosts.unseen").size(), 1U);
    EXPECT_EQ(bench.events("hosts.unseen").front().hosts.size(), blind.unseen);
    for (auto& [name, host] : bench.hosts) host.is_up = true;
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.manager->status().hosts.unseen, 0U);
    EXPECT_EQ(bench.events("hosts.seen").size(), 1U);
}

TEST(Healing, BelievesNoOrphanWhileItHearsTheRoot) {
    CellBench bench{4};
    bench.join_many(6);
    ASSERT_TRUE(bench.settle());
    const std::string root = bench.root();
    bench.seek(bench.host(bench.understudy()), bench.host(root).id);
    EXPECT_EQ(bench.root(), root);
    EXPECT_EQ(bench.manager->status().hosts.lost, 0U);
}

TEST(Healing, RefusesAJoinOfAHostThatIsNotTheRootByTheRecord) {
    CellBench bench{4};
    bench.join_many(6);
    ASSERT_TRUE(bench.settle());
    CellBench::Host& leaf = bench.host(bench.understudy());
    Order forged = leaf.order;
    forged.parent.host = manager_host;
    bench.feed(
        Received{Route{2'000'000'002},
                 leaf.key,
                 {{.sender = leaf.id, .incarnation = leaf.incarnation, .link = {7}, .sequence = 1},
                  Join{.attachment = {9}, .order = bench.notary.seal(forged)}}});
    ASSERT_EQ(bench.refusals.size(), 1U);
    EXPECT_EQ(bench.refusals.front().reason, Refusal::stale_ticket);
}

TEST(Healing, DeclaresAHostLostThatIsInNoSubtreeForTooLong) {
    CellBench bench{3};
    bench.join_many(13);
    ASSERT_TRUE(bench.settle());
    const std::string leaf = a_host(bench, Role::leaf);
    bench.host(leaf).is_up = false;  // nobody tells
    bench.run(std::chrono::seconds{7});
    EXPECT_EQ(bench.view(leaf).state, HostState::live);
    bench.run(std::chrono::seconds{3});
    EXPECT_EQ(bench.view(leaf).state, HostState::lost);
    EXPECT_EQ(bench.view(leaf).record.cause, Cause::not_back);
}

TEST(Healing, AccusesNobodyAfterAPauseOfItsOwn) {
    CellBench bench{3};
    bench.join_many(13);
    ASSERT_TRUE(bench.settle());
    const std::string leaf = a_host(bench, Role::leaf);
    bench.host(leaf).is_up = false;
    bench.run(std::chrono::seconds{5});
    bench.now += std::chrono::minutes{5};
    bench.host(leaf).is_up = true;
    bench.run(std::chrono::seconds{5});
    EXPECT_EQ(bench.manager->status().hosts.lost, 0U);
    EXPECT_EQ(bench.manager->status().hosts.live, 13U);
}

TEST(Healing, TakesEveryRoleFromADrainedHostAndKeepsItSo) {
    for (const Role role : {Role::branch, Role::root, Role::leaf}) {
        CellBench bench{3};
        bench.join_many(20);
        ASSERT_TRUE(bench.settle());
        const std::string drained =
            role == Role::root
                ? bench.root()
                : a_host(bench, role, role == Role::leaf ? Role::branch : Role::root);
        ASSERT_TRUE(std::holds_alternative<Accepted>(
            bench.ask(DrainCommand{.host = drained, .reason = "disk"})));
        ASSERT_TRUE(bench.settle()) << ::testing::PrintToString(bench.manager->tree_faults());
        EXPECT_EQ(bench.view(drained).record.role, Role::leaf);
        EXPECT_EQ(bench.view(drained).children, 0U);
        EXPECT_EQ(bench.host(drained).order.role, Role::leaf);
        EXPECT_EQ(bench.manager->status().hosts.drained, 1U);
        EXPECT_EQ(bench.manager->status().hosts.live, 20U);
        EXPECT_EQ(bench.manager->status().hosts.lost, 0U);
        bench.join_many(30, "m");
        ASSERT_TRUE(bench.settle());
        EXPECT_EQ(bench.view(drained).record.role, Role::leaf);
        ASSERT_TRUE(std::holds_alternative<Accepted>(
            bench.ask(DrainCommand{.host = drained, .is_drained = false})));
        EXPECT_EQ(bench.manager->status().hosts.drained, 0U);
    }
}

TEST(Healing, SaysWhyADrainCannotBe) {
    CellBench bench;
    bench.join("a");
    ASSERT_TRUE(bench.settle());
    const Answer unknown = bench.ask(DrainCommand{.host = "nobody"});
    ASSERT_TRUE(std::holds_alternative<Problem>(unknown));
    EXPECT_EQ(std::get<Problem>(unknown).kind, Problem::Kind::not_found);
    const Answer last = bench.ask(DrainCommand{.host = "a"});
    ASSERT_TRUE(std::holds_alternative<Problem>(last));
    EXPECT_EQ(std::get<Problem>(last).kind, Problem::Kind::conflict);
}

TEST(Healing, PlacesAHostThatSeeksElsewhereThanTheParentItLost) {
    CellBench bench{3};
    bench.join_many(16);
    ASSERT_TRUE(bench.settle());
    const std::string leaf = a_host(bench, Role::leaf);
    CellBench::Host& host = bench.host(leaf);
    const HostId lost = host.parent;
    ++host.attachment.value;
    bench.seek(host, lost);
    EXPECT_NE(host.order.parent.host, lost);
    EXPECT_TRUE(host.order.is_placed);
    ASSERT_TRUE(bench.settle());
    EXPECT_NE(bench.view(leaf).record.parent, lost);
}

TEST(Healing, GivesAnotherPlaceAtOnceWhenTheOneThatItGaveIsGone) {
    CellBench bench{3};
    bench.join_many(16);
    ASSERT_TRUE(bench.settle());
    CellBench::Host& host = bench.host(a_host(bench, Role::leaf));
    const HostId first = host.parent;
    ++host.attachment.value;
    bench.seek(host, first);
    const HostId second = host.order.parent.host;
    ASSERT_NE(second, first);
    host.is_up = false;  // it has not reached that place yet
    bench.kill(bench.by_id(second)->name);
    bench.run(std::chrono::milliseconds{40});
    host.is_up = true;
    ++host.attachment.value;
    bench.seek(host, first);
    EXPECT_NE(host.order.parent.host, second);
    EXPECT_TRUE(host.order.is_placed);
    ASSERT_TRUE(bench.settle());
}

TEST(Healing, TellsAHostThatItDoesNotKnowToRegister) {
    CellBench bench;
    bench.join("a");
    CellBench::Host& stranger = bench.hosts["s"];
    stranger.name = "s";
    stranger.key[3] = 3;
    stranger.id = HostId{77};
    bench.seek(stranger, {});
    EXPECT_EQ(stranger.answer.result, Registration::unknown_host);
}

TEST(Healing, SurvivesARestartOfTheManagerWithoutLosingAnybody) {
    CellBench bench{3};
    bench.join_many(20);
    ASSERT_TRUE(bench.settle());
    const std::string root = bench.root();
    const std::uint64_t generation = bench.manager->status().cells.front().generation;
    bench.restart_manager();
    EXPECT_EQ(bench.manager->status().hosts.live, 20U);
    EXPECT_TRUE(bench.manager->tree_faults().empty());
    bench.run(std::chrono::minutes{1});
    EXPECT_EQ(bench.root(), root);
    EXPECT_EQ(bench.manager->status().hosts.live, 20U);
    EXPECT_EQ(bench.manager->status().hosts.lost, 0U);
    EXPECT_EQ(bench.manager->status().cells.front().generation, generation);
    bench.join("late");
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(bench.host("late").order.stamp.term, 2U);
    EXPECT_GT(bench.host("late").id, HostId{20});
}

TEST(Healing, GivesTheRootToTheUnderstudyWhenItDiedWhileTheManagerWasAway) {
    CellBench bench{3};
    bench.join_many(10);
    ASSERT_TRUE(bench.settle());
    const std::string root = bench.root();
    const std::string heir = bench.understudy();
    bench.host(root).is_up = false;
    bench.restart_manager();
    bench.run(std::chrono::seconds{1});
    bench.seek(bench.host(heir), bench.host(root).id);
    EXPECT_EQ(bench.root(), root) << "it may still be on its way";
    bench.run(std::chrono::seconds{4});
    bench.seek(bench.host(heir), bench.host(root).id);
    EXPECT_EQ(bench.root(), heir);
}

TEST(Healing, WritesNothingWhileNothingChanges) {
    CellBench bench{3};
    bench.join_many(20);
    ASSERT_TRUE(bench.settle());
    bench.run(std::chrono::seconds{30});
    const std::uint64_t writes = bench.writes;
    const double sent = bench.metric("coppice_orders_sent_total");
    bench.run(std::chrono::minutes{5});
    EXPECT_EQ(bench.writes, writes);
    EXPECT_EQ(bench.metric("coppice_orders_sent_total"), sent);
}

TEST(Healing, NumbersEventsWithoutGapsAndKeepsThemOverARestart) {
    CellBench bench{3};
    bench.join_many(8);
    ASSERT_TRUE(bench.settle());
    bench.restart_manager();
    bench.kill(a_host(bench, Role::leaf));
    bench.run(std::chrono::seconds{2});
    std::vector<Event> events;
    for (const EventView& view : bench.manager->events(0, 1000)) events.push_back(view.event);
    for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].id, i + 1);
    EXPECT_EQ(events, bench.journal);
}

}  // namespace
}  // namespace coppice
