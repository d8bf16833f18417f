// What a manager writes of each host, from when to when.

#include "manager/timelines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cell_bench.h"

namespace coppice::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TimelinesOfACell : public ::testing::Test {
protected:
    void SetUp() override {
        bench.join_many(12);
        ASSERT_TRUE(bench.settle());
    }
    std::vector<TimelineRow> rows(const std::string& name) {
        return bench.timelines.all(bench.host(name).id);
    }
    [[nodiscard]] UnixMillis unix_now() const {
        return bench.unix_start +
               std::chrono::duration_cast<UnixMillis>(bench.now.time_since_epoch());
    }
    [[nodiscard]] std::string one_with(Role role) const {
        for (const auto& [name, host] : bench.hosts)
            if (host.order.role == role && !host.order.is_understudy) return name;
        return {};
    }
    /// Each host's newest row says what its record says, and begins no later than now.
    void expect_agreement() {
        for (const auto& [key, record] : bench.records) {
            const auto* host = std::get_if<HostRecord>(&record);
            if (host == nullptr) continue;
            const std::vector<TimelineRow> all = bench.timelines.all(host->id);
            ASSERT_FALSE(all.empty()) << host->name;
            const TimelineRow& newest = all.back();
            EXPECT_EQ(newest.condition, condition_of(*host, newest.condition.generation))
                << host->name;
            EXPECT_LE(newest.from, unix_now()) << host->name;
        }
    }

    CellBench bench;
};

/// States without the rows that tell of another parent.
std::vector<HostState> states(const std::vector<TimelineRow>& rows) {
    std::vector<HostState> states;
    for (const TimelineRow& row : rows)
        if (states.empty() || states.back() != row.condition.state)
            states.push_back(row.condition.state);
    return states;
}

TEST_F(TimelinesOfACell, TellOfADeathAndOfTheReturn) {
    const std::string leaf = one_with(Role::leaf);
    bench.kill(leaf, Cause::silent);
    bench.run(5s);
    EXPECT_EQ(rows(leaf).back().condition.cause, Cause::silent);
    EXPECT_EQ(rows(leaf).back().from, bench.view(leaf).record.since);
    EXPECT_NE(rows(leaf).back().condition.parent, HostId{}) << "the last one that it had";
    bench.run(60s);
    bench.restart_host(leaf);
    ASSERT_TRUE(bench.settle());
    EXPECT_THAT(states(rows(leaf)),
                ElementsAre(HostState::joining, HostState::live, HostState::lost,
                            HostState::joining, HostState::live));
    expect_agreement();
}

TEST_F(TimelinesOfACell, TellOfANewParentWithoutANewState) {
    const std::string branch = one_with(Role::branch);
    ASSERT_FALSE(branch.empty());
    const HostId former = bench.host(branch).id;
    std::string child;
    for (const auto& [name, host] : bench.hosts)
        if (host.parent == former) child = name;
    const TimelineRow before = rows(child).back();
    bench.kill(branch);
    ASSERT_TRUE(bench.settle());
    const TimelineRow after = rows(child).back();
    EXPECT_EQ(before.condition.parent, former);
    EXPECT_NE(after.condition.parent, former);
    EXPECT_EQ(after.condition.since, before.condition.since);
    EXPECT_GT(after.from, before.from);
    EXPECT_GT(after.condition.generation, before.condition.generation);
    expect_agreement();
}

TEST_F(TimelinesOfACell, TellOfADrain) {
    const std::string leaf = one_with(Role::leaf);
    const std::size_t before = rows(leaf).size();
    ASSERT_TRUE(
        std::holds_alternative<Accepted>(bench.ask(DrainCommand{.host = leaf, .reason = "disk"})));
    ASSERT_EQ(rows(leaf).size(), before + 1);
    EXPECT_TRUE(rows(leaf).back().condition.is_drained);
    EXPECT_EQ(rows(leaf).back().condition.state, HostState::live);
}

TEST_F(TimelinesOfACell, TellOfARoleThatAHostIsGivenOrLoses) {
    const std::string branch = one_with(Role::branch);
    ASSERT_FALSE(branch.empty());
    EXPECT_EQ(rows(branch).back().condition.role, Role::branch);
    ASSERT_TRUE(std::holds_alternative<Accepted>(
        bench.ask(DrainCommand{.host = branch, .reason = "disk"})));
    ASSERT_TRUE(bench.settle());
    const std::vector<TimelineRow> all = rows(branch);
    EXPECT_EQ(all.back().condition.role, Role::leaf);
    EXPECT_EQ(all.back().condition.state, HostState::live);
    for (std::size_t row = 1; row < all.size(); ++row)
        EXPECT_NE(all[row].condition, all[row - 1].condition);
    expect_agreement();
}

