// Pushed values become files.

#include "runtime/push_applier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Pushes : public testing::Test {
protected:
    void apply(std::uint64_t push, const std::string& topic, const std::string& value) {
        const PushContent content{.push = PushId{push},
                                  .topic = topic,
                                  .version = 1,
                                  .payload = Bytes{value.begin(), value.end()}};
        applier_.apply({.push = PushId{push},
                        .topic = topic,
                        .version = 1,
                        .content = std::make_shared<const PushContent>(content)});
    }

    static Apply withdrawal(std::uint64_t push, const std::string& topic) {
        const PushContent content{
            .push = PushId{push}, .topic = topic, .version = 2, .is_withdrawal = true};
        return {.push = PushId{push},
                .topic = topic,
                .version = 2,
                .content = std::make_shared<const PushContent>(content)};
    }

    std::vector<ApplyFinished> wait_for(std::size_t count) { return wait_for(applier_, count); }
    static std::vector<ApplyFinished> wait_for(PushApplier& applier, std::size_t count) {
        std::vector<ApplyFinished> all;
        constexpr int bound_ms = 10'000;
        pollfd ready{.fd = applier.fd(), .events = POLLIN, .revents = 0};
        while (all.size() < count && ::poll(&ready, 1, bound_ms) == 1)
            for (ApplyFinished& finished : applier.take()) all.push_back(std::move(finished));
        return all;
    }

    [[nodiscard]] std::string content(const std::string& topic) const {
        std::ifstream file{topics_ / topic};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    TemporaryDirectory directory_;
    fs::path topics_ = directory_.path() / "state" / "topics";
    PushApplier applier_{topics_};
};

TEST_F(Pushes, FilesTellWhatTookEffectAndOfWhichFleet) {
    PublicKey other{};
    other[0] = 1;
    apply(1, "motd", "hello");
    apply(2, "conf.d/10", "value");
    ASSERT_EQ(wait_for(2).size(), 2U);
    std::ofstream{topics_ / "by-hand"} << "no mark";
    std::vector<AppliedRecord> found = applied_in(topics_, PublicKey{});
    if (found.empty()) GTEST_SKIP() << "the file system keeps no extended attributes";
    std::sort(found.begin(), found.end(),
              [](const auto& left, const auto& right) { return left.topic < right.topic; });
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], (AppliedRecord{.topic = "conf.d/10", .version = 1, .push = PushId{2}}));
    EXPECT_EQ(found[1], (AppliedRecord{.topic = "motd", .version = 1, .push = PushId{1}}));
    EXPECT_TRUE(applied_in(topics_, other).empty());
    EXPECT_TRUE(applied_in(topics_ / "nowhere", PublicKey{}).empty());
    std::ofstream{topics_ / "motd"} << "edited in place";
    EXPECT_EQ(applied_in(topics_, PublicKey{}).size(), 2U);
}

TEST_F(Pushes, ReplaceTheFileOfTheirTopicInOrder) {
    apply(1, "motd", "first");
    apply(2, "motd", "second");
    const auto finished = wait_for(2);
    ASSERT_EQ(finished.size(), 2U);
    EXPECT_EQ(finished[0].push, PushId{1});
    EXPECT_EQ(finished[1].push, PushId{2});
    EXPECT_FALSE(finished[0].refusal || finished[1].refusal);
    EXPECT_EQ(content("motd"), "second");
    EXPECT_EQ(std::distance(fs::directory_iterator{topics_}, {}), 1) << "a draft was left";
}

TEST_F(Pushes, OfTopicsWithSlashesGoIntoSubDirectories) {
    apply(1, "etc/slurm/slurm.conf", "nodes");
    EXPECT_FALSE(wait_for(1).at(0).refusal);
    EXPECT_EQ(content("etc/slurm/slurm.conf"), "nodes");
}

TEST_F(Pushes, WithAnEmptyPayloadMakeAnEmptyFile) {
    apply(1, "flag", "");
    EXPECT_FALSE(wait_for(1).at(0).refusal);
    EXPECT_TRUE(fs::exists(topics_ / "flag"));
}

