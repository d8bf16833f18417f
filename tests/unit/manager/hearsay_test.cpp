// What parents say of a host, and what it says of itself: who is believed, and what follows.

#include <gtest/gtest.h>

#include "tests/unit/manager/cell_bench.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::CellBench;

/// A settled fleet of 13 hosts, and one of its leaves.
class Hearsay : public ::testing::Test {
protected:
    Hearsay() {
        bench.join_many(13);
        EXPECT_TRUE(bench.settle());
        for (auto& [name, host] : bench.hosts)
            if (host.order.role == Role::leaf && !host.order.is_understudy) leaf = &host;
    }
    /// The next word of its parent.
    [[nodiscard]] HostFact word(HostState state) const {
        return {.host = leaf->id,
                .incarnation = leaf->incarnation,
                .attachment = leaf->attachment,
                .revision = ++leaf->revision,
                .state = state,
                .cause = state == HostState::lost ? Cause::silent : Cause::none,
                .parent = leaf->parent,
                .stamp = leaf->obeyed};
    }
    /// The first word of a parent to which the leaf went.
    [[nodiscard]] HostFact first_word(HostId parent, HostState state = HostState::live) const {
        ++leaf->attachment.value;
        leaf->revision = 0;
        HostFact fact = word(state);
        fact.parent = parent;
        return fact;
    }
    [[nodiscard]] HostView view() const { return bench.view(leaf->name); }
    [[nodiscard]] HostId root() const { return bench.hosts.at(bench.root()).id; }

    CellBench bench{3};
    CellBench::Host* leaf = nullptr;
};

TEST_F(Hearsay, AnAdoptionIsConfirmedWithANewOrder) {
    const Stamp before = leaf->order.stamp;
    leaf->parent = root();
    bench.say(first_word(root()));
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(view().record.parent, root());
    EXPECT_EQ(leaf->order.parent.host, root());
    EXPECT_GT(leaf->order.stamp, before);
}

TEST_F(Hearsay, AnAdoptionIsHeardOfThoughASuspicionOvertookItsFirstWord) {
    leaf->parent = root();
    bench.say(first_word(root(), HostState::suspect));
    bench.run(seconds{1});
    EXPECT_EQ(view().record.parent, root());
}

TEST_F(Hearsay, AnAdoptionIsConfirmedUnderANewStampThoughTheManagerDiedBeforeIt) {
    const Stamp before = leaf->order.stamp;
    leaf->parent = root();
    bench.say(first_word(root()));
    bench.restart_manager();
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(view().record.parent, root());
    EXPECT_GT(leaf->order.stamp, before);
    EXPECT_EQ(leaf->order.parent.host, root());
}

TEST_F(Hearsay, AHostThatAdoptedALeafAsParentIsOrderedBack) {
    const HostId wanted = leaf->parent;
    const double orders = bench.metric("coppice_orders_sent_total");
    bench.say(first_word(bench.host(bench.understudy()).id));
    bench.run(milliseconds{500});
    EXPECT_EQ(view().record.parent, wanted);
    EXPECT_GT(bench.metric("coppice_orders_sent_total"), orders);
}

TEST_F(Hearsay, AnOldParentIsNotBelievedOfAHostThatMovedOn) {
    HostFact late = word(HostState::lost);
    late.attachment = {leaf->attachment.value - 1};
    bench.say(late);
    bench.run(seconds{1});
    EXPECT_EQ(view().state, HostState::live);
}

TEST_F(Hearsay, AnOldParentIsNotBelievedAfterARestartOfTheManager) {
    const Attachment former = leaf->attachment;
    bench.say(first_word(leaf->parent));  // the same parent again: nothing else changes
    bench.run(seconds{1});
    bench.restart_manager();
    bench.run(seconds{1});
    HostFact late = word(HostState::lost);
    late.attachment = former;
    bench.say(late);
    bench.run(seconds{1});
    EXPECT_EQ(view().state, HostState::live);
}

TEST_F(Hearsay, ASuspicionIsShownAndNotWritten) {
    const std::uint64_t writes = bench.writes;
    bench.say(word(HostState::suspect));
    bench.run(seconds{1});
    EXPECT_EQ(view().state, HostState::suspect);
    bench.say(word(HostState::live));
    bench.run(seconds{1});
    EXPECT_EQ(view().state, HostState::live);
    EXPECT_EQ(bench.writes, writes);
}

TEST_F(Hearsay, ASuspicionThatNobodySettlesEnds) {
    // The word of a former parent that comes late, after a restart of the manager.
    bench.say(word(HostState::suspect));
    bench.run(seconds{1});
    ASSERT_EQ(view().state, HostState::suspect);
    bench.run(seconds{8});
    EXPECT_EQ(view().state, HostState::live);
}

TEST_F(Hearsay, WhoAsksForAPlaceIsSuspectNoMore) {
    bench.say(word(HostState::suspect));
    bench.run(milliseconds{100});
    ASSERT_EQ(view().state, HostState::suspect);
    ++leaf->attachment.value;
    leaf->is_attached = false;
    bench.seek(*leaf, leaf->parent);
    EXPECT_EQ(view().state, HostState::live);
}

TEST_F(Hearsay, NoRoleGoesToAHostOfWhomTheSameBeatHasBadNews) {
    const std::string former = bench.understudy();
    leaf = &bench.host(former);
    bench.say(word(HostState::lost));
    std::string unheard;  // the one leaf of which nothing bad is said
    for (auto& [name, host] : bench.hosts) {
        if (name == former || host.order.role != Role::leaf) continue;
        leaf = &host;
        if (!unheard.empty()) bench.say(word(HostState::suspect));
        if (unheard.empty()) unheard = name;
    }
    bench.run(milliseconds{100});
    EXPECT_EQ(bench.view(former).state, HostState::lost);
    EXPECT_EQ(bench.understudy(), unheard);
}

TEST_F(Hearsay, ARestartedManagerDeposesNoRootForOneDroppedLineAndOneAccuser) {
    const std::string healthy = bench.root();
    bench.restart_manager();
    bench.run(seconds{1});
    bench.drop_root_link();
    ++leaf->attachment.value;
    leaf->is_attached = false;
    bench.seek(*leaf, root());
    EXPECT_EQ(bench.root(), healthy);
    EXPECT_EQ(bench.manager->status().hosts.lost, 0U);
}

// One host that lies must not be able to keep another out for ever: no run would come after this.
TEST_F(Hearsay, WordsOfARunFarAheadAreNotBelieved) {
    HostFact lie = word(HostState::lost);
    lie.incarnation = Incarnation{~std::uint64_t{0}};
    bench.say(lie);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(view().state, HostState::live);
    bench.restart_host(leaf->name);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(leaf->answer.result, Registration::ok);
    EXPECT_EQ(view().state, HostState::live);
}

TEST_F(Hearsay, WordsOfAnAttachmentFarAheadAreNotBelieved) {
    HostFact lie = word(HostState::lost);
    lie.attachment = Attachment{~std::uint64_t{0}};
    bench.say(lie);
    ASSERT_TRUE(bench.settle());
    EXPECT_EQ(view().state, HostState::live);
    bench.say(word(HostState::lost));
    bench.run(seconds{1});
    EXPECT_EQ(view().state, HostState::lost) << "its parent is heard as before";
}

}  // namespace
}  // namespace coppice
