// Questions on their way down and partials on their way up.

#include "common/gather.h"

#include <gtest/gtest.h>

#include "common/limits.h"
#include "tests/support/host_values.h"
#include "tests/support/link_bench.h"

namespace coppice {
namespace {

using std::chrono::seconds;

class GatherTest : public ::testing::Test, protected testing::LinkBench {};

TEST_F(GatherTest, AQuestionIsAnsweredOnceAllChildrenHaveAndCountsEachHostOnce) {
    join(2);
    join(3);
    const WindowOpened asked{.window = {{1, 1}, 1},
                             .question = {5},
                             .inquiry = testing::load1_inquiry,
                             .target = {HostId{2}, HostId{3}},
                             .closes_in = seconds{2}};
    step_parent(
        [&](Outputs& out) { hub.gather().open(asked, LinkId{9}, false, hub.links(), now, out); });
    EXPECT_TRUE(hub.gather().take_finished(now).empty());
    for (std::uint32_t host : {2U, 3U}) {
        const WindowClosed answer{asked.window, asked.question,
                                  testing::load1_partial(HostId{host}, host)};
        hub.gather().on_child_answer(*hub.links().find(HostId{host}), answer);
        hub.gather().on_child_answer(*hub.links().find(HostId{host}), answer);  // a repeat
    }
    const auto finished = hub.gather().take_finished(now);
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished.front().answer.partial.coverage, asked.target);
    const Aggregate& all = finished.front().answer.partial.groups.at({});
    EXPECT_EQ(std::get<Moments>(all.folds.front()).sum, 5);
    EXPECT_TRUE(hub.gather().take_finished(now).empty()) << "once";
}

TEST_F(GatherTest, AStuckChildIsMissingFromTheAnswerAndCostsNoMoreThanTheDeadline) {
    join(2);
    join(3);
    const WindowOpened asked{.window = {{1, 1}, 1},
                             .inquiry = testing::load1_inquiry,
                             .target = {HostId{2}, HostId{3}},
                             .closes_in = seconds{2}};
    step_parent(
        [&](Outputs& out) { hub.gather().open(asked, LinkId{9}, false, hub.links(), now, out); });
    hub.gather().on_child_answer(
        *hub.links().find(HostId{2}),
        {asked.window, asked.question, testing::load1_partial(HostId{2}, 1)});
    EXPECT_TRUE(hub.gather().take_finished(now + seconds{1}).empty());
    const auto finished = hub.gather().take_finished(now + seconds{2});
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished.front().answer.partial.coverage, HostSet{HostId{2}});
}

TEST_F(GatherTest, AnAnswerSaysWhomItCoversInTheShorterWay) {
    join(2);
    join(3);
    join(4);
    const auto answer_to = [&](std::uint64_t number, bool takes_missing, const HostSet& answering) {
        const WindowOpened asked{.window = {{1, 1}, number},
                                 .inquiry = testing::load1_inquiry,
                                 .target = {HostId{2}, HostId{3}, HostId{4}},
                                 .closes_in = seconds{2},
                                 .takes_missing = takes_missing};
        step_parent([&](Outputs& out) {
            hub.gather().open(asked, LinkId{9}, false, hub.links(), now, out);
            for (const Send& sent : out.sends) {
                const auto* passed_on = std::get_if<WindowOpened>(&sent.frame.body);
                if (passed_on == nullptr) continue;
                EXPECT_TRUE(passed_on->takes_missing) << "whatever the asker takes";
            }
        });
        for (const HostId host : answering.to_vector()) {
            WindowClosed answer{asked.window, {}, testing::load1_partial(host, 1)};
            answer.partial.coverage = {};  // of the one host that was asked nobody is missing
            answer.is_of_missing = true;
            answer.target_digest = HostSet{host}.digest();
            hub.gather().on_child_answer(*hub.links().find(host), answer);
        }
        return hub.gather().take_finished(now + seconds{2}).front().answer;
    };
    const HostSet two{HostId{2}, HostId{3}};
    const WindowClosed few_missing = answer_to(1, true, two);
    EXPECT_TRUE(few_missing.is_of_missing);
    EXPECT_EQ(few_missing.partial.coverage, HostSet{HostId{4}});
    EXPECT_EQ(few_missing.partial.groups.at({}).hosts, 2U);
    const WindowClosed many_missing = answer_to(2, true, {HostId{2}});
    EXPECT_FALSE(many_missing.is_of_missing);
    EXPECT_EQ(many_missing.partial.coverage, HostSet{HostId{2}});
    const WindowClosed to_an_older_release = answer_to(3, false, two);
    EXPECT_FALSE(to_an_older_release.is_of_missing);
    EXPECT_EQ(to_an_older_release.partial.coverage, two);
}

