// Programs of the host that make values take effect, the well-behaved and the others.
#include "runtime/hook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Optional;

class HookTest : public testing::Test {
protected:
    /// Runs a script of the shell as a hook.
    std::optional<std::string> run(const std::string& script, Duration limit = seconds{20}) {
        const std::filesystem::path program = folder.path() / "hook";
        std::ofstream{program} << "#!/bin/sh\n" << script << "\n";
        ::chmod(program.c_str(), 0755);
        HookRunner runner{limit};
        return runner.run({.program = program}, call);
    }
    [[nodiscard]] std::string content(const std::string& name) const {
        std::ifstream file{folder.path() / name};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    TemporaryDirectory folder;
    HookCall call{.topic = "a b'$(x)", .version = 7, .file = folder.path() / "payload"};
};

TEST_F(HookTest, IsToldByItsEnvironmentAlone) {
    ::setenv("COPPICE_SECRET", "x", 1);
    EXPECT_EQ(run("cd " + folder.path().string() +
                  " && env | grep -v PWD= | sort > said && ls /proc/self/fd | wc -l >> said"),
              std::nullopt);
    EXPECT_EQ(content("said"), "COPPICE_FILE=" + call.file.string() +
                                   "\nCOPPICE_TOPIC=a b'$(x)\nCOPPICE_VERSION=7\n"
                                   "PATH=/usr/bin:/bin\n4\n");
}

TEST_F(HookTest, IsToldOfAWithdrawal) {
    const std::string say =
        "echo ${COPPICE_WITHDRAWN-unset} > " + (folder.path() / "said").string();
    EXPECT_EQ(run(say), std::nullopt);
    EXPECT_EQ(content("said"), "unset\n");
    call.is_withdrawal = true;
    EXPECT_EQ(run(say), std::nullopt);
    EXPECT_EQ(content("said"), "1\n");
}

TEST_F(HookTest, ThatFailsSaysWhyOnItsLastLine) {
    EXPECT_THAT(run("echo first >&2; echo 'port 99999 is too large' >&2; exit 3"),
                Optional(std::string{"port 99999 is too large"}));
    EXPECT_THAT(run("echo no reason at all; exit 3"),
                Optional(std::string{"the hook ended with 3"}));
    EXPECT_THAT(run("kill -9 $$"), Optional(std::string{"the hook was ended by signal 9"}));
}

TEST_F(HookTest, ThatIsMissingOrNoProgramIsARefusal) {
    HookRunner runner{seconds{20}};
    EXPECT_THAT(runner.run({.program = "/nowhere/at/all"}, call),
                Optional(HasSubstr("No such file")));
    const std::filesystem::path plain = folder.path() / "plain";
    std::ofstream{plain} << "text";
    EXPECT_THAT(runner.run({.program = plain}, call), Optional(HasSubstr("Permission denied")));
    ::chmod(plain.c_str(), 0755);
    EXPECT_THAT(runner.run({.program = plain}, call), Optional(HasSubstr("cannot be started")));
}

TEST_F(HookTest, ThatHangsIsKilledWithAllThatItStarted) {
    const std::string mark = (folder.path() / "alive").string();
    EXPECT_THAT(
        run("(while sleep 0.05; do echo x >> " + mark + "; done) & wait", milliseconds{300}),
        Optional(std::string{"the hook did not end within 300ms"}));
    // Whoever lives goes on writing.
    for (std::string before = "?"; before != content("alive");) {
        before = content("alive");
        std::this_thread::sleep_for(milliseconds{200});
    }
}

TEST_F(HookTest, ThatPrintsMegabytesHarmsNobody) {
    EXPECT_EQ(run("head -c 20000000 /dev/zero; head -c 20000000 /dev/zero >&2"), std::nullopt);
    EXPECT_THAT(run("head -c 2000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo last >&2; exit 1"),
                Optional(std::string{"last"}));
}

TEST_F(HookTest, ThatLeavesSomethingBehindIsNotWaitedFor) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(run("sleep 15 & exit 0"), std::nullopt);
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds{10});
}

TEST_F(HookTest, IsKilledWhenTheAgentEnds) {
    const std::filesystem::path program = folder.path() / "hook";
    std::ofstream{program} << "#!/bin/sh\nexec sleep 100\n";
    ::chmod(program.c_str(), 0755);
    HookRunner runner{seconds{90}};
    std::thread ending{[&] { runner.stop(); }};
    EXPECT_THAT(runner.run({.program = program}, call), Optional(HasSubstr("the agent ended")));
    ending.join();
}

TEST(Hooks, AreReadAndChosenByTheLongestPrefix) {
    const Result<Hook> hook = parse_hook("app/=/usr/bin/reload=it");
    ASSERT_TRUE(hook.ok());
    EXPECT_EQ(hook->topic_prefix, "app/");
    EXPECT_EQ(hook->program, "/usr/bin/reload=it");
    EXPECT_FALSE(parse_hook("app/").ok());
    EXPECT_FALSE(parse_hook("app/=reload").ok());
    const std::vector<Hook> hooks{{"", "/a"}, {"app/", "/b"}, {"app/x", "/c"}};
    EXPECT_EQ(hook_for(hooks, "motd")->program, "/a");
    EXPECT_EQ(hook_for(hooks, "app/xy")->program, "/c");
    EXPECT_EQ(hook_for({{"app/", "/b"}}, "motd"), nullptr);
}

}  // namespace
}  // namespace coppice
