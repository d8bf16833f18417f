#include "leaf/leaf.h"

#include <gtest/gtest.h>

#include "tests/support/fake_notary.h"

namespace coppice {
namespace {

constexpr HostId self{7};

class LeafTest : public ::testing::Test {
protected:
    LeafTest() { leaf.set_identity(self, "f", "n7", {{"zone", "z1"}}); }

    void hold(std::uint64_t push, std::uint64_t version, const std::string& selector = {},
              const std::string& fleet = "f") {
        const PushContent content{.fleet = fleet,
                                  .push = PushId{push},
                                  .topic = "motd",
                                  .version = version,
                                  .selector = selector,
                                  .payload = {1, 2, 3}};
        hold_content(content);
    }
    void hold_content(const PushContent& content) {
        held[content.push] = {.topic = content.topic,
                              .version = content.version,
                              .target = {self},
                              .content = std::make_shared<const Sealed>(notary.seal(content))};
    }
    Outputs consider() {
        Outputs out;
        leaf.consider(held, out);
        return out;
    }
    Outputs finish(std::uint64_t push, std::optional<std::string> refusal = std::nullopt) {
        Outputs out;
        leaf.on_apply_finished({PushId{push}, std::move(refusal)}, out);
        return out;
    }
    [[nodiscard]] bool says_applied(std::uint64_t push) const {
        return find_or_empty(leaf.sets(), {SetKind::applied, PushId{push}, {}}).contains(self);
    }
    [[nodiscard]] std::string refusal(std::uint64_t push) const {
        for (const auto& [key, set] : leaf.sets())
            if (key.kind == SetKind::refused && key.push == PushId{push}) return key.reason;
        return {};
    }

