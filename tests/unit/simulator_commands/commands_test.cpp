// What coppice-sim prints and how it ends.
#include "simulator/commands/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "simulator/commands/command.h"
#include "simulator/commands/report_output.h"
#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

struct Ended {
    int code = 0;
    std::string out;
    std::string err;
};

Ended run(const std::vector<std::string>& words) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_simulator(words);
    return {.code = code,
            .out = testing::internal::GetCapturedStdout(),
            .err = testing::internal::GetCapturedStderr()};
}

json result_of(std::vector<std::string> words) {
    words.emplace_back("--json");
    const Ended ended = run(words);
    EXPECT_EQ(ended.code, 0) << ended.err;
    return json::parse(ended.out);
}

TEST(Commands, WrongUsageEndsWithTwoAndNamesTheOption) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes{
        {{}, "a command is missing"},
        {{"fly"}, "there is no command 'fly'"},
        {{"run", "--fnout", "3"}, "--fnout"},
        {{"run", "--fanout", "x"}, "--fanout"},
        {{"run", "--hosts", "0"}, "--hosts"},
        {{"run", "--loss", "2"}, "--loss"},
        {{"run", "--duration", "5"}, "--duration"},
        {{"run", "--minutes", "1", "--duration", "5s"}, "--minutes"},
        {{"run", "--faults", "crash,fire"}, "there is no fault \"fire\""},
        {{"run", "--scenario", "/nowhere"}, "cannot read /nowhere"},
        {{"push", "--size", "65KiB"}, "--size"},
        {{"push", "--size", "1KB"}, "--size"},
        {{"push", "--config", "/nowhere"}, "/nowhere"},
        {{"query", "--question", "count("}, "--question"},
        {{"query", "--hop", "far"}, "--hop"},
        {{"check", "--seeds"}, "--seeds"}};
    for (const auto& [words, part] : mistakes) {
        const Ended ended = run(words);
        EXPECT_EQ(ended.code, 2) << part;
        EXPECT_THAT(ended.err, HasSubstr(part));
        EXPECT_THAT(ended.out, IsEmpty());
    }
}

TEST(Commands, HelpTellsOfEveryCommandAndOption) {
    const Ended overview = run({"--help"});
    EXPECT_EQ(overview.code, 0);
    for (const SimulatorCommand& command : simulator_commands()) {
        EXPECT_THAT(overview.out, HasSubstr(command.name));
        const Ended help = run({command.name, "--help"});
        EXPECT_EQ(help.code, 0);
        EXPECT_THAT(help.out, HasSubstr("usage: coppice-sim " + command.name));
        EXPECT_THAT(help.out, HasSubstr("--json"));
    }
}

TEST(Commands, TheSameOptionsAndSeedGiveTheSameHash) {
    const std::vector<std::string> words{"run",        "--hosts", "12",       "--fanout", "3",
                                         "--duration", "5s",      "--faults", "crash"};
    const json first = result_of(words);
    EXPECT_EQ(first["hash"], result_of(words)["hash"]);
    EXPECT_EQ(first["hosts"], 12);
    EXPECT_EQ(first["broken"], json::array());
    for (const char* key : {"simulated_s", "wall_s", "events", "detected", "detection_ms", "heard",
                            "false_lost", "double_counted", "moves", "memory_bytes_per_host"})
        EXPECT_TRUE(first.contains(key)) << key;
}

TEST(Commands, APushReportsItsTimesAndBytes) {
    const json result = result_of({"push", "--hosts", "40", "--fanout", "6", "--size", "2KiB",
                                   "--apply", "30ms", "--loss", "1%"});
    EXPECT_EQ(result["time_ms"]["count"], 40);
    EXPECT_GE(result["time_ms"]["p50"], 30.0);
    EXPECT_LE(result["time_ms"]["p50"], result["time_ms"]["max"]);
    EXPECT_GE(result["bytes_root"], 2048);
    EXPECT_GE(result["messages"], 80);
}

