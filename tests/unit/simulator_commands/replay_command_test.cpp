// coppice-sim replay, from a file to figures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "simulator/commands/commands.h"
#include "simulator/commands/trace_file.h"
#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string data(const std::string& name) { return COPPICE_SOURCE_DIR "/tests/data/" + name; }

json replay(const std::vector<std::string>& words) {
    std::vector<std::string> all{"replay", "--json"};
    all.insert(all.end(), words.begin(), words.end());
    testing::internal::CaptureStdout();
    const int code = run_simulator(all);
    const std::string out = testing::internal::GetCapturedStdout();
    EXPECT_EQ(code, 0) << out;
    return json::parse(out, nullptr, false);
}

std::string mistake(std::vector<std::string> words) {
    words.insert(words.begin(), "replay");
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    EXPECT_EQ(run_simulator(words), 2);
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
    return testing::internal::GetCapturedStderr();
}

TEST(TraceFile, CompressedAndPlainTracesAreTheSameText) {
    const Result<std::string> plain = read_trace_file(data("lanl.csv"));
    const Result<std::string> packed = read_trace_file(data("lanl.csv.xz"));
    ASSERT_TRUE(plain.ok());
    ASSERT_TRUE(packed.ok()) << packed.error().message;
    EXPECT_THAT(*plain, HasSubstr("System"));
    EXPECT_EQ(*plain, *packed);
}

TEST(TraceFile, DamagedAndCutCompressionIsSaid) {
    const TemporaryDirectory directory;
    std::ifstream file{data("lanl.csv.xz"), std::ios::binary};
    const std::string good{std::istreambuf_iterator<char>{file}, {}};
    std::string damaged = good;
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
    const std::string path = directory.path() / "bad.xz";
    for (const std::string& bytes : {damaged, good.substr(0, good.size() / 2)}) {
        std::ofstream{path, std::ios::binary} << bytes;
        const Result<std::string> text = read_trace_file(path);
        ASSERT_FALSE(text.ok());
        EXPECT_THAT(text.error().message, HasSubstr(path + " is damaged"));
    }
}

void expect_figures(const json& found, const std::map<std::string, int>& expected) {
    for (const auto& [name, value] : expected) EXPECT_EQ(found[name], value) << name;
}

TEST(ReplayCommand, ALanlTraceIsReplayed) {
    const json found = replay({"--format", "lanl", data("lanl.csv.xz"), "--systems", "7"});
    expect_figures(found, {{"hosts", 12},
                           {"outages", 3},
                           {"outages_over_bound", 3},
                           {"detected", 3},
                           {"missed", 0},
                           {"false_lost", 0},
                           {"unreachable_over_bound", 0},
                           {"double_counted", 0},
                           {"rows", 6},
                           {"rows_rejected", 2}});
    EXPECT_EQ(found["detection_ms"]["bound"], 25000);
    EXPECT_GE(found["simulated_s"], 9900);
}

TEST(ReplayCommand, AnFtaTraceIsReplayed) {
    const json found = replay({"--format", "fta", data("fta.tab"), "--sites", "a"});
    expect_figures(found, {{"hosts", 4},
                           {"late_starts", 1},
                           {"outages", 2},
                           {"outages_over_bound", 1},
                           {"detected", 1},
                           {"rows", 9},
                           {"rows_rejected", 1}});
}

TEST(ReplayCommand, QuietStretchesMakeNoDifferenceToTheHash) {
    const std::vector<std::string> words{"--format", "lanl", data("lanl.csv")};
    std::vector<std::string> lived = words;
    lived.emplace_back("--live-all");
    const json passed_over = replay(words);
    EXPECT_EQ(passed_over["hash"], replay(lived)["hash"]);
    EXPECT_EQ(passed_over["hash"], replay(words)["hash"]);
}

TEST(ReplayCommand, CopiesAndPartsOfATrace) {
    const json found =
        replay({"--format", "lanl", data("lanl.csv"), "--tile", "3", "--days", "1", "--seed", "3"});
    EXPECT_EQ(found["hosts"], 48);
    EXPECT_GT(found["outages"], 8);
    EXPECT_EQ(found["missed"], 0);
}

TEST(ReplayCommand, WrongUsageSaysWhatIsWrong) {
    const std::string trace = data("lanl.csv");
    EXPECT_THAT(mistake({trace}), HasSubstr("--format"));
    EXPECT_THAT(mistake({"--format", "lanl"}), HasSubstr("FILE"));
    EXPECT_THAT(mistake({"--format", "fta", trace}), HasSubstr("lacks 'node_name'"));
    EXPECT_THAT(mistake({"--format", "lanl", "--sites", "a", trace}), HasSubstr("--sites"));
    EXPECT_THAT(mistake({"--format", "lanl", "--systems", "8", trace}), HasSubstr("it has 7, 9"));
    EXPECT_THAT(mistake({"--format", "lanl", "--from", "9", trace}), HasSubstr("day 9"));
    EXPECT_THAT(mistake({"--format", "lanl", "--tile", "0", trace}), HasSubstr("--tile"));
    EXPECT_THAT(mistake({"--format", "lanl", "--days", "0", trace}), HasSubstr("--days"));
    EXPECT_THAT(mistake({"--format", "lanl", "/nowhere"}), HasSubstr("cannot read"));
}

class RealTraces : public testing::Test {
protected:
    void SetUp() override {
        const char* directory = std::getenv("COPPICE_TRACES");
        if (directory == nullptr)
            GTEST_SKIP() << "COPPICE_TRACES does not name the directory of the real traces";
        directory_ = directory;
    }
    std::string directory_;
};

TEST_F(RealTraces, ASystemOfLosAlamosLosesNobody) {
    const json found = replay({"--format", "lanl", directory_ + "/lanl-systems-3-4-5-6-8-20.csv.xz",
                               "--systems", "6", "--days", "400"});
    EXPECT_EQ(found["hosts"], 32);
    EXPECT_EQ(found["outages"], 33);
    EXPECT_EQ(found["detected"], 33);
}

TEST_F(RealTraces, ASiteOfGrid5000LosesNobody) {
    const json found = replay({"--format", "fta", directory_ + "/grid5000-sites-1-2-3-5-6.tab.xz",
                               "--sites", "site2", "--from", "100", "--days", "60"});
    EXPECT_EQ(found["hosts"], 95);
    EXPECT_GT(found["outages_over_bound"], 100);
    EXPECT_EQ(found["missed"], 0);
}

}  // namespace
}  // namespace coppice
