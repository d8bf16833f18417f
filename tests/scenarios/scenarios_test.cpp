// Runs every story of this folder and compares its whole trace with what is written there.
// COPPICE_UPDATE_SCENARIOS=1 writes the traces of now into the files instead; read the diff.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "simulator/scenario.h"

namespace coppice {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path{COPPICE_SOURCE_DIR} / "tests" / "scenarios";

std::vector<std::string> stories() {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator{folder})
        if (entry.path().extension() == ".txt" && entry.path().stem() != "CMakeLists")
            names.push_back(entry.path().stem());
    std::sort(names.begin(), names.end());
    return names;
}

std::string content_of(const fs::path& path) {
    std::ifstream file{path};
    return {std::istreambuf_iterator<char>{file}, {}};
}

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, HappensAsWritten) {
    const fs::path path = folder / (GetParam() + ".txt");
    const std::string written = content_of(path);
    const std::string happened = run_scenario(written);
    EXPECT_EQ(happened.find("error:"), std::string::npos) << "a command is wrong:\n" << happened;
    if (std::getenv("COPPICE_UPDATE_SCENARIOS") != nullptr)
        std::ofstream{path} << happened;
    else
        EXPECT_EQ(happened, written) << "set COPPICE_UPDATE_SCENARIOS=1 if this is as it should be";
}

INSTANTIATE_TEST_SUITE_P(Stories, Scenario, testing::ValuesIn(stories()),
                         [](const testing::TestParamInfo<std::string>& story) {
                             return story.param;
                         });

}  // namespace
}  // namespace coppice