    testing::FakeNotary notary;
    Leaf leaf{notary, {}};
    std::map<PushId, HeldPush> held;
};

TEST_F(LeafTest, APushIsSaidToBeAppliedOnlyOnceItIsDurable) {
    hold(1, 1);
    EXPECT_EQ(consider().applies.size(), 1U);
    EXPECT_FALSE(says_applied(1));
    const Outputs done = finish(1);
    EXPECT_TRUE(says_applied(1));
    ASSERT_EQ(done.writes.size(), 1U);
    const auto& record = std::get<AppliedRecord>(std::get<Put>(done.writes.front()).record);
    EXPECT_EQ(record.version, 1U);
}

TEST_F(LeafTest, ARepeatedPushIsAppliedOnce) {
    hold(1, 1);
    EXPECT_EQ(consider().applies.size(), 1U);
    EXPECT_TRUE(consider().applies.empty()) << "it is under way";
    static_cast<void>(finish(1));
    EXPECT_TRUE(consider().applies.empty()) << "it is done";
}

TEST_F(LeafTest, TheNewestOfABacklogIsAppliedAndTheOlderAreAnsweredWithIt) {
    hold(1, 1);
    hold(2, 2);
    const Outputs out = consider();
    ASSERT_EQ(out.applies.size(), 1U);
    EXPECT_EQ(out.applies.front().version, 2U);
    static_cast<void>(finish(2));
    EXPECT_TRUE(consider().applies.empty());
    EXPECT_TRUE(says_applied(1)) << "applied means this version or a newer one";
    EXPECT_TRUE(says_applied(2));
}

TEST_F(LeafTest, AppliedVersionsSurviveARestart) {
    Leaf restarted{notary, {AppliedRecord{.topic = "motd", .version = 3, .push = PushId{9}}}};
    restarted.set_identity(self, "f", "n7", {});
    EXPECT_TRUE(find_or_empty(restarted.sets(), {SetKind::applied, PushId{9}, {}}).contains(self));
    hold(4, 2);
    Outputs out;
    restarted.consider(held, out);
    EXPECT_TRUE(out.applies.empty()) << "never back to an older version";
}

TEST_F(LeafTest, WhatTookEffectAndWasNotNotedCountsAfterARestart) {
    const AppliedRecord found{.topic = "motd", .version = 5, .push = PushId{11}};
    Leaf restarted{
        notary, {AppliedRecord{.topic = "motd", .version = 3, .push = PushId{9}}}, {found}};
    restarted.set_identity(self, "f", "n7", {});
    EXPECT_TRUE(find_or_empty(restarted.sets(), {SetKind::applied, PushId{11}, {}}).contains(self));
    hold(10, 4);
    Outputs out;
    restarted.consider(held, out);
    EXPECT_TRUE(out.applies.empty());
    EXPECT_EQ(out.writes, std::vector<Write>{Put{found}}) << "noted before anybody is told";
}

TEST_F(LeafTest, AFailedApplyIsARefusalWithItsReason) {
    hold(1, 1);
    static_cast<void>(consider());
    const Outputs done = finish(1, "no space left on device");
    EXPECT_TRUE(done.writes.empty());
    EXPECT_EQ(refusal(1), "no space left on device");
    EXPECT_FALSE(says_applied(1));
}

TEST_F(LeafTest, ANewVersionClearsAnOldRefusal) {
    hold(1, 1);
    static_cast<void>(consider());
    static_cast<void>(finish(1, "full"));
    hold(2, 2);
    static_cast<void>(consider());
    static_cast<void>(finish(2));
    EXPECT_EQ(refusal(1), "");
    EXPECT_TRUE(says_applied(2));
}

TEST_F(LeafTest, AForgedPushIsRefused) {
    hold(1, 1);
    Sealed forged = *held[PushId{1}].content;
    forged.signature.fill(0);
    held[PushId{1}].content = std::make_shared<const Sealed>(forged);
    EXPECT_TRUE(consider().applies.empty());
    EXPECT_EQ(refusal(1), "the signature is not this fleet's");
}

TEST_F(LeafTest, AnInteriorHostCannotPassOffOneContentAsAnother) {
    hold(1, 1);
    held[PushId{1}].version = 5;
    EXPECT_TRUE(consider().applies.empty());
    EXPECT_EQ(refusal(1), "the signed content is of another push");
}

TEST_F(LeafTest, APushOfAnotherFleetIsRefused) {
    hold(1, 1, {}, "g");
    EXPECT_TRUE(consider().applies.empty());
    EXPECT_FALSE(refusal(1).empty());
}

TEST_F(LeafTest, AnInteriorHostCannotMisdirectAPush) {
    hold(1, 1, "zone=z2");
    EXPECT_TRUE(consider().applies.empty());
    EXPECT_EQ(refusal(1), "the signed selector does not name this host");
}

TEST_F(LeafTest, APushForOthersIsNotThisHostsBusiness) {
    hold(1, 1);
    held[PushId{1}].target = {HostId{8}};
    EXPECT_TRUE(consider().applies.empty());
    EXPECT_TRUE(refusal(1).empty());
}

TEST_F(LeafTest, AWithdrawalIsRememberedByItsVersion) {
    hold(1, 1);
    static_cast<void>(consider());
    static_cast<void>(finish(1));
    hold_content({.fleet = "f", .push = {2}, .topic = "motd", .version = 2, .is_withdrawal = true});
    const Outputs out = consider();
    ASSERT_EQ(out.applies.size(), 1U);
    EXPECT_TRUE(out.applies.front().content->is_withdrawal);
    const Outputs done = finish(2);
    ASSERT_EQ(done.writes.size(), 1U);
    const auto record = std::get<AppliedRecord>(std::get<Put>(done.writes.front()).record);
    EXPECT_TRUE(record.is_withdrawn);
    EXPECT_EQ(record.version, 2U);
    EXPECT_TRUE(says_applied(2));
}

TEST_F(LeafTest, WhatLabelsForbadeIsConsideredAnewWhenTheyChange) {
    hold(1, 1, "zone=z2");
    EXPECT_TRUE(consider().applies.empty());
    EXPECT_NE(refusal(1), "");
    leaf.set_identity(self, "f", "n7", {{"zone", "z2"}});
    EXPECT_EQ(refusal(1), "");
    EXPECT_EQ(consider().applies.size(), 1U);
}

TEST_F(LeafTest, AStoppedHostBeginsNothingUntilTheStopEnds) {
    hold_content({.fleet = "f",
                  .push = {1},
                  .topic = std::string{stop_topic},
                  .version = 1,
                  .payload = {'x'}});
    hold(2, 1);
    const Outputs stopped = consider();
    EXPECT_TRUE(stopped.applies.empty());
    ASSERT_EQ(stopped.writes.size(), 1U) << "it survives a restart";
    EXPECT_TRUE(says_applied(1));
    EXPECT_FALSE(says_applied(2)) << "it is pending, not refused";
    EXPECT_EQ(refusal(2), "");

    Leaf restarted{notary, {std::get<Put>(stopped.writes.front()).record}};
    restarted.set_identity(self, "f", "n7", {});
    Outputs again;
    restarted.consider(held, again);
    EXPECT_TRUE(again.applies.empty());

    hold_content({.fleet = "f",
                  .push = {3},
                  .topic = std::string{stop_topic},
                  .version = 2,
                  .is_withdrawal = true});
    const Outputs released = consider();
    ASSERT_EQ(released.applies.size(), 1U);
    EXPECT_EQ(released.applies.front().push, PushId{2});
}

TEST_F(LeafTest, AnApplyThatIsUnderWayAtAStopFinishes) {
    hold(1, 1);
    EXPECT_EQ(consider().applies.size(), 1U);
    hold_content({.fleet = "f", .push = {2}, .topic = std::string{stop_topic}, .version = 1});
    static_cast<void>(consider());
    static_cast<void>(finish(1));
    EXPECT_TRUE(says_applied(1));
}

TEST_F(LeafTest, AStopThatNobodySignedIsRefused) {
    hold_content({.fleet = "f", .push = {1}, .topic = std::string{stop_topic}, .version = 1});
    Sealed forged = *held[PushId{1}].content;
    forged.signature.fill(0);
    held[PushId{1}].content = std::make_shared<const Sealed>(forged);
    hold(2, 1);
    EXPECT_EQ(consider().applies.size(), 1U);
}

}  // namespace
}  // namespace coppice
