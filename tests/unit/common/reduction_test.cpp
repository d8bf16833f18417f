// What a reducer makes of the parts of a window, and what it costs when it does not.
#include "common/reduction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/gather.h"
#include "common/limits.h"
#include "tests/support/host_values.h"
#include "tests/support/link_bench.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Outcome = Reduced::Outcome;

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

/// Children 2, 3, ... of the host that reduces.
class ReductionTest : public ::testing::Test, protected testing::LinkBench {
protected:
    void ask_children(std::uint32_t last, std::vector<std::string> by = {}) {
        asked = {.window = {{1, 1}, 1},
                 .question = {5},
                 .inquiry = {.folds = {{FoldSpec::Kind::parts, "words"}}, .by = std::move(by)},
                 .target = {},
                 .closes_in = seconds{2}};
        standing.children_max = last;
        for (std::uint32_t host = 2; host <= last; ++host) {
            join(host);
            asked.target.insert(HostId{host});
        }
        step_parent([&](Outputs& out) {
            hub.gather().open(asked, LinkId{9}, false, hub.links(), now, out);
        });
    }
    Partial partial(std::uint32_t host, const Bytes& bytes) const {
        const testing::HostWithValues one{.labels = {{"rack", "r" + std::to_string(host % 2)}}};
        const Contributions own{{"words", std::make_shared<const Bytes>(bytes)}};
        HostValues values = one.values();
        values.contributions = &own;
        return partial_of(asked.inquiry, HostId{host}, values);
    }
    void answer(std::uint32_t host, const Bytes& bytes) {
        hub.gather().on_child_answer(*hub.links().find(HostId{host}),
                                     {asked.window, asked.question, partial(host, bytes)});
    }
    void answer(std::uint32_t host, const std::string& text) { answer(host, bytes_of(text)); }

    /// What a daemon is asked by now.
    std::vector<Reduce> work() {
        Outputs out;
        if (now >= hub.gather().next_deadline()) hub.gather().on_deadline(hub.links(), now, out);
        hub.gather().reduce(now, out);
        finished = hub.gather().take_finished(now);
        return out.reductions;
    }
    void reduced(const Reduce& reduce, Outcome outcome, const std::string& text) {
        hub.gather().on_reduced({.reduction = reduce.reduction,
                                 .outcome = outcome,
                                 .bytes = bytes_of(outcome == Outcome::reduced ? text : ""),
                                 .reason = outcome == Outcome::failed ? text : ""});
    }
    const Parts& parts(const GroupKey& key = {}) {
        return std::get<Parts>(finished.at(0).answer.partial.groups.at(key).folds.at(0));
    }

    WindowOpened asked;
    std::vector<Gather::Finished> finished;
};

TEST_F(ReductionTest, WhenAllIsTogetherADaemonMakesOnePartOfIt) {
    ask_children(3);
    answer(2, "a");
    EXPECT_TRUE(work().empty()) << "not yet";
    answer(3, "b");
    const std::vector<Reduce> asked_of_daemon = work();
    ASSERT_EQ(asked_of_daemon.size(), 1U);
    EXPECT_EQ(asked_of_daemon[0].name, "words");
    EXPECT_THAT(*asked_of_daemon[0].parts, ElementsAre(bytes_of("a"), bytes_of("b")));
    EXPECT_EQ(asked_of_daemon[0].time_limit, seconds{1}) << "half of the time that is left";
    EXPECT_TRUE(finished.empty());
    EXPECT_TRUE(work().empty()) << "once";
    reduced(asked_of_daemon[0], Outcome::reduced, "ab");
    EXPECT_TRUE(work().empty());
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(parts(), (Parts{.parts = {{2, bytes_of("ab")}}}));
}

TEST_F(ReductionTest, OnePartNeedsNobody) {
    ask_children(2);
    answer(2, "a");
    EXPECT_TRUE(work().empty());
    EXPECT_EQ(parts().count(), 1U);
}

TEST_F(ReductionTest, WhereNobodyReducesPartsGoUpAsTheyAreAndNothingHasFailed) {
    ask_children(3);
    answer(2, "a");
    answer(3, "b");
    reduced(work().at(0), Outcome::no_reducer, "");
    EXPECT_TRUE(work().empty());
    EXPECT_EQ(parts(), (Parts{.parts = {{1, bytes_of("a")}, {1, bytes_of("b")}}}));
}

TEST_F(ReductionTest, AFailureCostsTheReductionAlone) {
    ask_children(3);
    answer(2, "a");
    answer(3, "b");
    reduced(work().at(0), Outcome::failed, std::string(300, 'x'));
    EXPECT_TRUE(work().empty()) << "nobody is asked again";
    EXPECT_EQ(parts().parts.size(), 2U);
    EXPECT_EQ(parts().failures, 1U);
    EXPECT_EQ(parts().reason, std::string(200, 'x'));
    EXPECT_TRUE(parts().is_sound(2));
}

TEST_F(ReductionTest, AReducerThatSaysTooMuchHasFailed) {
    ask_children(3);
    answer(2, "a");
    answer(3, "b");
    reduced(work().at(0), Outcome::reduced, std::string(limits::part_bytes_max + 1, 'x'));
    EXPECT_TRUE(work().empty());
    EXPECT_EQ(parts().parts.size(), 2U);
    EXPECT_THAT(parts().reason, HasSubstr("at most 16384"));
}

