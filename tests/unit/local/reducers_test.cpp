// Whom parts are handed to, and what becomes of them when nobody answers.
#include "local/reducers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using Outcome = Reduced::Outcome;

class ReducersTest : public testing::Test {
protected:
    void take(std::uint64_t reduction, const std::string& name = "words") {
        reducers.take({.reduction = {reduction},
                       .name = name,
                       .parts = std::make_shared<const std::vector<Bytes>>(2),
                       .time_limit = seconds{1}},
                      now);
    }
    bool answer(std::uint64_t reduction) {
        return reducers.answer({.reduction = {reduction}, .outcome = Outcome::reduced});
    }
    void wait(Duration time) {
        now += time;
        reducers.expire(now);
    }

    Instant now{seconds{100}};
    std::vector<std::string> told;
    Reducers reducers{
        {.ask =
             [this](std::uint64_t daemon, const Reduce& reduce) {
                 told.push_back("daemon " + std::to_string(daemon) + " is asked " +
                                std::to_string(reduce.reduction.value));
             },
         .answer =
             [this](const Reduced& reduced) {
                 const std::string what = reduced.outcome == Outcome::reduced  ? "reduced"
                                          : reduced.outcome == Outcome::failed ? reduced.reason
                                                                               : "no reducer";
                 told.push_back(std::to_string(reduced.reduction.value) + ": " + what);
             }}};
};

TEST_F(ReducersTest, ADaemonIsAskedOneThingAtATime) {
    reducers.add(1, {"words", "lines"});
    take(1);
    take(2, "lines");
    EXPECT_THAT(told, ElementsAre("daemon 1 is asked 1"));
    EXPECT_TRUE(answer(1));
    EXPECT_THAT(told, ElementsAre("daemon 1 is asked 1", "1: reduced", "daemon 1 is asked 2"));
    EXPECT_FALSE(answer(1)) << "twice";
    EXPECT_FALSE(answer(7));
    EXPECT_TRUE(answer(2));
    EXPECT_EQ(reducers.next_deadline(), never);
}

TEST_F(ReducersTest, WithoutADaemonOfThatNameNothingHasFailed) {
    reducers.add(1, {"lines"});
    take(1);
    EXPECT_THAT(told, ElementsAre("1: no reducer"));
}

TEST_F(ReducersTest, AHungDaemonIsNotAskedWhileItOwesAnAnswer) {
    reducers.add(1, {"words"});
    take(1);
    take(2);
    EXPECT_EQ(reducers.next_deadline(), now + seconds{1});
    wait(seconds{1});
    EXPECT_THAT(told, ElementsAre("daemon 1 is asked 1", "1: it did not answer within 1000 ms",
                                  "2: its daemon was busy with other questions"));
    told.clear();
    take(3);
    EXPECT_THAT(told, ElementsAre("3: its daemon has not answered an earlier question yet"))
        << "at once";
    EXPECT_EQ(reducers.next_deadline(), never);
    EXPECT_FALSE(answer(1)) << "its time is over";
    told.clear();
    take(4);
    EXPECT_THAT(told, ElementsAre("daemon 1 is asked 4"));
}

TEST_F(ReducersTest, AnotherDaemonOfTheNameStepsIn) {
    reducers.add(2, {"words"});
    reducers.add(1, {"words"});
    take(1);
    take(2);
    EXPECT_THAT(told, ElementsAre("daemon 1 is asked 1", "daemon 2 is asked 2"));
    wait(seconds{1});
    EXPECT_FALSE(answer(2));
    told.clear();
    take(3);
    EXPECT_THAT(told, ElementsAre("daemon 2 is asked 3"));
}

TEST_F(ReducersTest, ADaemonThatEndsFailsAtOnce) {
    reducers.add(1, {"words"});
    take(1);
    take(2);
    reducers.remove(1);
    EXPECT_THAT(told, ElementsAre("daemon 1 is asked 1", "1: its daemon ended before it answered",
                                  "2: no reducer"));
    reducers.remove(1);
    reducers.add(3, {"words"});
    take(4);
    EXPECT_EQ(told.back(), "daemon 3 is asked 4");
}

TEST_F(ReducersTest, WhatWaitsIsBounded) {
    reducers.add(1, {"words"});
    for (std::uint64_t number = 1; number <= 1 + limits::reductions_waiting_max; ++number)
        take(number);
    EXPECT_THAT(told, ElementsAre("daemon 1 is asked 1"));
    take(1000);
    EXPECT_EQ(told.back(), "1000: too much waits for daemons of this host");
    wait(milliseconds{999});
    EXPECT_EQ(told.size(), 2U);
}

}  // namespace
}  // namespace coppice
