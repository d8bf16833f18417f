// Pushes, receipts and questions.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"
#include "tests/support/host_values.h"
#include "tests/unit/manager/cell_bench.h"

namespace coppice {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

using testing::CellBench;

PushId push(CellBench& bench, const std::string& topic, const std::string& selector = {}) {
    const Answer answer =
        bench.ask(PushCommand{.topic = topic, .selector = selector, .payload = {1, 2, 3}});
    const auto* accepted = std::get_if<PushAccepted>(&answer);
    EXPECT_NE(accepted, nullptr) << (accepted ? "" : std::get<Problem>(answer).detail);
    return accepted ? accepted->push : PushId{};
}

ReceiptView receipt(const CellBench& bench, PushId id) {
    ReceiptView view = *bench.manager->push(id);
    EXPECT_EQ(view.applied + view.refused + view.isolated + view.pending, view.target);
    EXPECT_EQ(view.pending_hosts.size(), view.pending);
    return view;
}

HostSet some(CellBench& bench, std::initializer_list<const char*> names) {
    HostSet set;
    for (const char* name : names) set.insert(bench.host(name).id);
    return set;
}

struct Ledger : ::testing::Test {
    Ledger() {
        bench.join_many(4);
        EXPECT_TRUE(bench.settle());
        all = some(bench, {"n0001", "n0002", "n0003", "n0004"});
    }
    CellBench bench;
    HostSet all;
};

TEST_F(Ledger, CountsAPushToItsEndInFourNumbersThatAddUp) {
    const PushId id = push(bench, "conf");
    EXPECT_EQ(receipt(bench, id).pending, 4U);
    ASSERT_FALSE(bench.pushes.empty());
    EXPECT_EQ(bench.pushes.back().push, id);
    EXPECT_EQ(bench.pushes.back().target, all);

    bench.report({SetKind::refused, id, "disk full"}, some(bench, {"n0003"}));
    bench.report({SetKind::applied, id, {}}, some(bench, {"n0001", "n0002"}));
    ReceiptView view = receipt(bench, id);
    EXPECT_EQ(view.applied, 2U);
    EXPECT_EQ(view.refused, 1U);
    EXPECT_EQ(view.pending, 1U);
    EXPECT_EQ(view.exceptions.at("disk full"), some(bench, {"n0003"}));
    EXPECT_FALSE(view.complete);
    EXPECT_FALSE(view.settled);
    EXPECT_EQ(view.applied_after_ms.size(), 1U);

    bench.report({SetKind::applied, id, {}}, all);
    view = receipt(bench, id);
    EXPECT_EQ(view.applied, 4U);
    EXPECT_EQ(view.refused, 0U);
    EXPECT_TRUE(view.complete);
    EXPECT_TRUE(view.settled);
    EXPECT_EQ(view.applied_after_ms.size(), 5U);
    EXPECT_EQ(bench.events("push.committed").size(), 1U);
    EXPECT_EQ(bench.events("push.completed").size(), 1U);
}

TEST_F(Ledger, WritesAReceiptOnlyWhenItGrows) {
    const PushId id = push(bench, "conf");
    bench.report({SetKind::applied, id, {}}, some(bench, {"n0001"}));
    const std::uint64_t writes = bench.writes;
    bench.report({SetKind::applied, id, {}}, {});
    bench.report({SetKind::applied, id, {}}, some(bench, {"n0001"}));
    EXPECT_EQ(bench.writes, writes);
    EXPECT_EQ(receipt(bench, id).applied, 1U);
}

TEST_F(Ledger, CountsANewerVersionForTheOlderOneAndTakesItsHosts) {
    const PushId old = push(bench, "conf");
    const PushId partial = push(bench, "conf", "host in n[0001-0002]");
    EXPECT_EQ(receipt(bench, partial).version, 2U);
    EXPECT_EQ(receipt(bench, partial).target, 2U);
    bench.report({SetKind::applied, partial, {}}, some(bench, {"n0001"}));
    EXPECT_EQ(receipt(bench, old).applied, 1U);
    EXPECT_EQ(receipt(bench, old).target, 4U);
    const auto record = std::get<PushRecord>(bench.records.at(key_of(PushRecord{.push = old})));
    EXPECT_EQ(record.effective, some(bench, {"n0003", "n0004"}));
    bench.report({SetKind::applied, old, {}}, some(bench, {"n0003", "n0004"}));
    EXPECT_FALSE(receipt(bench, old).complete);
    bench.report({SetKind::applied, partial, {}}, some(bench, {"n0001", "n0002"}));
    EXPECT_TRUE(receipt(bench, old).complete);
}

TEST_F(Ledger, KeepsTheNewestFormerPayloadsOfATopic) {
    const PushId old = push(bench, "conf");
    const auto record = [&] {
        return std::get<PushRecord>(bench.records.at(key_of(PushRecord{.push = old})));
    };
    for (std::size_t i = 0; i < limits::former_versions_max; ++i) push(bench, "conf");
    EXPECT_EQ(record().phase, PushPhase::former);
    EXPECT_TRUE(record().effective.empty());
    EXPECT_FALSE(record().content.content.empty());
    push(bench, "conf");
    EXPECT_TRUE(record().content.content.empty());
    EXPECT_EQ(bench.metric("coppice_push_bytes_held"), 3) << "what is former is not in force";
}

TEST_F(Ledger, AddsLateJoinersApartFromTheReceipt) {
    const PushId id = push(bench, "conf", "rack=r1");
    bench.join("late");
    ASSERT_TRUE(bench.settle());
    const ReceiptView view = receipt(bench, id);
    EXPECT_EQ(view.target, 4U);
    EXPECT_EQ(view.late_joiners, 1U);
    EXPECT_TRUE(bench.pushes.back().target.contains(bench.host("late").id));
}

TEST_F(Ledger, IsSettledWhenOnlyLostHostsArePending) {
    const PushId id = push(bench, "conf");
    const std::string gone = bench.root() == "n0004" ? "n0003" : "n0004";
    HostSet rest = all;
    rest.erase(bench.host(gone).id);
    bench.report({SetKind::applied, id, {}}, rest);
    EXPECT_FALSE(receipt(bench, id).settled);
    bench.kill(gone);
    bench.run(std::chrono::seconds{1});
    EXPECT_TRUE(receipt(bench, id).settled);
    EXPECT_FALSE(receipt(bench, id).complete);
}

TEST_F(Ledger, RefusesWhatCannotBePushedWithASentence) {
    const auto kind_of = [this](PushCommand command) {
        const Answer answer = bench.ask(std::move(command));
        const auto* problem = std::get_if<Problem>(&answer);
        EXPECT_NE(problem, nullptr);
        EXPECT_FALSE(problem == nullptr || problem->detail.empty());
        return problem ? problem->kind : Problem::Kind::unavailable;
    };
    EXPECT_EQ(kind_of({.topic = ""}), Problem::Kind::bad_request);
    EXPECT_EQ(kind_of({.topic = "a b"}), Problem::Kind::bad_request);
    EXPECT_EQ(kind_of({.topic = "../etc/passwd"}), Problem::Kind::bad_request);
    EXPECT_EQ(kind_of({.topic = "a", .selector = "rack=="}), Problem::Kind::bad_request);
    EXPECT_EQ(kind_of({.topic = "a", .selector = "rack=r9"}), Problem::Kind::not_found);
    EXPECT_EQ(kind_of({.topic = "a", .payload = Bytes(limits::payload_bytes_max + 1)}),
              Problem::Kind::too_large);
}

TEST_F(Ledger, LimitsTopicsAndRules) {
    for (std::size_t i = 0; i < limits::topics_max; ++i)
        push(bench, "t" + std::to_string(i), "host=n0001");
    Answer answer = bench.ask(PushCommand{.topic = "more"});
    EXPECT_TRUE(std::holds_alternative<Problem>(answer));
    push(bench, "t0");
}

TEST_F(Ledger, ResumesOpenPushesAfterARestart) {
    const PushId id = push(bench, "conf");
    bench.report({SetKind::applied, id, {}}, some(bench, {"n0001"}));
    bench.pushes.clear();
    bench.restart_manager();
    bench.run(std::chrono::seconds{3});
    ASSERT_FALSE(bench.pushes.empty());
    EXPECT_EQ(bench.pushes.front().push, id);
    EXPECT_EQ(receipt(bench, id).applied, 1U);
    EXPECT_EQ(receipt(bench, id).version, 1U);
    EXPECT_EQ(push(bench, "conf").value, id.value + 1);
}

TEST_F(Ledger, JoinsAHostThatIsBackWithoutHavingRegistered) {
    CellBench::Host& host = bench.host(bench.root() == "n0004" ? "n0003" : "n0004");
    host.is_up = false;
    HostFact fact{.host = host.id,
                  .incarnation = host.incarnation,
                  .attachment = host.attachment,
                  .revision = ++host.revision,
                  .state = HostState::left,
                  .cause = Cause::said_goodbye,
                  .parent = host.parent,
                  .stamp = host.obeyed};
    bench.say(fact);
    bench.run(std::chrono::milliseconds{40});
    ASSERT_EQ(bench.view(host.name).state, HostState::left);
    const PushId while_away = push(bench, "conf");
    const auto record = [&] {
        return std::get<PushRecord>(bench.records.at(key_of(PushRecord{.push = while_away})));
    };
    EXPECT_FALSE(record().target.contains(host.id));
    fact.incarnation.value += 1'000'000;  // a spare took the next run in, and no manager was there
    fact.state = HostState::live;
    fact.cause = Cause::none;
    bench.say(fact);
    bench.run(std::chrono::milliseconds{40});
    EXPECT_EQ(record().late_joiners, HostSet{host.id});
}

TEST_F(Ledger, AsksTheRootAndFoldsItsAnswer) {
    CellBench::Host& root = bench.host(bench.root());
    bench.feed(CommandReceived{RequestId{500}, QueryCommand{.question = "avg(load1)"}});
    ASSERT_EQ(bench.questions.size(), 1U);
    EXPECT_EQ(bench.questions.front().target, all);
    EXPECT_TRUE(bench.replies.empty());
    Partial partial;
    double load = 0;
    for (const HostId host : (all - HostSet{root.id}).to_vector())
        ASSERT_TRUE(fold(partial, testing::load1_partial(host, ++load), testing::load1_inquiry));
    bench.answer_question(partial);
    ASSERT_EQ(bench.replies.size(), 1U);
    const auto& answered = std::get<QueryAnswered>(bench.replies.front().answer);
    EXPECT_EQ(answered.rows.front().values.front(), QueryValue{2.0});
    EXPECT_EQ(answered.rows.front().hosts, 3U);
    EXPECT_EQ(answered.columns.front().measurement, "load1");
    EXPECT_EQ(answered.target, all);
    EXPECT_EQ(answered.included.size(), 3U);
    EXPECT_EQ(answered.window.number, 41U);
}

TEST_F(Ledger, AnswersByGroupWithWhomLacksAValue) {
    bench.feed(CommandReceived{RequestId{500}, QueryCommand{.question = "p50(laod1) by release"}});
    ASSERT_EQ(bench.questions.size(), 1U);
    const Inquiry& inquiry = bench.questions.front().inquiry;
    Partial partial;
    for (const HostId host : all.to_vector()) {
        const testing::HostWithValues one{.release = host.value % 2 == 0 ? "1" : "2"};
        ASSERT_TRUE(fold(partial, partial_of(inquiry, host, one.values()), inquiry));
    }
    bench.answer_question(partial);
    ASSERT_EQ(bench.replies.size(), 1U);
    const auto& answered = std::get<QueryAnswered>(bench.replies.front().answer);
    EXPECT_THAT(answered.by, ElementsAre("release"));
    ASSERT_EQ(answered.rows.size(), 2U);
    EXPECT_EQ(answered.rows[1].key, GroupKey{"2"});
    EXPECT_EQ(answered.rows[1].hosts, 2U);
    EXPECT_EQ(answered.rows[1].values.front(), QueryValue{});
    EXPECT_EQ(answered.rows[1].without_value.at("laod1"), 2U);
    EXPECT_EQ(answered.uncertainties.front().call, "p50(laod1)");
    EXPECT_EQ(answered.included, all);
    EXPECT_THAT(answered.notes,
                ElementsAre("question, character 5: no host that answered has a value of "
                            "\"laod1\"; did you mean \"load1\"?"));
}

TEST_F(Ledger, RefusesToGroupByALabelThatNobodyHas) {
    const Answer answer = bench.ask(QueryCommand{.question = "count() by kernel, zoen"});
    ASSERT_TRUE(std::holds_alternative<Problem>(answer));
    EXPECT_THAT(std::get<Problem>(answer).detail,
                StartsWith("question, character 20: no host that is asked has a label \"zoen\""));
}

TEST_F(Ledger, BelievesNoAnswerThatIsNotOneToTheQuestion) {
    bench.feed(CommandReceived{RequestId{500}, QueryCommand{.question = "stddev(load1)"}});
    bench.answer_question(testing::load1_partial(all.to_vector().front(), 1));
    ASSERT_EQ(bench.replies.size(), 1U);
    EXPECT_TRUE(std::get<QueryAnswered>(bench.replies.front().answer).included.empty());
}

TEST_F(Ledger, AnswersAQuestionAtItsDeadlineWithWhatItHas) {
    bench.feed(CommandReceived{RequestId{501}, QueryCommand{.deadline = std::chrono::seconds{1}}});
    bench.run(std::chrono::milliseconds{900});
    EXPECT_TRUE(bench.replies.empty());
    bench.run(std::chrono::milliseconds{200});
    ASSERT_EQ(bench.replies.size(), 1U);
    const auto& answered = std::get<QueryAnswered>(bench.replies.front().answer);
    EXPECT_EQ(answered.rows.front().values.front(), QueryValue{});
    EXPECT_TRUE(answered.included.empty());
    EXPECT_EQ(answered.target, all);
}

TEST(Questions, AreAnsweredAtOnceWithoutARoot) {
    CellBench bench;
    const Answer answer = bench.ask(QueryCommand{});
    ASSERT_TRUE(std::holds_alternative<QueryAnswered>(answer));
    EXPECT_EQ(std::get<QueryAnswered>(answer).rows.front().values.front(), QueryValue{});
    EXPECT_TRUE(
        std::holds_alternative<Problem>(bench.ask(QueryCommand{.question = "count() where ((("})));
    EXPECT_TRUE(std::holds_alternative<Problem>(bench.ask(QueryCommand{.question = "sum()"})));
}

}  // namespace
}  // namespace coppice