TEST_F(ReductionTest, AHungReducerCostsHalfOfTheTimeThatIsLeft) {
    ask_children(3);
    answer(2, "a");
    answer(3, "b");
    const Instant opened = now;
    const Reduce never_answered = work().at(0);
    now = opened + milliseconds{999};
    EXPECT_TRUE(work().empty());
    EXPECT_TRUE(finished.empty());
    now = opened + seconds{1};
    EXPECT_LE(hub.gather().next_deadline(), now);
    EXPECT_TRUE(work().empty());
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(parts().reason, "it did not answer within 1000 ms");
    EXPECT_EQ(parts().count(), 2U);
    reduced(never_answered, Outcome::reduced, "late");
    work();
    EXPECT_TRUE(finished.empty()) << "it was answered";
}

TEST_F(ReductionTest, WhatIsTogetherWhenTheTimeIsNearlyOverIsReduced) {
    ask_children(4);
    answer(2, "a");
    answer(3, "b");
    const Instant opened = now;
    EXPECT_TRUE(work().empty());
    now = opened + milliseconds{1750};
    EXPECT_LE(hub.gather().next_deadline(), now);
    const std::vector<Reduce> late = work();
    ASSERT_EQ(late.size(), 1U);
    EXPECT_EQ(late[0].time_limit, milliseconds{125});
    reduced(late[0], Outcome::reduced, "ab");
    EXPECT_TRUE(work().empty());
    EXPECT_TRUE(finished.empty()) << "the last child may answer yet";
    EXPECT_GT(hub.gather().next_deadline(), now);
    now += milliseconds{10};
    answer(4, "c");
    const std::vector<Reduce> again = work();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_THAT(*again[0].parts, ElementsAre(bytes_of("ab"), bytes_of("c")));
    now = opened + seconds{2};
    EXPECT_TRUE(work().empty());
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(parts().count(), 3U) << "what was under way is not lost";
    EXPECT_EQ(parts().failures, 1U);
}

TEST_F(ReductionTest, MuchIsReducedWhileFurtherPartsCome) {
    const std::uint32_t last = 60;
    ask_children(last);
    std::size_t reductions = 0;
    for (std::uint32_t host = 2; host <= last; ++host) {
        answer(host, Bytes(limits::part_bytes_max, static_cast<std::uint8_t>(host)));
        for (const Reduce& reduce : work()) {
            std::size_t bytes = 0;
            for (const Bytes& part : *reduce.parts) bytes += part.size();
            EXPECT_LE(bytes, limits::parts_bytes_max);
            ++reductions;
            reduced(reduce, Outcome::reduced, std::string(limits::part_bytes_max, 'r'));
        }
    }
    for (std::vector<Reduce> more = work(); !more.empty(); more = work())
        reduced(more.at(0), Outcome::reduced, "all");
    EXPECT_GT(reductions, 2U);
    ASSERT_EQ(finished.size(), 1U);
    ASSERT_EQ(parts().parts.size(), 1U);
    EXPECT_EQ(parts().count(), last - 1) << "nothing was dropped";
}

TEST_F(ReductionTest, WhatDoesNotFitOnALinkIsDroppedAndCounted) {
    const std::uint32_t last = 31;
    ask_children(last);
    for (std::uint32_t host = 2; host <= last; ++host) {
        answer(host, Bytes(limits::part_bytes_max, static_cast<std::uint8_t>(host)));
        for (const Reduce& reduce : work()) reduced(reduce, Outcome::no_reducer, "");
    }
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(parts().count() + parts().dropped, last - 1);
    EXPECT_GT(parts().dropped, 0U);
    EXPECT_TRUE(is_sound(finished.front().answer.partial, asked.inquiry));
}

TEST_F(ReductionTest, GroupsAreReducedOneByOneAndAFailureIsCountedOnce) {
    ask_children(5, {"rack"});
    for (std::uint32_t host = 2; host <= 5; ++host) answer(host, std::to_string(host));
    const Reduce first = work().at(0);
    EXPECT_THAT(*first.parts, ElementsAre(bytes_of("2"), bytes_of("4")));
    reduced(first, Outcome::reduced, "6");
    const Reduce second = work().at(0);
    EXPECT_THAT(*second.parts, ElementsAre(bytes_of("3"), bytes_of("5")));
    reduced(second, Outcome::failed, "no");
    EXPECT_TRUE(work().empty());
    EXPECT_EQ(parts({"r0"}), (Parts{.parts = {{2, bytes_of("6")}}}));
    EXPECT_EQ(parts({"r1"}).parts.size(), 2U);
    EXPECT_EQ(parts({"r1"}).failures, 1U);
}

TEST_F(ReductionTest, ARepeatOfTheQuestionGetsTheSameAnswer) {
    ask_children(3);
    answer(2, "a");
    answer(3, "b");
    reduced(work().at(0), Outcome::no_reducer, "");
    work();
    ASSERT_EQ(finished.size(), 1U);
    const Partial first = finished.front().answer.partial;
    step_parent(
        [&](Outputs& out) { hub.gather().open(asked, LinkId{9}, false, hub.links(), now, out); });
    EXPECT_TRUE(work().empty()) << "nobody is asked again";
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(finished.front().answer.partial, first);
}

TEST_F(ReductionTest, WhereNoDaemonsAreNothingIsWaitedFor) {
    ask_children(3);
    answer(2, "a");
    answer(3, "b");
    finished = hub.gather().take_finished(now);  // as a manager does
    ASSERT_EQ(finished.size(), 1U);
    EXPECT_EQ(parts().parts.size(), 2U);
}

}  // namespace
}  // namespace coppice
