// What a push does in a fleet that changes, loses and fails; the numbers are those of
// docs/performance.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <vector>

#include "common/random.h"
#include "tests/simulation/procedure.h"

namespace coppice {
namespace {

const std::uint32_t failures_max = ManagerConfig{}.failures_max;
const Duration isolation_pause = ManagerConfig{}.isolation_pause;

/// Every version that a host applies, and how long it took since the manager's commit.
class Applies final : public FleetWitness {
public:
    explicit Applies(Fleet& fleet) : fleet_{fleet} { fleet.add_witness(*this); }

    void on_glance(HostIndex, const AgentGlance&, const AgentGlance&) override {}
    void on_commit(HostIndex host, std::span<const Write> writes) override {
        for (const Write& write : writes) {
            const auto* put = std::get_if<Put>(&write);
            if (put == nullptr) continue;
            if (const auto* push = std::get_if<PushRecord>(&put->record))
                committed.try_emplace(push->version, fleet_.world().now());
            const auto* applied = std::get_if<AppliedRecord>(&put->record);
            if (host == Fleet::manager_index || applied == nullptr) continue;
            ++applies[host];
            std::uint64_t& newest = versions[host];
            if (applied->version <= newest) ++not_forward;
            newest = applied->version;
            took[host].push_back(fleet_.world().now() - committed.at(applied->version));
        }
    }

    std::map<std::uint64_t, Instant> committed;  // by version
    std::map<HostIndex, std::uint64_t> versions;
    std::map<HostIndex, std::uint64_t> applies;
    std::map<HostIndex, std::vector<Duration>> took;
    std::uint64_t not_forward = 0;  // applied again, or an older one

private:
    Fleet& fleet_;
};

struct Pushed : Procedure {
    explicit Pushed(const FleetOptions& options) : Procedure{options}, applies{fleet} {}

    PushId push() {
        const Answer answer = fleet.ask(PushCommand{.topic = "conf", .payload = Bytes(100)});
        return std::get<PushAccepted>(answer).push;
    }
    [[nodiscard]] ReceiptView receipt(PushId push) const { return *fleet.manager()->push(push); }
    /// The share of all applies by these hosts that took so long or less.
    [[nodiscard]] Duration quantile(double share, const std::set<HostIndex>& without = {}) const {
        std::vector<Duration> all;
        for (const auto& [host, took] : applies.took)
            if (!without.contains(host)) all.insert(all.end(), took.begin(), took.end());
        std::sort(all.begin(), all.end());
        return all.empty()
                   ? Duration{}
                   : all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
    }

