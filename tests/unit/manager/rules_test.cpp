// Desired state: rules, what is revealed when they end, who loses a value, and when.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "common/limits.h"
#include "common/selector.h"
#include "manager/push_ledger.h"
#include "tests/unit/manager/cell_bench.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::CellBench;

struct Rules : ::testing::Test {
    Rules() {
        bench.join_many(4);
        EXPECT_TRUE(bench.settle());
        all = some({"n0001", "n0002", "n0003", "n0004"});
    }

    HostSet some(std::initializer_list<const char*> names) {
        HostSet set;
        for (const char* name : names) set.insert(bench.host(name).id);
        return set;
    }
    PushId push(const std::string& selector, std::uint8_t value = 1) {
        return push(PushCommand{.topic = "conf", .selector = selector, .payload = {value}});
    }
    PushId push(PushCommand command) {
        const Answer answer = bench.ask(std::move(command));
        const auto* accepted = std::get_if<PushAccepted>(&answer);
        EXPECT_NE(accepted, nullptr) << (accepted ? "" : std::get<Problem>(answer).detail);
        return accepted ? accepted->push : PushId{};
    }
    std::vector<PushId> change(Command command) {
        const Answer answer = bench.ask(std::move(command));
        const auto* changed = std::get_if<RulesChanged>(&answer);
        EXPECT_NE(changed, nullptr);
        return changed ? changed->pushes : std::vector<PushId>{};
    }
    std::string refusal(Command command) {
        const Answer answer = bench.ask(std::move(command));
        const auto* problem = std::get_if<Problem>(&answer);
        return problem ? problem->detail : std::string{};
    }
    [[nodiscard]] PushRecord record(PushId id) const {
        return std::get<PushRecord>(bench.records.at(key_of(PushRecord{.push = id})));
    }
    [[nodiscard]] ReceiptView receipt(PushId id) const { return *bench.manager->push(id); }
    [[nodiscard]] PushContent content(PushId id) const {
        return std::get<PushContent>(*bench.notary.open(record(id).content));
    }
    /// The hosts that the root was last told to give this push.
    [[nodiscard]] HostSet offered(PushId id) const {
        const auto told = std::find_if(bench.pushes.rbegin(), bench.pushes.rend(),
                                       [id](const PushDown& down) { return down.push == id; });
        return told == bench.pushes.rend() ? HostSet{} : told->target;
    }
    /// A host restarts with other labels.
    void relabel(const std::string& name, const Labels& labels) {
        bench.labels[name] = labels;
        bench.restart_host(name);
        EXPECT_TRUE(bench.settle());
    }
    [[nodiscard]] UnixMillis in(UnixMillis wait) const {
        return bench.unix_start +
               std::chrono::duration_cast<UnixMillis>(bench.now.time_since_epoch()) + wait;
    }
    void apply(PushId id, const HostSet& hosts) { bench.report({SetKind::applied, id, {}}, hosts); }

    CellBench bench;
    HostSet all;
};

TEST_F(Rules, OfVeryManyPushesTheOldestAreForgotten) {
    const PushId first = push("host in n0001");
    apply(first, some({"n0001"}));
    const PushId second = push("host in n0002");
    for (std::size_t more = 0; more < PushLedger::pushes_max; ++more) push("host in n0002", 2);
    EXPECT_LE(bench.manager->pushes().size(), PushLedger::pushes_max);
    EXPECT_GE(bench.manager->pushes().size(), PushLedger::pushes_max / 2);
    EXPECT_TRUE(bench.manager->push(first)) << "its rule is in force";
    EXPECT_EQ(record(first).phase, PushPhase::in_force);
    EXPECT_FALSE(bench.manager->push(second));
    bench.restart_manager();
    EXPECT_LE(bench.manager->pushes().size(), PushLedger::pushes_max);
    EXPECT_FALSE(bench.records.contains(key_of(PushRecord{.push = second})));
    EXPECT_FALSE(bench.records.contains(key_of(ReceiptRecord{.push = second})));
}

TEST_F(Rules, RevealAnOlderRuleAsANewVersion) {
    const PushId base = push("", 1);
    const PushId special = push("host in n[0001-0002]", 2);
    EXPECT_EQ(record(base).effective, some({"n0003", "n0004"}));

    const std::vector<PushId> issued = change(RemoveRuleCommand{special});
    ASSERT_EQ(issued.size(), 1U);
    const PushRecord again = record(issued.front());
    EXPECT_EQ(again.target, some({"n0001", "n0002"}));
    EXPECT_EQ(again.version, 3U) << "an agent never goes back to an older version";
    EXPECT_EQ(again.reissue_of, base);
    EXPECT_EQ(again.rule, base);
    EXPECT_EQ(content(issued.front()).payload, Bytes{1});
    EXPECT_EQ(record(base).effective, some({"n0003", "n0004"})) << "they have it already";
    EXPECT_EQ(record(special).phase, PushPhase::former);
    EXPECT_EQ(bench.events("rule.removed").size(), 1U);
    bench.run(milliseconds{200});
    EXPECT_EQ(offered(issued.front()), again.target);
}

