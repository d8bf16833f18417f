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

TEST_F(BrokenRoles, AnOrderThatIsNotDurableIsFound) {
    break_it([](const Input&, Outputs& outputs) { forget_writes_of<HostRecord>(outputs); });
    fleet.crash(one_with(Role::branch));
    EXPECT_TRUE(complains("an order that is not in its store"));
}

TEST_F(BrokenRoles, APushThatIsNotDurableIsFound) {
    break_it([](const Input&, Outputs& outputs) { forget_writes_of<PushRecord>(outputs); });
    fleet.command(PushCommand{.topic = "motd", .payload = {1}});
    EXPECT_TRUE(complains("sends push 1 that is not so"));
}

TEST_F(BrokenRoles, ARunThatIsNotDurableIsFound) {
    break_it([](const Input&, Outputs& outputs) { forget_writes_of<IdentityRecord>(outputs); }, 3);
    fleet.crash(3);
    fleet.start_host(3);
    EXPECT_TRUE(complains("a run that it did not write down"));
}

TEST_F(BrokenRoles, AnApplicationThatIsNotDurableIsFound) {
    break_it([](const Input&, Outputs& outputs) { forget_writes_of<AppliedRecord>(outputs); }, 3);
    fleet.command(PushCommand{.topic = "motd", .payload = {1}});
    EXPECT_TRUE(complains("did not write that down"));
}

TEST_F(BrokenRoles, AWriteOfWhatIsWrittenIsFound) {
    decree(record(HostId{3}));
    EXPECT_TRUE(complains("although it had not changed"));
}

TEST_F(BrokenRoles, ATimelineThatDoesNotFollowTheRecordIsFound) {
    break_it([](const Input&, Outputs& outputs) {
        std::erase_if(outputs.writes,
                      [](const Write& write) { return std::holds_alternative<Begin>(write); });
    });
    fleet.crash(one_with(Role::leaf));
    EXPECT_TRUE(complains("is not what its timeline ends with"));
}

TEST_F(BrokenRoles, AnAgentThatWritesItsIdentityAtEveryBeatIsFound) {
    const IdentityRecord identity = *fleet.world().host(3).store().find(IdentityRecord{});
    break_it(
        [identity](const Input&, Outputs& outputs) { outputs.writes.emplace_back(Put{identity}); },
        3);
    EXPECT_TRUE(complains("wrote its identity"));
}

// --- receipts and answers -----------------------------------------------------------------------

