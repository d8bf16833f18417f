// Each checker of stores, receipts, answers and flow speaks up when a role breaks its rule.
#include <gtest/gtest.h>

#include "common/limits.h"
#include "tests/unit/simulator/broken_roles.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

/// Of anybody: changes every message of that type that it sends.
template <class T>
Tamper resending(const std::function<void(T&)>& change) {
    return [change](const Input&, Outputs& outputs) {
        for (Send& send : outputs.sends)
            if (auto* body = std::get_if<T>(&send.frame.body)) change(*body);
    };
}

template <class T>
void forget_writes_of(Outputs& outputs) {
    std::erase_if(outputs.writes, [](const Write& write) {
        const auto* put = std::get_if<Put>(&write);
        return put != nullptr && std::holds_alternative<T>(put->record);
    });
}

// --- rules 3 and 10: stores ---------------------------------------------------------------------

TEST(BrokenRoles, AnOrderThatIsNotDurableIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    broken.break_it([](const Input&, Outputs& outputs) { forget_writes_of<HostRecord>(outputs); });
    broken.fleet().crash(broken.one_with(Role::branch));
    EXPECT_TRUE(broken.complains("an order that is not in its store"));
}

TEST(BrokenRoles, APushThatIsNotDurableIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    broken.break_it([](const Input&, Outputs& outputs) { forget_writes_of<PushRecord>(outputs); });
    broken.fleet().command(PushCommand{.topic = "motd", .payload = {1}});
    EXPECT_TRUE(broken.complains("sends push 1 that is not so"));
}

TEST(BrokenRoles, ARunThatIsNotDurableIsFound) {
    BrokenFleet broken{3};
    ASSERT_TRUE(broken.is_good());
    broken.break_it(
        [](const Input&, Outputs& outputs) { forget_writes_of<IdentityRecord>(outputs); });
    broken.fleet().crash(3);
    broken.fleet().start_host(3);
    EXPECT_TRUE(broken.complains("a run that it did not write down"));
}

TEST(BrokenRoles, AnApplicationThatIsNotDurableIsFound) {
    BrokenFleet broken{3};
    ASSERT_TRUE(broken.is_good());
    broken.break_it(
        [](const Input&, Outputs& outputs) { forget_writes_of<AppliedRecord>(outputs); });
    broken.fleet().command(PushCommand{.topic = "motd", .payload = {1}});
    EXPECT_TRUE(broken.complains("did not write that down"));
}

TEST(BrokenRoles, AWriteOfWhatIsWrittenIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    broken.decree(broken.record(HostId{3}));
    EXPECT_TRUE(broken.complains("although it had not changed"));
}

TEST(BrokenRoles, AnAgentThatWritesItsIdentityAtEveryBeatIsFound) {
    BrokenFleet broken{3};
    ASSERT_TRUE(broken.is_good());
    const IdentityRecord identity = *broken.fleet().world().host(3).store().find(IdentityRecord{});
    broken.break_it(
        [identity](const Input&, Outputs& outputs) { outputs.writes.emplace_back(Put{identity}); });
    EXPECT_TRUE(broken.complains("wrote its identity"));
}

// --- receipts and answers -----------------------------------------------------------------------

/// Changes every receipt that the manager writes.
class BrokenReceipt : public testing::Test {
protected:
    bool is_found(const std::function<void(ReceiptRecord&)>& change, const std::string& text) {
        BrokenFleet broken;
        if (!broken.is_good()) return false;
        broken.break_it([change](const Input&, Outputs& outputs) {
            for (Write& write : outputs.writes)
                if (auto* put = std::get_if<Put>(&write))
                    if (auto* receipt = std::get_if<ReceiptRecord>(&put->record)) change(*receipt);
        });
        broken.fleet().command(PushCommand{.topic = "motd", .selector = "zone=z1", .payload = {1}});
        return broken.complains(text);
    }
};

TEST_F(BrokenReceipt, OfHostsBeyondTheTargetIsFound) {
    EXPECT_TRUE(is_found([](ReceiptRecord& receipt) { receipt.applied.insert(HostId{999}); },
                         "beyond its target"));
}
TEST_F(BrokenReceipt, ThatCountsAHostTwiceIsFound) {
    EXPECT_TRUE(is_found([](ReceiptRecord& receipt) { receipt.refused["no"] = receipt.applied; },
                         "counts a host twice"));
}
TEST_F(BrokenReceipt, ThatIsCompleteTooEarlyIsFound) {
    EXPECT_TRUE(is_found(
        [](ReceiptRecord& receipt) {
            receipt.completed = UnixMillis{1};
            receipt.applied.clear();
        },
        "is called complete at 0"));
}
TEST_F(BrokenReceipt, ThatForgetsIsFound) {
    EXPECT_TRUE(is_found(
        [count = 0](ReceiptRecord& receipt) mutable {
            if (++count > 1) receipt.applied.clear();
        },
        "forgets who applied it"));
}