TEST(Commands, AQuestionReportsItsTimeWhoIsCountedAndTheBusiestLink) {
    const json result = result_of({"query", "--hosts", "40", "--fanout", "6", "--hop", "1ms",
                                   "--question", "mean(load1)", "--questions", "2"});
    EXPECT_EQ(result["answer_ms"]["count"], 2);
    EXPECT_GE(result["answer_ms"]["p50"], 6.0) << "three levels, down and up";
    EXPECT_LE(result["answer_ms"]["max"], 11.0);
    EXPECT_EQ(result["target"], 80);
    EXPECT_EQ(result["included"], 80);
    EXPECT_GE(result["bytes_link_most"], 20);
    EXPECT_LE(result["bytes_link_most"], 2000);
}

TEST(Commands, TakeTheFileOfTheManagerAndFlagsWinOverIt) {
    const TemporaryDirectory directory;
    const std::string file = directory.path() / "manager.conf";
    std::ofstream{file} << "dir = /var/lib/coppice/manager\nfanout = 3\ninterval = 200ms\n";
    const std::string text = run({"push", "--hosts", "13", "--config", file}).out;
    EXPECT_THAT(text, HasSubstr("level 3")) << "a fan-out of 3 is deep";
    const std::string flat = run({"push", "--hosts", "13", "--config", file, "--fanout", "32"}).out;
    EXPECT_THAT(flat, testing::Not(HasSubstr("level 3")));
    std::ofstream{file} << "fan-out = 3\n";
    const Ended refused = run({"run", "--config", file});
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.err, HasSubstr("fan-out"));
}

TEST(Commands, TakeTheFileOfAnAgentTooAndGiveItsLabelsToAllHosts) {
    const TemporaryDirectory directory;
    const std::string file = directory.path() / "agent.conf";
    std::ofstream{file} << "manager = tcp://m1:7400\nlabel = site=a\nlabel = rack=r1\n";
    const std::vector<std::string> words{"push", "--hosts", "13"};
    std::vector<std::string> with_file = words;
    with_file.insert(with_file.end(), {"--config", file});
    EXPECT_NE(result_of(words)["hash"], result_of(with_file)["hash"]) << "one rack is faster";
    std::ofstream{file} << "label = nothing\n";
    const Ended refused = run(with_file);
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.err, HasSubstr("nothing"));
}

TEST(Commands, WriteAPageThatSaysHowToRepeatTheRun) {
    const TemporaryDirectory directory;
    const std::string file = directory.path() / "page.html";
    const Ended ended = run({"run", "--hosts", "10", "--duration", "3s", "--html", file});
    EXPECT_EQ(ended.code, 0) << ended.err;
    std::ostringstream page;
    page << std::ifstream{file}.rdbuf();
    EXPECT_THAT(page.str(), HasSubstr("coppice-sim run --hosts 10 --duration 3s</pre>"));
    const Ended lost = run({"run", "--hosts", "5", "--duration", "1s", "--html", "/nowhere/x"});
    EXPECT_EQ(lost.code, 1);
    EXPECT_THAT(lost.err, HasSubstr("/nowhere/x"));
}

TEST(ReportOutput, TheCommandIsQuotedForAShellAndLeavesOutHowItWasShown) {
    EXPECT_EQ(command_text("coppice-sim run", {"--hosts", "5", "--json", "--html", "a.html",
                                               "--config", "my file's.conf"}),
              "coppice-sim run --hosts 5 --config 'my file'\\''s.conf'");
}

TEST(ReportOutput, ABrokenRunEndsWithOne) {
    const Result<Options> options = parse_options({.program = "x",
                                                   .usage = "",
                                                   .summary = "",
                                                   .options = output_options(),
                                                   .positionals = {}},
                                                  {});
    testing::internal::CaptureStdout();
    EXPECT_EQ(give({.title = "x", .broken = {"It leaks."}}, *options), exit_broken);
    EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("It leaks."));
}

}  // namespace
}  // namespace coppice