TEST_F(Pushes, OfWithdrawalsRemoveTheFile) {
    apply(1, "etc/motd", "text");
    applier_.apply(withdrawal(2, "etc/motd"));
    applier_.apply(withdrawal(3, "never/written"));
    const auto finished = wait_for(3);
    ASSERT_EQ(finished.size(), 3U);
    for (const ApplyFinished& each : finished) EXPECT_FALSE(each.refusal) << each.push.value;
    EXPECT_FALSE(fs::exists(topics_ / "etc" / "motd"));
    EXPECT_FALSE(fs::exists(topics_ / "never"));
}

TEST_F(Pushes, OfWithdrawalsAskTheHookBeforeTheFileGoes) {
    const fs::path program = directory_.path() / "hook";
    const fs::path said = directory_.path() / "said";
    std::ofstream{program}
        << "#!/bin/sh\n"
        << "echo $COPPICE_WITHDRAWN $(wc -c < \"$COPPICE_FILE\") > " << said
        << "\n[ $COPPICE_TOPIC != kept ] || { echo 'it is in use' >&2; exit 1; }";
    fs::permissions(program, fs::perms::owner_all);
    for (const char* topic : {"kept", "given_up"}) apply(1, topic, "text");
    ASSERT_EQ(wait_for(2).size(), 2U);
    PushApplier hooked{topics_, {.hooks = {{.topic_prefix = "", .program = program}}}};
    hooked.apply(withdrawal(2, "kept"));
    hooked.apply(withdrawal(3, "given_up"));
    const auto finished = wait_for(hooked, 2);
    ASSERT_EQ(finished.size(), 2U);
    EXPECT_EQ(finished[0].refusal, "it is in use");
    EXPECT_EQ(content("kept"), "text");
    EXPECT_FALSE(finished[1].refusal) << *finished[1].refusal;
    EXPECT_FALSE(fs::exists(topics_ / "given_up"));
    std::ifstream words{said};
    EXPECT_EQ((std::string{std::istreambuf_iterator<char>{words}, {}}), "1 0\n");
    EXPECT_EQ(std::distance(fs::directory_iterator{topics_}, {}), 1) << "a draft was left";
}

TEST_F(Pushes, ThatWouldLeaveTheDirectoryAreRefused) {
    const std::vector<std::string> topics{
        "../up", "a/../../up", "/etc/passwd", "a//b", "a/", ".", "", "a/.", std::string{"a\0b", 3}};
    for (std::size_t index = 0; index < topics.size(); ++index) apply(index, topics[index], "x");
    const auto finished = wait_for(topics.size());
    ASSERT_EQ(finished.size(), topics.size());
    for (const ApplyFinished& each : finished) EXPECT_TRUE(each.refusal) << topics[each.push.value];
    EXPECT_FALSE(fs::exists(topics_.parent_path() / "up"));
    EXPECT_FALSE(fs::exists(topics_ / "a"));
}

TEST_F(Pushes, ThatCannotBeWrittenAreRefusedWithTheReason) {
    apply(1, "motd", "text");
    apply(2, "motd/below", "text");
    const auto finished = wait_for(2);
    ASSERT_EQ(finished.size(), 2U);
    ASSERT_TRUE(finished[1].refusal);
    EXPECT_THAT(*finished[1].refusal, HasSubstr("a file is in its place"));
    EXPECT_EQ(content("motd"), "text");
}

TEST_F(Pushes, OverADraftLeftByACrashSucceed) {
    fs::create_directories(topics_);
    std::ofstream{topics_ / ".motd.coppice-new"} << "half a val";
    apply(1, "motd", "whole");
    EXPECT_FALSE(wait_for(1).at(0).refusal);
    EXPECT_EQ(content("motd"), "whole");
    EXPECT_FALSE(fs::exists(topics_ / ".motd.coppice-new"));
}

TEST_F(Pushes, AboveTheBoundOfTheQueueAreAnsweredToo) {
    constexpr std::size_t count = 3 * PushApplier::waiting_max;
    for (std::size_t index = 0; index < count; ++index) apply(index, "motd", "x");
    EXPECT_EQ(wait_for(count).size(), count);
}

}  // namespace
}  // namespace coppice