TEST_F(GatherTest, MissingHostsAreThoseOfTheTargetThatTheAnswerIsAbout) {
    join(2);
    const WindowOpened asked{.window = {{1, 1}, 1},
                             .inquiry = testing::load1_inquiry,
                             .target = {HostId{2}},
                             .closes_in = seconds{2},
                             .takes_missing = true};
    step_parent(
        [&](Outputs& out) { hub.gather().open(asked, LinkId{9}, false, hub.links(), now, out); });
    WindowClosed of_others{asked.window, {}, testing::load1_partial(HostId{3}, 1)};
    of_others.partial.coverage = {};
    of_others.is_of_missing = true;
    of_others.target_digest = HostSet{HostId{3}}.digest();
    hub.gather().on_child_answer(*hub.links().find(HostId{2}), of_others);
    EXPECT_TRUE(hub.gather().take_finished(now).front().answer.partial.groups.empty());
}

TEST_F(GatherTest, AChildCannotSpeakForHostsThatItWasNotAskedFor) {
    join(2);
    const WindowOpened asked{.window = {{1, 1}, 1},
                             .inquiry = testing::load1_inquiry,
                             .target = {HostId{2}},
                             .closes_in = seconds{2}};
    step_parent(
        [&](Outputs& out) { hub.gather().open(asked, LinkId{9}, false, hub.links(), now, out); });
    hub.gather().on_child_answer(
        *hub.links().find(HostId{2}),
        {asked.window, asked.question, testing::load1_partial(HostId{99}, 1)});
    const auto finished = hub.gather().take_finished(now);
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_TRUE(finished.front().answer.partial.coverage.empty());
}

TEST_F(GatherTest, QuestionsThatAreAnsweredMakeRoomForFurtherOnes) {
    for (std::uint64_t number = 1; number <= 3 * limits::open_windows_max; ++number) {
        const WindowOpened asked{.window = {{1, 1}, number}, .closes_in = seconds{60}};
        step_parent([&](Outputs& out) {
            hub.gather().open(asked, LinkId{9}, false, hub.links(), now, out);
        });
        ASSERT_EQ(hub.gather().take_finished(now).size(), 1U);
    }
}

TEST_F(GatherTest, AnAnswerToSomethingElseIsMissing) {
    join(2);
    Inquiry variance = testing::load1_inquiry;
    variance.folds.front().kind = FoldSpec::Kind::variance;
    const WindowOpened asked{
        .window = {{1, 1}, 1}, .inquiry = variance, .target = {HostId{2}}, .closes_in = seconds{2}};
    step_parent(
        [&](Outputs& out) { hub.gather().open(asked, LinkId{9}, false, hub.links(), now, out); });
    hub.gather().on_child_answer(
        *hub.links().find(HostId{2}),
        {asked.window, asked.question, testing::load1_partial(HostId{2}, 1)});
    const auto finished = hub.gather().take_finished(now);
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_TRUE(finished.front().answer.partial.coverage.empty());
}

}  // namespace
}  // namespace coppice