TEST_F(TimelinesOfACell, GetTheRolesThatAnOlderReleaseDidNotWrite) {
    const std::string leaf = one_with(Role::leaf);
    const std::size_t before = rows(leaf).size();
    bench.run(60s);
    bench.has_roles = false;
    bench.restart_manager();
    ASSERT_EQ(rows(leaf).size(), before + 1);
    EXPECT_EQ(rows(leaf).back().from, unix_now()) << "what was before stays unknown";
    EXPECT_EQ(rows(leaf).back().condition.role, Role::leaf);
    bench.has_roles = true;
    bench.restart_manager();
    EXPECT_EQ(rows(leaf).size(), before + 1);
    expect_agreement();
}

TEST_F(TimelinesOfACell, AreNotWrittenWhileNothingHappens) {
    const std::uint64_t before = bench.timelines.begun();
    bench.run(10min);
    EXPECT_EQ(bench.timelines.begun(), before);
}

TEST_F(TimelinesOfACell, GoOnThroughARestartOfTheManager) {
    const std::uint64_t before = bench.timelines.begun();
    bench.restart_manager();
    ASSERT_TRUE(bench.settle());
    bench.run(60s);
    EXPECT_EQ(bench.timelines.begun(), before) << "it found everybody as it had left them";
    const std::string leaf = one_with(Role::leaf);
    bench.kill(leaf);
    bench.run(5s);
    EXPECT_EQ(bench.timelines.begun(), before + 1);
    expect_agreement();
}

TEST_F(TimelinesOfACell, BeginWithWhatAnOlderStoreHasOfItsHosts) {
    bench.timelines = {};
    bench.restart_manager();
    expect_agreement();
    for (const auto& [name, host] : bench.hosts)
        EXPECT_EQ(rows(name).front().from, bench.view(name).record.since) << name;
}

TEST_F(TimelinesOfACell, PassToTheHostThatTakesOverAName) {
    const std::string leaf = one_with(Role::leaf);
    const HostId former = bench.host(leaf).id;
    bench.kill(leaf);
    bench.run(11min);
    const std::size_t before = bench.timelines.all(former).size();
    CellBench::Host& heir = bench.hosts["heir"];
    heir.name = "heir";
    heir.key[5] = 5;
    bench.request(heir, bench.registration(leaf));
    bench.run(200ms);
    ASSERT_EQ(heir.answer.result, Registration::ok);
    ASSERT_GT(heir.id, former);
    EXPECT_THAT(bench.timelines.all(former), IsEmpty());
    ASSERT_GT(rows("heir").size(), before);
    EXPECT_EQ(rows("heir")[before - 1].condition.state, HostState::lost);
    EXPECT_EQ(rows("heir")[before].condition.state, HostState::joining);
}

TEST_F(TimelinesOfACell, DoNotReachIntoTheFutureWhenTheClockIsSetBack) {
    bench.feed(ClockRead{unix_now() + 23h});
    const std::string leaf = one_with(Role::leaf);
    bench.kill(leaf);
    bench.run(10s);
    EXPECT_GT(rows(leaf).back().from, unix_now() + 22h);
    bench.feed(ClockRead{unix_now()});
    expect_agreement();
    EXPECT_EQ(bench.view(leaf).record.since, unix_now());
    EXPECT_EQ(states(rows(leaf)).back(), HostState::lost);
}

TEST_F(TimelinesOfACell, KeepTheirRowsWhenTheClockGoesBackToTheBeginningOfTime) {
    const std::string leaf = one_with(Role::leaf);
    const std::size_t before = rows(leaf).size();
    bench.feed(ClockRead{1000s});
    bench.kill(leaf);
    bench.run(10s);
    bench.feed(ClockRead{unix_now()});
    EXPECT_EQ(rows(leaf).size(), before + 1);
    EXPECT_EQ(rows(leaf).back().condition.state, HostState::lost);
}

}  // namespace
}  // namespace coppice::testing