/// Changes every receipt that the manager writes.
class BrokenReceipt : public BrokenRoles {
protected:
    bool is_found(const std::function<void(ReceiptRecord&)>& change, const std::string& text) {
        break_it([change](const Input&, Outputs& outputs) {
            for (Write& write : outputs.writes)
                if (auto* put = std::get_if<Put>(&write))
                    if (auto* receipt = std::get_if<ReceiptRecord>(&put->record)) change(*receipt);
        });
        fleet.command(PushCommand{.topic = "motd", .selector = "zone=z1", .payload = {1}});
        return complains(text);
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
TEST_F(BrokenReceipt, ThatIsCompleteBeforeItBeganIsFound) {
    EXPECT_TRUE(is_found(
        [](ReceiptRecord& receipt) {
            if (receipt.completed != UnixMillis{}) receipt.completed = UnixMillis{1};
        },
        "is complete before it began"));
}

TEST_F(BrokenReceipt, WhoseStagesAreNotTheWholeTimeIsFound) {
    EXPECT_TRUE(is_found(
        [](ReceiptRecord& receipt) {
            if (!receipt.stages.empty()) receipt.stages.front() += std::chrono::seconds{1};
        },
        "The stages of"));
}

TEST_F(BrokenReceipt, ThatCallsThoseLateWhoAreNotIsFound) {
    EXPECT_TRUE(is_found(
        [](ReceiptRecord& receipt) {
            receipt.late = UnixMillis{1};
            receipt.laggards.clear();
            receipt.applied.clear();
        },
        "names others late"));
}

TEST_F(BrokenReceipt, ThatForgetsIsFound) {
    EXPECT_TRUE(is_found(
        [count = 0](ReceiptRecord& receipt) mutable {
            if (++count > 1) receipt.applied.clear();
        },
        "forgets who applied it"));
}

TEST_F(BrokenRoles, AReceiptOfAHostThatHasNotAppliedIsFound) {
    break_it([](const Input&, Outputs& outputs) {
        std::vector<ReceiptRecord> early;
        for (const Write& write : outputs.writes)
            if (const auto* put = std::get_if<Put>(&write))
                if (const auto* push = std::get_if<PushRecord>(&put->record))
                    early.push_back({.push = push->push, .applied = push->target});
        for (ReceiptRecord& receipt : early) outputs.writes.emplace_back(Put{std::move(receipt)});
    });
    fleet.command(PushCommand{.topic = "motd", .payload = {1}});
    EXPECT_TRUE(complains("its disk does not have it"));
}

TEST_F(BrokenRoles, APushWhoseTargetChangesIsFound) {
    fleet.command(PushCommand{.topic = "motd", .payload = {1}});
    fleet.world().run_for(2s);
    PushRecord push = fleet.world().host(0).store().all<PushRecord>().front();
    push.target.erase(HostId{1});
    decree(push);
    EXPECT_TRUE(complains("target of push 1 has changed"));
}

TEST_F(BrokenRoles, AnAnswerThatCountsAHostTwiceIsFound) {
    break_it([](const Input&, Outputs& outputs) {
        for (Reply& reply : outputs.replies)
            if (auto* answer = std::get_if<QueryAnswered>(&reply.answer))
                answer->rows.front().values.front() = 1000.0;
    });
    observer.ask(QueryCommand{});
    EXPECT_TRUE(complains("The answer is"));
    EXPECT_EQ(observer.findings().double_counted, 1U);
}

TEST_F(BrokenRoles, AWindowOfASeriesThatCountsAHostTwiceIsFound) {
    break_it([](const Input&, Outputs& outputs) {
        for (Write& write : outputs.writes)
            if (auto* keep = std::get_if<Keep>(&write))
                keep->sample.rows.front().values.front() = 1000.0;
    });
    fleet.command(
        AddSeriesCommand{{"s", "sum(load1)", std::chrono::seconds{1}, std::chrono::seconds{60}}});
    EXPECT_TRUE(complains("The answer is"));
}

TEST_F(BrokenRoles, AWindowOfASeriesThatCoversWhomItMissesIsFound) {
    break_it([](const Input&, Outputs& outputs) {
        for (Write& write : outputs.writes)
            if (auto* keep = std::get_if<Keep>(&write)) keep->sample.missing.insert(HostId{1});
    });
    fleet.command(
        AddSeriesCommand{{"s", "sum(load1)", std::chrono::seconds{1}, std::chrono::seconds{60}}});
    EXPECT_TRUE(complains("of the answer has"));
}

TEST_F(BrokenRoles, APartialThatCountsAHostTwiceIsFound) {
    break_it(resending<WindowClosed>(
                 [](WindowClosed& answer) { ++answer.partial.groups.begin()->second.hosts; }),
             3);
    observer.ask(QueryCommand{});
    EXPECT_TRUE(complains("n003 counts"));
}

TEST_F(BrokenRoles, AMessageThatIsHeardTwiceIsFound) {
    const HostIndex leaf = one_with(Role::leaf);
    break_it(
        [](const Input&, Outputs& outputs) {
            if (!outputs.heard.empty()) outputs.heard.push_back(outputs.heard.front());
        },
        leaf);
    have_all_speak_to(leaf);
    EXPECT_TRUE(complains("hears a message twice"));
    EXPECT_EQ(observer.findings().heard, 2U);
}

TEST_F(BrokenRoles, AMessageThatReachesWhoeverIsThereIsFound) {
    const HostIndex leaf = one_with(Role::leaf);
    break_it(
        [](const Input&, Outputs& outputs) {
            for (Reply& reply : outputs.replies) reply.answer = MessageSent{{HostId{99}}};
        },
        leaf);
    observer.say(leaf, LocalSaid::To::parent, {});
    EXPECT_TRUE(complains("hears a message that was not sent to it"));
}

TEST_F(BrokenRoles, AMessageThatIsHeardAsOfAnotherHostIsFound) {
    const HostIndex leaf = one_with(Role::leaf);
    break_it(
        [itself = id_of(leaf)](const Input&, Outputs& outputs) {
            for (LocalHeard& heard : outputs.heard) heard.from = itself;
        },
        leaf);
    have_all_speak_to(leaf);
    EXPECT_TRUE(complains("hears from host"));
}

// --- rules 8 and 9: flow ------------------------------------------------------------------------

TEST_F(BrokenRoles, AHeartbeatThatComesLateIsFound) {
    break_it(
        [count = 0](const Input&, Outputs& outputs) mutable {
            std::erase_if(outputs.sends, [&count](const Send& send) {
                return std::holds_alternative<Heartbeat>(send.frame.body) && ++count % 2 == 0;
            });
        },
        3);
    EXPECT_TRUE(complains("n003 has not beaten since"));
}

TEST_F(BrokenRoles, AHeartbeatThatIsTooLargeIsFound) {
    break_it(resending<Heartbeat>(
                 [](Heartbeat& beat) { beat.facts.resize(limits::facts_per_heartbeat_max + 1); }),
             3);
    EXPECT_TRUE(complains("too many facts"));
}

TEST_F(BrokenRoles, PushesThatAreSentWithoutWaitingAreFound) {
    break_it([](const Input&, Outputs& outputs) {
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
    fleet.command(PushCommand{.topic = "motd", .payload = Bytes(60'000, 7)});
    EXPECT_TRUE(complains("bytes of pushes under way to one child"));
}

TEST_F(BrokenRoles, AManagerThatHoldsTooMuchIsFound) {
    decree(PushRecord{.push = PushId{1},
                      .topic = "motd",
                      .version = 1,
                      .payload_bytes = limits::held_bytes_max + 1,
                      .target = {HostId{1}},
                      .effective = {HostId{1}}});
    EXPECT_TRUE(complains("holds more pushes than it may"));
}

}  // namespace
}  // namespace coppice
