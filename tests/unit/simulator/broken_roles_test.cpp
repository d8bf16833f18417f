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

TEST_F(BrokenRoles, AHostWithoutAPlaceAndWithoutAReasonIsFound) {
    HostRecord host = record_of(one_with(Role::leaf));
    host.is_placed = false;
    decree(host);
    EXPECT_TRUE(complains("no place and no reason"));
}

TEST_F(BrokenRoles, ARingInTheRecordsIsFound) {
    HostRecord host = record_of(one_with(Role::branch));
    host.parent = host.id;
    decree(host);
    EXPECT_TRUE(complains("above itself"));
}

TEST_F(BrokenRoles, AParentOfTooManyIsFound) {
    const HostId root = id_of(*fleet.root());
    break_it([this, root](const Input&, Outputs& outputs) {
        for (std::uint32_t id = 1; id <= 12; ++id) {
            HostRecord host = record(HostId{id});
            if (host.role == Role::leaf) host.parent = root;
            outputs.writes.emplace_back(Put{host});
        }
    });
    EXPECT_TRUE(complains("is to have"));
}

TEST_F(BrokenRoles, AParentThatTakesNoChildrenIsFound) {
    HostRecord host = record_of(one_with(Role::leaf));
    host.parent = host.id;
    decree(host);
    EXPECT_TRUE(complains("takes no children"));
}

TEST_F(BrokenRoles, ATreeThatStaysTooDeepIsFound) {
    const HostId root = id_of(*fleet.root());
    break_it([this, root, is_done = false](const Input&, Outputs& outputs) mutable {
        if (std::exchange(is_done, true)) return;
        HostId above = root;
        for (std::uint32_t id = 1; id <= 12; ++id) {
            if (HostId{id} == root) continue;
            HostRecord host = record(HostId{id});
            host.role = Role::branch;
            host.parent = std::exchange(above, host.id);
            outputs.writes.emplace_back(Put{host});
        }
    });
    EXPECT_TRUE(complains("links below the root", 90s));
}

TEST_F(BrokenRoles, ARingThatLastsIsFound) {
    FleetModel model{fleet};
    Complaints complaints{fleet.world().schedule()};
    TreeChecker checker{fleet, model, complaints};
    const HostIndex first = 1;
    const HostIndex second = 2;
    checker.on_glance(first, {.parent = id_of(second), .is_attached = true});
    checker.on_glance(second, {.parent = id_of(first), .is_attached = true});
    checker.sweep();
    EXPECT_TRUE(complaints.sentences().empty());
    fleet.world().run_for(8s);
    checker.sweep();
    EXPECT_EQ(complaints.sentences().size(), 1U);
}

// --- rules 2 and 4: orders and roles ------------------------------------------------------------

TEST_F(BrokenRoles, AnOrderThatWasNeverCommittedIsFound) {
    break_it(forging(fleet.notary(), [](Order& order) { order.stamp.generation += 1000; }));
    fleet.crash(one_with(Role::branch));
    EXPECT_TRUE(complains("obeys an order that its manager never committed"));
    EXPECT_TRUE(has_said("sends n"));
}

TEST_F(BrokenRoles, ARoleThatWasNotGivenIsFound) {
    break_it(forging(fleet.notary(), [](Order& order) { order.role = Role::branch; }));
    fleet.crash(one_with(Role::branch));
    EXPECT_TRUE(complains("another role than it was ordered"));
}

TEST_F(BrokenRoles, AParentThatTheOrderDoesNotNameIsFound) {
    const HostIndex leaf = one_with(Role::leaf);
    const HostIndex root = *fleet.root();
    const PeerAddress other{id_of(root), record_of(root).key, record_of(root).addresses};
    break_it(forging(fleet.notary(), [other](Order& order) {
        if (order.is_placed) order.parent = other;
    }));
    fleet.crash(leaf);
    fleet.world().run_for(3s);
    fleet.start_host(leaf);
    EXPECT_TRUE(complains("not in its store") || complains("does not name"));
}

TEST_F(BrokenRoles, AnOrderOfThePastIsFound) {
    break_it(forging(fleet.notary(), [](Order& order) { order.stamp = {0, 1}; }));
    const HostIndex leaf = one_with(Role::leaf);
    fleet.crash(leaf);
    fleet.world().host(leaf).store().wipe();  // otherwise it would not obey
    fleet.start_host(leaf);
    EXPECT_TRUE(complains("older than the one before it"));
}

