// Lines of the log.

#include "runtime/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace coppice {
namespace {

using testing::ContainsRegex;

const Notice lost{.severity = Severity::warning, .what = "host.lost", .text = "n\"7\nis silent"};

TEST(Logs, AreLinesForPeople) {
    std::ostringstream out;
    Log{LogFormat::text, Severity::info, out}.write(lost);
    EXPECT_THAT(out.str(), ContainsRegex("^[0-9-]+T[0-9:.]+Z warning host.lost n\"7 is silent\n$"));
}

TEST(Logs, AreJsonForMachines) {
    std::ostringstream out;
    Log{LogFormat::json, Severity::info, out}.write(lost);
    EXPECT_THAT(out.str(), testing::EndsWith(
                               R"(Z","level":"warning","what":"host.lost","text":"n\"7 is silent"})"
                               "\n"));
}

TEST(Logs, DropWhatIsLessSevere) {
    std::ostringstream out;
    Log{LogFormat::text, Severity::error, out}.write(lost);
    EXPECT_EQ(out.str(), "");
}

TEST(Logs, KnowTheirLevels) {
    EXPECT_EQ(*parse_log_level("debug"), Severity::debug);
    EXPECT_EQ(parse_log_level("loud").error().message,
              R"(a level is "debug", "info", "warning" or "error", not "loud")");
}

TEST(Logs, KnowTheirFormats) {
    EXPECT_EQ(*parse_log_format("json"), LogFormat::json);
    EXPECT_EQ(parse_log_format("xml").error().message,
              "a log is \"text\" or \"json\", not \"xml\"");
}

}  // namespace
}  // namespace coppice