TEST(BrokenRoles, AReceiptOfAHostThatHasNotAppliedIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    broken.break_it([](const Input&, Outputs& outputs) {
        std::vector<ReceiptRecord> early;
        for (const Write& write : outputs.writes)
            if (const auto* put = std::get_if<Put>(&write))
                if (const auto* push = std::get_if<PushRecord>(&put->record))
                    early.push_back({.push = push->push, .applied = push->target});
        for (ReceiptRecord& receipt : early) outputs.writes.emplace_back(Put{std::move(receipt)});
    });
    broken.fleet().command(PushCommand{.topic = "motd", .payload = {1}});
    EXPECT_TRUE(broken.complains("its disk does not have it"));
}

TEST(BrokenRoles, APushWhoseTargetChangesIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    broken.fleet().command(PushCommand{.topic = "motd", .payload = {1}});
    broken.fleet().world().run_for(2s);
    PushRecord push = broken.fleet().world().host(0).store().all<PushRecord>().front();
    push.target.erase(HostId{1});
    broken.decree(push);
    EXPECT_TRUE(broken.complains("target of push 1 has changed"));
}

TEST(BrokenRoles, AnAnswerThatCountsAHostTwiceIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    broken.break_it([](const Input&, Outputs& outputs) {
        for (Reply& reply : outputs.replies)
            if (auto* answer = std::get_if<QueryAnswered>(&reply.answer))
                answer->value = answer->value.value_or(0) + 1;
    });
    broken.observer().ask(QueryCommand{});
    EXPECT_TRUE(broken.complains("The answer is"));
    EXPECT_EQ(broken.observer().findings().double_counted, 1U);
}

TEST(BrokenRoles, APartialThatCountsAHostTwiceIsFound) {
    BrokenFleet broken{3};
    ASSERT_TRUE(broken.is_good());
    broken.break_it(resending<WindowClosed>([](WindowClosed& answer) { ++answer.partial.count; }));
    broken.observer().ask(QueryCommand{});
    EXPECT_TRUE(broken.complains("n003 counts"));
}

// --- rules 8 and 9: flow ------------------------------------------------------------------------

TEST(BrokenRoles, AHeartbeatThatComesLateIsFound) {
    BrokenFleet broken{3};
    ASSERT_TRUE(broken.is_good());
    broken.break_it([count = 0](const Input&, Outputs& outputs) mutable {
        std::erase_if(outputs.sends, [&count](const Send& send) {
            return std::holds_alternative<Heartbeat>(send.frame.body) && ++count % 2 == 0;
        });
    });
    EXPECT_TRUE(broken.complains("n003 has not beaten since"));
}

TEST(BrokenRoles, AHeartbeatThatIsTooLargeIsFound) {
    BrokenFleet broken{3};
    ASSERT_TRUE(broken.is_good());
    broken.break_it(resending<Heartbeat>(
        [](Heartbeat& beat) { beat.facts.resize(limits::facts_per_heartbeat_max + 1); }));
    EXPECT_TRUE(broken.complains("too many facts"));
}

TEST(BrokenRoles, PushesThatAreSentWithoutWaitingAreFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    broken.break_it([](const Input&, Outputs& outputs) {
        std::vector<Send> more;
        for (const Send& send : outputs.sends) {
            if (!std::holds_alternative<PushDown>(send.frame.body)) continue;
            for (std::uint64_t copy = 1; copy <= 3; ++copy) {
                more.push_back(send);
                std::get<PushDown>(more.back().frame.body).push.value += 100 * copy;
            }
        }
        outputs.sends.insert(outputs.sends.end(), more.begin(), more.end());
    });
    broken.fleet().command(PushCommand{.topic = "motd", .payload = Bytes(60'000, 7)});
    EXPECT_TRUE(broken.complains("bytes of pushes under way to one child"));
}

TEST(BrokenRoles, AManagerThatHoldsTooMuchIsFound) {
    BrokenFleet broken;
    ASSERT_TRUE(broken.is_good());
    broken.decree(PushRecord{.push = PushId{1},
                             .topic = "motd",
                             .version = 1,
                             .payload_bytes = limits::held_bytes_max + 1,
                             .target = {HostId{1}},
                             .effective = {HostId{1}}});
    EXPECT_TRUE(broken.complains("holds more pushes than it may"));
}

}  // namespace
}  // namespace coppice