TEST_F(BrokenRoles, ARoleThatIsTakenBackIsFound) {
    const HostIndex branch = one_with(Role::branch);
    const Stamp stamp = fleet.agent(branch)->view().stamp;
    break_it(forging(fleet.notary(), [stamp](Order& order) {
        order.stamp = stamp;
        order.role = Role::branch;
    }));
    fleet.crash(branch);
    fleet.start_host(branch);
    EXPECT_TRUE(complains("took back a role"));
}

TEST_F(BrokenRoles, ARoleOfALostHostIsFound) {
    break_it(rewriting([](HostRecord& host) {
        if (host.state == HostState::lost) host.role = Role::branch;
    }));
    fleet.crash(one_with(Role::branch));
    EXPECT_TRUE(complains("keeps a role although it is lost"));
}

TEST_F(BrokenRoles, ARoleForASuspectHostIsFound) {
    const HostIndex leaf = one_with(Role::leaf);
    const std::string name = fleet.world().host(leaf).name();
    HostRecord host = record_of(leaf);
    fleet.pause(leaf);
    ASSERT_TRUE(fleet.world().run_until(
        [this, &name] { return fleet.manager()->host(name)->state == HostState::suspect; }, 5s));
    host.role = Role::branch;
    decree(host);
    EXPECT_TRUE(complains("given a role although it is suspect"));
}

TEST_F(BrokenRoles, ARoleForADrainedHostIsFound) {
    HostRecord host = record_of(one_with(Role::leaf));
    host.is_drained = true;
    host.role = Role::branch;
    decree(host);
    EXPECT_TRUE(complains("given a role although it is drained"));
}

// --- rules 5 and 7: moves and accusations -------------------------------------------------------

TEST_F(BrokenRoles, AMoveForNoReasonIsFound) {
    HostRecord host = record_of(one_with(Role::leaf));
    const HostId root = id_of(*fleet.root());
    for (HostIndex other = 1; other <= 12; ++other) {
        const AgentView view = fleet.agent(other)->view();
        if (view.role == Role::leaf && view.parent != root) host = record(view.host);
    }
    decree(host);
    fleet.world().run_for(2s);
    host.parent = root;
    decree(host);
    EXPECT_TRUE(complains("for no reason"));
}

TEST_F(BrokenRoles, ALossOfAHostThatRunsIsFound) {
    HostRecord host = record_of(one_with(Role::leaf));
    host.state = HostState::lost;
    host.cause = Cause::crashed;
    decree(host);
    EXPECT_TRUE(complains("although nothing was done to it"));
    EXPECT_EQ(observer.findings().false_lost, 1U);
}

/// A branch that tells of a child what is not so.
class Slander : public BrokenRoles, public testing::WithParamInterface<Cause> {};

TEST_P(Slander, IsFound) {
    const HostIndex slanderer = one_with(Role::branch);
    HostFact fact;
    fact.state = HostState::lost;
    fact.cause = GetParam();
    fact.parent = id_of(slanderer);
    break_it(
        [&fact](const Input& input, Outputs& outputs) {
            const auto* received = std::get_if<Received>(&input);
            const auto* join =
                received == nullptr ? nullptr : std::get_if<Join>(&received->frame.body);
            if (join != nullptr) {
                fact.host = received->frame.header.sender;
                fact.incarnation = received->frame.header.incarnation;
                fact.attachment = join->attachment;
                fact.revision = 100;
            }
            for (Send& send : outputs.sends)
                if (auto* beat = std::get_if<Heartbeat>(&send.frame.body);
                    beat && fact.revision > 0)
                    beat->facts.push_back(fact);
        },
        slanderer);
    for (HostIndex child = 1; child <= 12; ++child) {  // one that joins it anew
        if (fleet.agent(child)->view().parent != fact.parent) continue;
        fleet.crash(child);
        fleet.start_host(child);
        break;
    }
    EXPECT_TRUE(complains(GetParam() == Cause::crashed ? "crashed, and it did not"
                                                       : "listened for too short a time"));
}

INSTANTIATE_TEST_SUITE_P(Causes, Slander, testing::Values(Cause::crashed, Cause::silent));

TEST_F(BrokenRoles, AManagerThatGivesNobodyTimeToComeBackIsFound) {
    HostRecord host = record_of(one_with(Role::leaf));
    fleet.crash(Fleet::manager_index);
    fleet.start_host(Fleet::manager_index);
    host.state = HostState::lost;
    host.cause = Cause::not_back;
    decree(host);
    EXPECT_TRUE(complains("The manager calls"));
}

}  // namespace
}  // namespace coppice
