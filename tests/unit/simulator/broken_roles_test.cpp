// Each checker of the tree, orders, roles and accusations speaks up when a role breaks its rule.
#include <gtest/gtest.h>

#include "tests/unit/simulator/broken_roles.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

/// Of the manager: changes every record of a host that it writes.
Tamper rewriting(const std::function<void(HostRecord&)>& change) {
    return [change](const Input&, Outputs& outputs) {
        for (Write& write : outputs.writes)
            if (auto* put = std::get_if<Put>(&write))
                if (auto* record = std::get_if<HostRecord>(&put->record)) change(*record);
    };
}

/// Gives every order that the manager sends other contents under its seal.
Tamper forging(const Notary& notary, const std::function<void(Order&)>& change) {
    const auto forge = [&notary, change](Sealed& sealed) {
        auto order = std::get<Order>(notary.open(sealed).value());
        change(order);
        sealed = notary.seal(order);
    };
    return [forge](const Input&, Outputs& outputs) {
        for (Send& send : outputs.sends) {
            if (auto* ordered = std::get_if<Ordered>(&send.frame.body)) forge(ordered->order);
            if (auto* registered = std::get_if<Registered>(&send.frame.body))
                if (registered->order) forge(*registered->order);
        }
    };
}

// --- rule 1: the tree ---------------------------------------------------------------------------

TEST(BrokenRoles, AHostWithoutAPlaceAndWithoutAReasonIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    HostRecord host = broken.record(broken.id_of(broken.one_with(Role::leaf)));
    host.is_placed = false;
    broken.decree(host);
    EXPECT_TRUE(broken.complains("no place and no reason"));
}

TEST(BrokenRoles, ARingInTheRecordsIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    HostRecord host = broken.record(broken.id_of(broken.one_with(Role::branch)));
    host.parent = host.id;
    broken.decree(host);
    EXPECT_TRUE(broken.complains("above itself"));
}

TEST(BrokenRoles, AParentOfTooManyIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    const HostId root = broken.id_of(*broken.fleet().root());
    broken.break_it([&broken, root](const Input&, Outputs& outputs) {
        for (std::uint32_t id = 1; id <= 12; ++id) {
            HostRecord host = broken.record(HostId{id});
            if (host.role == Role::leaf) host.parent = root;
            outputs.writes.emplace_back(Put{host});
        }
    });
    EXPECT_TRUE(broken.complains("is to have"));
}

TEST(BrokenRoles, AParentThatTakesNoChildrenIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    HostRecord host = broken.record(broken.id_of(broken.one_with(Role::leaf)));
    host.parent = host.id;
    broken.decree(host);
    EXPECT_TRUE(broken.complains("takes no children"));
}

TEST(BrokenRoles, ATreeThatStaysTooDeepIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    const HostId root = broken.id_of(*broken.fleet().root());
    broken.break_it([&broken, root, is_done = false](const Input&, Outputs& outputs) mutable {
        if (std::exchange(is_done, true)) return;
        HostId above = root;
        for (std::uint32_t id = 1; id <= 12; ++id) {
            if (HostId{id} == root) continue;
            HostRecord host = broken.record(HostId{id});
            host.role = Role::branch;
            host.parent = std::exchange(above, host.id);
            outputs.writes.emplace_back(Put{host});
        }
    });
    EXPECT_TRUE(broken.complains("links below the root", 90s));
}

TEST(BrokenRoles, ARingThatLastsIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    Fleet& fleet = broken.fleet();
    FleetModel model{fleet};
    Complaints complaints{fleet.world().schedule()};
    TreeChecker checker{fleet, model, complaints};
    const HostIndex first = 1;
    const HostIndex second = 2;
    model.set_glance(first, {.parent = broken.id_of(second), .is_attached = true});
    model.set_glance(second, {.parent = broken.id_of(first), .is_attached = true});
    checker.on_glance(second, model.glance(second));
    checker.sweep();
    EXPECT_TRUE(complaints.sentences().empty());
    fleet.world().run_for(8s);
    checker.sweep();
    EXPECT_EQ(complaints.sentences().size(), 1U);
}

// --- rules 2 and 4: orders and roles ------------------------------------------------------------

TEST(BrokenRoles, AnOrderThatWasNeverCommittedIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    broken.break_it(
        forging(broken.fleet().notary(), [](Order& order) { order.stamp.generation += 1000; }));
    broken.fleet().crash(broken.one_with(Role::branch));
    EXPECT_TRUE(broken.complains("obeys an order that its manager never committed"));
    EXPECT_TRUE(broken.has_said("sends n"));
}

TEST(BrokenRoles, ARoleThatWasNotGivenIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    broken.break_it(
        forging(broken.fleet().notary(), [](Order& order) { order.role = Role::branch; }));
    broken.fleet().crash(broken.one_with(Role::branch));
    EXPECT_TRUE(broken.complains("another role than it was ordered"));
}

TEST(BrokenRoles, AParentThatTheOrderDoesNotNameIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    const HostIndex leaf = broken.one_with(Role::leaf);
    const HostIndex root = *broken.fleet().root();
    const HostId id = broken.id_of(leaf);
    HostRecord record = broken.record(id);
    ++record.generation;
    record.parent = broken.id_of(broken.one_with(Role::branch));
    record.spares.clear();
    PeerAddress other{broken.id_of(root), broken.record(broken.id_of(root)).key,
                      broken.record(broken.id_of(root)).addresses};
    broken.break_it(forging(broken.fleet().notary(), [other](Order& order) {
        if (order.is_placed) order.parent = other;
    }));
    broken.fleet().crash(leaf);
    broken.fleet().world().run_for(3s);
    broken.fleet().start_host(leaf);
    EXPECT_TRUE(broken.complains("not in its store") || broken.complains("does not name"));
}

