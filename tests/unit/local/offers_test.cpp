// Who is asked to make a value take effect, and what becomes of one that nobody answers for.
#include "local/offers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class OffersTest : public testing::Test {
protected:
    [[nodiscard]] bool take(const std::string& topic, std::uint64_t version) {
        return offers.take({.push = PushId{version}, .topic = topic, .version = version}, now);
    }
    [[nodiscard]] bool answer(const std::string& topic, std::uint64_t version,
                              const std::optional<std::string>& refusal = {}) {
        return offers.answer(topic, version, refusal, now);
    }
    void pass(Duration span) {
        now += span;
        offers.expire(now);
    }
    std::vector<std::string> take_said() { return std::exchange(said, {}); }

    std::vector<std::string> said;
    Instant now{seconds{100}};
    Offers offers{
        {.limit = seconds{30}, .subscriber_only = {"only/"}},
        {.offer =
             [this](std::uint64_t to, const Apply& apply) {
                 said.push_back("offer " + apply.topic + " to " + std::to_string(to));
             },
         .withdraw =
             [this](std::uint64_t to, const Apply& apply) {
                 said.push_back("withdraw " + apply.topic + " from " + std::to_string(to));
             },
         .keep = [this](const Apply& apply) { said.push_back("keep " + apply.topic); },
         .refuse =
             [this](PushId push, const std::string& reason) {
                 said.push_back("refuse " + std::to_string(push.value) + ": " + reason);
             }}};
};

TEST_F(OffersTest, ATopicWithoutASubscriberIsNoneOfTheirs) {
    EXPECT_FALSE(take("motd", 1));
    offers.subscribe(7, {"motd2", "app/*"}, now);
    EXPECT_FALSE(take("motd", 1));
    EXPECT_EQ(offers.next_deadline(), never);
    EXPECT_TRUE(take("app/x", 1));
    EXPECT_THAT(take_said(), ElementsAre("offer app/x to 7"));
}

TEST_F(OffersTest, WhatWasAppliedIsKeptAndWhatWasRefusedIsNot) {
    offers.subscribe(7, {"a"}, now);
    EXPECT_TRUE(take("a", 1));
    EXPECT_FALSE(answer("a", 2)) << "another version";
    EXPECT_FALSE(answer("b", 1)) << "another topic";
    EXPECT_TRUE(answer("a", 1));
    EXPECT_FALSE(answer("a", 1)) << "once";
    EXPECT_TRUE(take("a", 2));
    EXPECT_TRUE(answer("a", 2, "bad port"));
    EXPECT_THAT(said, ElementsAre("offer a to 7", "keep a", "offer a to 7", "refuse 2: bad port"));
}

TEST_F(OffersTest, ASubscriberIsAskedOneThingAtATime) {
    offers.subscribe(7, {"*"}, now);
    EXPECT_TRUE(take("a", 1));
    EXPECT_TRUE(take("b", 2));
    EXPECT_THAT(take_said(), ElementsAre("offer a to 7"));
    pass(seconds{29});
    EXPECT_TRUE(answer("a", 1));
    EXPECT_THAT(take_said(), ElementsAre("keep a", "offer b to 7"));
    pass(seconds{29});
    EXPECT_THAT(take_said(), IsEmpty()) << "its own time began when it was offered";
    pass(seconds{1});
    EXPECT_THAT(take_said(), ElementsAre("withdraw b from 7",
                                         "refuse 2: no answer of the subscribed daemon in 30s"));
    EXPECT_FALSE(answer("b", 2)) << "too late";
}

TEST_F(OffersTest, TheNextSubscriberIsAskedWhenOneVanishes) {
    offers.subscribe(7, {"a"}, now);
    offers.subscribe(8, {"a"}, now);
    EXPECT_TRUE(take("a", 1));
    pass(seconds{20});
    offers.unsubscribe(7, now);
    EXPECT_THAT(take_said(), ElementsAre("offer a to 7", "offer a to 8"));
    offers.unsubscribe(8, now);
    offers.subscribe(9, {"a"}, now);
    EXPECT_THAT(take_said(), ElementsAre("offer a to 9"));
    pass(seconds{10});
    EXPECT_THAT(take_said(), ElementsAre("withdraw a from 9",
                                         "refuse 1: no answer of the subscribed daemon in 30s"))
        << "a value that daemons die of is not offered for ever";
}

TEST_F(OffersTest, AValueWhoseSubscriberVanishedForGoodIsRefused) {
    offers.subscribe(7, {"a"}, now);
    EXPECT_TRUE(take("a", 1));
    offers.unsubscribe(7, now);
    take_said();
    pass(seconds{30});
    EXPECT_THAT(take_said(), ElementsAre("refuse 1: no daemon subscribed to the topic within 30s"));
}

TEST_F(OffersTest, TopicsForSubscribersAloneWaitForOne) {
    EXPECT_TRUE(take("only/a", 1));
    pass(seconds{29});
    offers.subscribe(7, {"only/*"}, now);
    EXPECT_THAT(take_said(), ElementsAre("offer only/a to 7"));
    pass(seconds{29});
    EXPECT_TRUE(answer("only/a", 1));
    EXPECT_TRUE(take("only/a", 2));
    offers.unsubscribe(7, now);
    take_said();
    EXPECT_TRUE(take("only/b", 3));
    pass(seconds{30});
    EXPECT_THAT(take_said(), ElementsAre("refuse 2: no daemon subscribed to the topic within 30s",
                                         "refuse 3: no daemon subscribed to the topic within 30s"));
    EXPECT_EQ(offers.next_deadline(), never);
}

}  // namespace
}  // namespace coppice