TEST_F(Rules, ThatNobodyReplacesLeaveAWithdrawal) {
    const PushId only = push("host in n[0001-0002]");
    const std::vector<PushId> issued = change(RemoveRuleCommand{only});
    ASSERT_EQ(issued.size(), 1U);
    const PushId withdrawal = issued.front();
    EXPECT_TRUE(receipt(withdrawal).is_withdrawal);
    EXPECT_EQ(receipt(withdrawal).pending_hosts, some({"n0001", "n0002"}));
    EXPECT_TRUE(content(withdrawal).is_withdrawal);
    EXPECT_TRUE(content(withdrawal).payload.empty());
    EXPECT_TRUE(bench.manager->rules("conf").empty());

    apply(withdrawal, some({"n0001", "n0002"}));
    EXPECT_TRUE(receipt(withdrawal).complete);
    EXPECT_TRUE(receipt(only).complete) << "a newer version counts for the older ones";
    EXPECT_TRUE(record(withdrawal).effective.empty()) << "nobody is left to be told";
}

TEST_F(Rules, SignAWithdrawalForNobodyWhoHasARule) {
    push("host=n0001", 1);
    const PushId wide = push("host in n[0001-0003]", 2);
    push("host in n0002", 3);
    const std::vector<PushId> issued = change(RemoveRuleCommand{wide});
    ASSERT_EQ(issued.size(), 2U);
    for (const PushId id : issued) {
        const Selector selector = Selector::parse(content(id).selector).value();
        for (const auto& [name, host] : bench.hosts)
            EXPECT_EQ(selector.matches(name, {}), record(id).target.contains(host.id))
                << content(id).selector << " and " << name;
    }
}

TEST_F(Rules, OfTheSameSelectorReplaceEachOther) {
    push("", 1);
    const PushId second = push("", 2);
    const std::vector<RuleView> rules = bench.manager->rules("conf");
    ASSERT_EQ(rules.size(), 1U);
    EXPECT_EQ(rules.front().rule, second);
    EXPECT_EQ(rules.front().hosts, all);
}

TEST_F(Rules, GiveWayToTheNewestWhenALabelChanges) {
    const PushId base = push("", 1);
    relabel("n0003", {{"rack", "r1"}, {"tier", "a"}});
    const PushId special = push("tier=a", 2);
    EXPECT_EQ(record(special).target, some({"n0003"}));

    relabel("n0004", {{"rack", "r1"}, {"tier", "a"}});
    EXPECT_EQ(record(special).late_joiners, some({"n0004"})) << "its version is newer";
    EXPECT_EQ(record(base).effective, some({"n0001", "n0002"}));

    relabel("n0003", {{"rack", "r1"}});
    const ReceiptView newest = bench.manager->pushes().front();
    EXPECT_EQ(newest.reissue_of, base);
    EXPECT_EQ(newest.pending_hosts, some({"n0003"}));
    EXPECT_EQ(newest.version, 3U);
}

TEST_F(Rules, WithdrawFromAHostThatNoneMatchesAnyMore) {
    relabel("n0003", {{"tier", "a"}});
    push("tier=a", 1);
    relabel("n0003", {{"tier", "b"}});
    const ReceiptView newest = bench.manager->pushes().front();
    EXPECT_TRUE(newest.is_withdrawal);
    EXPECT_EQ(newest.pending_hosts, some({"n0003"}));
    const Selector signed_for = Selector::parse(content(newest.push).selector).value();
    EXPECT_TRUE(signed_for.matches("n0003", {{"tier", "b"}}));
    EXPECT_FALSE(signed_for.matches("n0004", {{"tier", "b"}}));

    apply(newest.push, some({"n0003"}));
    relabel("n0003", {{"tier", "c"}});
    EXPECT_EQ(bench.manager->pushes().front().push, newest.push) << "it has nothing to lose";
    relabel("n0003", {{"tier", "a"}});
    EXPECT_EQ(bench.manager->pushes().front().version, newest.version + 1);
    EXPECT_FALSE(bench.manager->pushes().front().is_withdrawal);
}