TEST(BrokenRoles, AnOrderOfThePastIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    broken.break_it(forging(broken.fleet().notary(), [](Order& order) { order.stamp = {0, 1}; }));
    const HostIndex leaf = broken.one_with(Role::leaf);
    broken.fleet().crash(leaf);
    broken.fleet().start_host(leaf);
    EXPECT_TRUE(broken.complains("older than the one before it"));
}

TEST(BrokenRoles, ARoleThatIsTakenBackIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    const HostIndex branch = broken.one_with(Role::branch);
    const Stamp stamp = broken.fleet().agent(branch)->view().stamp;
    broken.break_it(forging(broken.fleet().notary(), [stamp](Order& order) {
        order.stamp = stamp;
        order.role = Role::branch;
    }));
    broken.fleet().crash(branch);
    broken.fleet().start_host(branch);
    EXPECT_TRUE(broken.complains("took back a role"));
}

TEST(BrokenRoles, ARoleOfALostHostIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    broken.break_it(rewriting([](HostRecord& host) {
        if (host.state == HostState::lost) host.role = Role::branch;
    }));
    broken.fleet().crash(broken.one_with(Role::branch));
    EXPECT_TRUE(broken.complains("keeps a role although it is lost"));
}

TEST(BrokenRoles, ARoleForASuspectHostIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    const HostIndex leaf = broken.one_with(Role::leaf);
    const std::string name = broken.fleet().world().host(leaf).name();
    HostRecord host = broken.record(broken.id_of(leaf));
    broken.fleet().pause(leaf);
    ASSERT_TRUE(broken.fleet().world().run_until(
        [&broken, &name] {
            return broken.fleet().manager()->host(name)->state == HostState::suspect;
        },
        5s));
    host.role = Role::branch;
    broken.decree(host);
    EXPECT_TRUE(broken.complains("given a role although it is suspect"));
}

TEST(BrokenRoles, ARoleForADrainedHostIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    HostRecord host = broken.record(broken.id_of(broken.one_with(Role::leaf)));
    host.is_drained = true;
    host.role = Role::branch;
    broken.decree(host);
    EXPECT_TRUE(broken.complains("given a role although it is drained"));
}

// --- rules 5 and 7: moves and accusations -------------------------------------------------------

TEST(BrokenRoles, AMoveForNoReasonIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    HostRecord host = broken.record(broken.id_of(broken.one_with(Role::leaf)));
    const HostId root = broken.id_of(*broken.fleet().root());
    for (HostIndex other = 1; other <= 12; ++other) {
        const AgentView view = broken.fleet().agent(other)->view();
        if (view.role == Role::leaf && view.parent != root) host = broken.record(view.host);
    }
    broken.decree(host);
    broken.fleet().world().run_for(2s);
    host.parent = root;
    broken.decree(host);
    EXPECT_TRUE(broken.complains("for no reason"));
}

TEST(BrokenRoles, ALossOfAHostThatRunsIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    HostRecord host = broken.record(broken.id_of(broken.one_with(Role::leaf)));
    host.state = HostState::lost;
    host.cause = Cause::crashed;
    broken.decree(host);
    EXPECT_TRUE(broken.complains("although nothing was done to it"));
    EXPECT_EQ(broken.observer().findings().false_lost, 1U);
}

/// A branch that tells of a child what is not so.
class Slander : public testing::TestWithParam<Cause> {};

TEST_P(Slander, IsFound) {
    const HostIndex slanderer = BrokenFleet{}.one_with(Role::branch);
    BrokenFleet broken{slanderer};
    ASSERT_TRUE(broken.is_good());
    HostFact fact;
    fact.state = HostState::lost;
    fact.cause = GetParam();
    fact.parent = broken.id_of(slanderer);
    broken.break_it([&fact](const Input& input, Outputs& outputs) {
        const auto* received = std::get_if<Received>(&input);
        const auto* join = received == nullptr ? nullptr : std::get_if<Join>(&received->frame.body);
        if (join != nullptr) {
            fact.host = received->frame.header.sender;
            fact.incarnation = received->frame.header.incarnation;
            fact.attachment = join->attachment;
            fact.revision = 100;
        }
        for (Send& send : outputs.sends)
            if (auto* beat = std::get_if<Heartbeat>(&send.frame.body); beat && fact.revision > 0)
                beat->facts.push_back(fact);
    });
    for (HostIndex child = 1; child <= 12; ++child) {  // one that joins it anew
        if (broken.fleet().agent(child)->view().parent != fact.parent) continue;
        broken.fleet().crash(child);
        broken.fleet().start_host(child);
        break;
    }
    EXPECT_TRUE(broken.complains(GetParam() == Cause::crashed ? "crashed, and it did not"
                                                              : "listened for too short a time"));
}

INSTANTIATE_TEST_SUITE_P(Causes, Slander, testing::Values(Cause::crashed, Cause::silent));

TEST(BrokenRoles, AManagerThatGivesNobodyTimeToComeBackIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    HostRecord host = broken.record(broken.id_of(broken.one_with(Role::leaf)));
    broken.fleet().crash(Fleet::manager_index);
    broken.fleet().start_host(Fleet::manager_index);
    host.state = HostState::lost;
    host.cause = Cause::not_back;
    broken.decree(host);
    EXPECT_TRUE(broken.complains("The manager calls"));
}

}  // namespace
}  // namespace coppice
