#include "options/manager_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_directory.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Result<ManagerConfig> config_with(const std::vector<std::string>& arguments) {
    const Result<Options> options = parse_options(manager_program(), arguments);
    if (!options.ok()) return options.error();
    return manager_config(*options);
}

TEST(ManagerOptions, AreTheDefaultsOfTheManagerWhenNothingIsGiven) {
    const Result<ManagerConfig> config = config_with({});
    ASSERT_TRUE(config.ok());
    const ManagerConfig standard;
    EXPECT_EQ(config->interval, standard.interval);
    EXPECT_EQ(config->fanout, standard.fanout);
    EXPECT_EQ(config->cool_down, standard.cool_down);
    EXPECT_EQ(config->name, standard.name);
}

TEST(ManagerOptions, ComeBackFromTheFileThatTheyPrint) {
    const TemporaryDirectory directory;
    const std::string file = directory.path() / "manager.conf";
    const Result<Options> given = parse_options(
        manager_program(), {"--interval", "200ms", "--fanout=8", "--cool-down", "3m"});
    ASSERT_TRUE(given.ok());
    std::ofstream{file} << config_text(manager_program(), *given);
    const Result<ManagerConfig> config = config_with({"--config", file});
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->interval, 200ms);
    EXPECT_EQ(config->fanout, 8U);
    EXPECT_EQ(config->cool_down, 3min);
}

TEST(ManagerOptions, AreValidatedAllAtOnce) {
    const Result<ManagerConfig> config = config_with({"--interval", "5ms", "--fanout", "1"});
    ASSERT_FALSE(config.ok());
    EXPECT_THAT(config.error().message, HasSubstr("fanout"));
    EXPECT_THAT(config.error().message, HasSubstr("interval"));
}

}  // namespace
}  // namespace coppice