TEST_F(Rules, StayFewWhenLabelsChangeAgainAndAgain) {
    push("", 1);
    for (int round = 0; round < 12; ++round) {
        relabel("n0003", {{"tier", "a"}});
        if (round == 0) push("tier=a", 2);
        relabel("n0003", {{"tier", "b"}});
        relabel("n0004", {{"tier", "a"}});
        relabel("n0004", {{"tier", "b"}});
    }
    std::size_t in_force = 0;
    for (const ReceiptView& view : bench.manager->pushes()) in_force += view.desired > 0 ? 1 : 0;
    EXPECT_LE(in_force, 2 * limits::pushes_per_rule_max);
}

TEST_F(Rules, SurviveARestartOfTheManager) {
    const PushId base = push("", 1);
    const PushId special = push("host in n[0001-0002]", 2);
    bench.restart_manager();
    EXPECT_EQ(bench.manager->rules("conf").size(), 2U);
    const std::vector<PushId> issued = change(RemoveRuleCommand{special});
    ASSERT_EQ(issued.size(), 1U);
    EXPECT_EQ(record(issued.front()).reissue_of, base);
    bench.restart_manager();
    ASSERT_EQ(bench.manager->rules("conf").size(), 1U);
    EXPECT_EQ(bench.manager->rules("conf").front().hosts, all);
}

TEST_F(Rules, ThatAreShadowedGiveWayToMore) {
    for (std::size_t i = 0; i < limits::rules_per_topic_max; ++i)
        push("host=n0001 || has(x" + std::to_string(i) + ")");
    EXPECT_EQ(bench.manager->rules("conf").size(), limits::rules_per_topic_max);
    const PushId more = push("");
    EXPECT_EQ(bench.manager->rules("conf").size(), limits::rules_per_topic_max);
    EXPECT_EQ(bench.manager->rules("conf").front().rule, more);
}

TEST_F(Rules, CannotBeRemovedTwice) {
    const PushId id = push("");
    change(RemoveRuleCommand{id});
    EXPECT_NE(refusal(RemoveRuleCommand{id}), "");
    EXPECT_NE(refusal(RemoveRuleCommand{PushId{99}}), "");
}

// --- dry runs, deadlines, waiting ---------------------------------------------------------------

TEST_F(Rules, AreOnlyTalkedAboutInADryRun) {
    const PushId base = push("host in n[0001-0002]", 1);
    const std::uint64_t writes = bench.writes;
    const Answer answer = bench.ask(
        PushCommand{.topic = "conf", .selector = "host in n[0002-0003]", .is_dry_run = true});
    const auto& plan = std::get<PushPlanned>(answer);
    EXPECT_EQ(plan.target, some({"n0002", "n0003"}));
    ASSERT_EQ(plan.moved.size(), 1U);
    EXPECT_EQ(plan.moved.front().push, base);
    EXPECT_EQ(plan.moved.front().hosts, some({"n0002"}));
    EXPECT_EQ(bench.writes, writes);
    EXPECT_EQ(bench.manager->pushes().size(), 1U);
}

TEST_F(Rules, NameThoseWhoAreNotInTime) {
    const PushId id = push({.topic = "conf", .payload = {1}, .deadline = seconds{10}});
    apply(id, some({"n0001", "n0002", "n0003"}));
    bench.run(seconds{9});
    EXPECT_FALSE(receipt(id).late);
    bench.run(seconds{2});
    EXPECT_TRUE(receipt(id).late);
    EXPECT_EQ(receipt(id).laggards, some({"n0004"}));
    apply(id, all);
    EXPECT_TRUE(receipt(id).complete);
    EXPECT_TRUE(receipt(id).late);
    ASSERT_EQ(bench.events("push.late").size(), 1U);
    EXPECT_EQ(bench.events("push.late").front().hosts, some({"n0004"}));
}

TEST_F(Rules, NotLateWhenAllHadItInTime) {
    const PushId id = push({.topic = "conf", .payload = {1}, .deadline = seconds{10}});
    apply(id, all);
    bench.restart_manager();
    bench.run(seconds{20});
    EXPECT_FALSE(receipt(id).late);
}

TEST_F(Rules, WaitForTheirTime) {
    const PushId early =
        push({.topic = "conf", .payload = {1}, .not_before = in(std::chrono::minutes{10})});
    EXPECT_EQ(receipt(early).phase, PushPhase::waiting);
    EXPECT_TRUE(bench.manager->rules("conf").empty());
    const PushId between = push("", 2);
    bench.restart_manager();
    EXPECT_TRUE(offered(early).empty());

    bench.run(std::chrono::minutes{10});
    EXPECT_EQ(receipt(early).phase, PushPhase::in_force);
    EXPECT_EQ(receipt(early).version, 2U) << "it is newer than what came while it waited";
    EXPECT_EQ(content(early).version, 2U);
    EXPECT_EQ(offered(early), all);
    EXPECT_EQ(record(between).phase, PushPhase::former);
}