    Applies applies;
};

TEST(Pushing, EveryHostHasTheNewestWhileHostsComeAndGo) {
    constexpr std::uint32_t hosts = 400;
    Pushed test{{.hosts = hosts, .fanout = 8, .seed = 11}};
    Fleet& fleet = test.fleet;
    std::set<HostIndex> absent;
    for (HostIndex host = 301; host <= hosts; ++host) absent.insert(host);
    fleet.start(50ms, absent);
    ASSERT_TRUE(fleet.settle(60s));
    Random random{11};
    std::map<HostIndex, Instant> up_since;
    for (HostIndex host = 1; host <= 300; ++host) up_since[host] = fleet.world().now();
    std::set<HostIndex> down = absent;
    std::uint64_t killed = 0;
    std::uint64_t behind = 0;
    const auto change_one = [&] {  // a host leaves for good or a while, or comes (back)
        const bool is_leaving = down.empty() || (up_since.size() > 250 && random.below(2) == 0);
        const std::uint64_t at = random.below(is_leaving ? up_since.size() : down.size());
        if (is_leaving) {
            const HostIndex host = std::next(up_since.begin(), static_cast<long>(at))->first;
            fleet.stop(host);
            up_since.erase(host);
            down.insert(host);
            return;
        }
        const HostIndex host = *std::next(down.begin(), static_cast<long>(at));
        if (fleet.world().host(host).phase() != VirtualHost::Phase::down) return;
        fleet.start_host(host);
        down.erase(host);
        up_since[host] = fleet.world().now();
    };
    const auto kill_a_branch = [&] {
        const HostIndex branch = test.a_branch();
        if (branch == 0 || !up_since.contains(branch)) return;
        ++killed;
        fleet.crash(branch);
        up_since.erase(branch);
        down.insert(branch);
    };
    for (int second = 0; second < 300; ++second) {
        static_cast<void>(test.push());
        if (second % 10 == 5) kill_a_branch();  // of some 50: 5 % in half a minute
        for (int tenth = 0; tenth < 10; ++tenth) {
            change_one();
            fleet.world().run_for(97ms);
        }
        const Instant now = fleet.world().now();
        std::uint64_t old = 0;  // the newest version of ten seconds ago
        for (const auto& [version, time] : test.applies.committed)
            if (time + 10s <= now) old = std::max(old, version);
        for (const auto& [host, since] : up_since)
            if (since + 10s <= now && test.applies.versions[host] < old) ++behind;
    }
    EXPECT_EQ(behind, 0U) << "hosts that lacked a version ten seconds after it";
    fleet.world().run_for(10s);
    const std::uint64_t newest = test.applies.committed.rbegin()->first;
    for (const auto& [host, since] : up_since)
        EXPECT_EQ(test.applies.versions[host], newest) << test.name(host);
    EXPECT_EQ(test.applies.not_forward, 0U);
    EXPECT_TRUE(fleet.world().trace().faults().empty());
    std::cout << "  " << killed << " branches killed; applied after p99 "
              << test.quantile(0.99) / 1ms << " ms, at most " << test.quantile(1) / 1ms << " ms\n";
}

TEST(Pushing, WhatHintsWouldHaveSaidIsFoundByTheBeats) {
    Pushed test{{.hosts = 100, .fanout = 8, .seed = 12}};
    test.bring_up();
    Fleet& fleet = test.fleet;
    fleet.world().network().lose([](const Frame& frame) {
        const auto* beat = std::get_if<Heartbeat>(&frame.body);
        return std::holds_alternative<PushDown>(frame.body) || (beat != nullptr && beat->is_hint);
    });
    PushId last;
    for (int second = 0; second < 30; ++second) {
        last = test.push();
        fleet.world().run_for(1s);
    }
    EXPECT_EQ(test.receipt(last).applied, 0U);
    fleet.world().network().lose({});
    const Instant healed = fleet.world().now();
    ASSERT_TRUE(fleet.world().run_until(
        [&] { return test.receipt(last).applied == 100 && test.receipt(last).complete; }, 20s));
    std::cout << "  all have it " << (fleet.world().now() - healed) / 1ms << " ms after\n";
    EXPECT_LE(fleet.world().now() - healed, 2s) << "two intervals";
}

TEST(Pushing, AThousandChangesInASecondAreTwoDeliveries) {
    Pushed test{{.hosts = 100, .fanout = 8, .seed = 13}};
    test.bring_up();
    Fleet& fleet = test.fleet;
    PushId last;
    for (int change = 0; change < 1000; ++change) {
        last = test.push();
        fleet.world().run_for(1ms);
    }
    const Instant pushed = fleet.world().now();
    ASSERT_TRUE(fleet.world().run_until([&] { return test.receipt(last).complete; }, 10s));
    EXPECT_LE(fleet.world().now() - pushed, 1200ms);
    for (HostIndex host = 1; host <= 100; ++host) {
        EXPECT_LE(test.applies.applies[host], 2U) << test.name(host);
        EXPECT_EQ(test.applies.versions[host], 1000U) << test.name(host);
    }
    EXPECT_LE(test.quantile(1), 1100ms) << "nothing waits longer than a second";
    for (const ReceiptView& one : fleet.manager()->pushes()) EXPECT_TRUE(one.complete);
}

/// What pushes take, twice a second for so long, and who has isolated whom at the end.
struct Course {
    Duration p99{};  // of the hosts that are not disturbed
    std::uint64_t isolated = 0;
    std::uint64_t settled_late = 0;  // pushes that were not settled within a second
};

template <class Disturb>
Course course(Disturb disturb) {
    Pushed test{{.hosts = 200, .fanout = 8, .seed = 14}};
    test.bring_up();
    const std::set<HostIndex> disturbed = disturb(test);
    Course course;
    for (int push = 0; push < 60; ++push) {
        const PushId one = test.push();
        test.fleet.world().run_for(1s);
        if (!test.receipt(one).settled) ++course.settled_late;
        test.fleet.world().run_for(1s);
    }
    course.p99 = test.quantile(0.99, disturbed);
    course.isolated = test.fleet.manager()->status().hosts.isolated;
    return course;
}

TEST(Pushing, WhoFailsOrIsSlowDelaysNobodyAndIsNotWaitedFor) {
    const Course well = course([](Pushed&) { return std::set<HostIndex>{}; });
    EXPECT_EQ(well.isolated, 0U);
    const Course failing = course([](Pushed& test) {
        test.fleet.world().host(17).refuse("conf", "the disk is full");
        return std::set<HostIndex>{17};
    });
    EXPECT_EQ(failing.isolated, 1U);
    const Course slow = course([](Pushed& test) {
        const HostIndex branch = test.a_branch();
        test.fleet.world().network().clog(branch, 700ms);
        std::set<HostIndex> subtree = test.children_of(branch);
        subtree.insert(branch);
        return subtree;
    });
    EXPECT_GE(slow.isolated, 2U);
    EXPECT_LE(slow.settled_late, failures_max + 2) << "before it is isolated, or tried";
    for (const Course& one : {failing, slow}) {
        std::cout << "  p99 of the others " << one.p99 / 1us << " us, of a fleet that is well "
                  << well.p99 / 1us << " us; isolated " << one.isolated << '\n';
        EXPECT_LE(one.p99, well.p99 * 11 / 10);
    }
}

TEST(Pushing, ASlowSubtreeIsBackAfterOneSuccess) {
    Pushed test{{.hosts = 200, .fanout = 8, .seed = 15}};
    test.bring_up();
    Fleet& fleet = test.fleet;
    fleet.world().host(17).delay_applies(3s);
    for (int push = 0; push < 15; ++push) {
        static_cast<void>(test.push());
        fleet.world().run_for(4s);
    }
    ASSERT_EQ(fleet.manager()->status().hosts.isolated, 1U);
    EXPECT_EQ(test.view(17).isolation->cause, Cause::slow);
    fleet.world().host(17).delay_applies(0s);
    const PushId last = test.push();
    fleet.world().run_for(1s);
    const ReceiptView passed = test.receipt(last);
    EXPECT_EQ(passed.isolated, 1U);
    EXPECT_EQ(passed.applied + passed.refused + passed.isolated + passed.pending, passed.target);
    EXPECT_TRUE(passed.settled);
    fleet.world().run_for(isolation_pause + 1s);
    EXPECT_TRUE(test.receipt(last).complete);
    EXPECT_EQ(fleet.manager()->status().hosts.isolated, 0U);
    EXPECT_EQ(test.count("host.isolated", 17), 1U);
    EXPECT_EQ(test.count("host.restored", 17), 1U);
}

}  // namespace
}  // namespace coppice