TEST_F(Rules, CanBeCalledOffWhileTheyWait) {
    const PushId id =
        push({.topic = "conf", .payload = {1}, .not_before = in(std::chrono::hours{1})});
    EXPECT_TRUE(change(RemoveRuleCommand{id}).empty());
    EXPECT_EQ(receipt(id).phase, PushPhase::cancelled);
    EXPECT_EQ(receipt(id).target, 0U);
}

// --- rollback and stops -------------------------------------------------------------------------

TEST_F(Rules, TakeTheFormerValueBack) {
    push("", 1);
    push("", 2);
    const std::vector<PushId> issued = change(RevertCommand{.topic = "conf"});
    ASSERT_EQ(issued.size(), 1U);
    EXPECT_EQ(content(issued.front()).payload, Bytes{1});
    EXPECT_EQ(record(issued.front()).version, 3U);
    EXPECT_EQ(record(issued.front()).target, all);
    EXPECT_EQ(bench.manager->rules("conf").size(), 1U);
    EXPECT_NE(refusal(RevertCommand{.topic = "conf"}), "") << "there was nothing before that";

    const std::vector<PushId> forward = change(RevertCommand{.topic = "conf", .version = 2});
    ASSERT_EQ(forward.size(), 1U);
    EXPECT_EQ(content(forward.front()).payload, Bytes{2});
    EXPECT_NE(refusal(RevertCommand{.topic = "conf", .version = 2}), "") << "it is there already";
    EXPECT_NE(refusal(RevertCommand{.topic = "conf", .version = 9}), "");
    EXPECT_NE(refusal(RevertCommand{.topic = "other"}), "");
}

TEST_F(Rules, OfStopsSayWhyHostsArePending) {
    const PushId stop = [this] {
        const Answer answer =
            bench.ask(StopCommand{.selector = "host=n0004", .reason = "disks are changed"});
        return std::get<PushAccepted>(answer).push;
    }();
    EXPECT_EQ(content(stop).topic, stop_topic);
    const PushId id = push("", 1);
    apply(id, some({"n0001", "n0002", "n0003"}));
    const ReceiptView view = receipt(id);
    ASSERT_EQ(view.held_back.size(), 1U);
    EXPECT_EQ(view.held_back.at("stopped: disks are changed"), some({"n0004"}));
    ASSERT_EQ(bench.manager->stops().size(), 1U);
    EXPECT_TRUE(bench.manager->stops().front().stopped.empty());
    apply(stop, some({"n0004"}));
    EXPECT_EQ(bench.manager->stops().front().stopped, some({"n0004"}));

    const std::vector<PushId> ended = change(UnstopCommand{.selector = "host=n0004"});
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_TRUE(receipt(ended.front()).is_withdrawal);
    EXPECT_TRUE(bench.manager->stops().empty());
    EXPECT_TRUE(receipt(id).held_back.empty());
    EXPECT_NE(refusal(UnstopCommand{}), "");
}

TEST_F(Rules, OfStopsNeedAReasonAndAreNotPushed) {
    EXPECT_NE(refusal(StopCommand{}), "");
    EXPECT_NE(refusal(PushCommand{.topic = std::string{stop_topic}}), "");
}

// --- changes that follow closely ----------------------------------------------------------------

TEST_F(Rules, ThatFollowCloselyAreToldTogether) {
    bench.run(seconds{1});
    const PushId first = push("", 1);
    EXPECT_EQ(offered(first), all) << "the first goes at once";
    std::vector<PushId> more;
    for (std::uint8_t i = 0; i < 50; ++i) more.push_back(push("", i));
    bench.run(milliseconds{50});
    EXPECT_TRUE(offered(more.back()).empty());
    bench.run(milliseconds{100});
    EXPECT_EQ(offered(more.back()), all);
    more.pop_back();
    for (const PushId overtaken : more) EXPECT_TRUE(offered(overtaken).empty());
}

TEST_F(Rules, WaitForOthersASecondAtMost) {
    bench.run(seconds{1});
    push("", 0);
    const Instant start = bench.now;
    PushId last;
    while (bench.now < start + milliseconds{1100}) {
        bench.run(milliseconds{20});
        last = push("", 1);
    }
    std::set<PushId> distinct;
    for (const PushDown& down : bench.pushes)
        if (!down.target.empty()) distinct.insert(down.push);
    EXPECT_EQ(distinct.size(), 2U) << "the first, and what was newest a second later";
    bench.run(milliseconds{200});
    EXPECT_EQ(offered(last), all);
}

}  // namespace
}  // namespace coppice
