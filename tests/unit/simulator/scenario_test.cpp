// Commands of scenarios that cannot be carried out; what the others do is told in tests/scenarios.
#include "simulator/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Scenarios, AFleetThatCannotBeIsAMistake) {
    for (const char* option : {"fanout 1", "fanout 5000", "loss 100", "hosts 4294967297"}) {
        const std::string told = run_scenario(std::string{"hosts 3 "} + option + "\n----\n");
        EXPECT_THAT(told, HasSubstr("error: \"" + std::string{option})) << told;
    }
}

TEST(Scenarios, ATimeThatNobodyLivesToSeeIsAMistake) {
    const std::string told = run_scenario("hosts 1\nrun 99999999999999s\nrun 1s\n----\n");
    EXPECT_THAT(told, HasSubstr("error: Say how long"));
    EXPECT_THAT(run_scenario("hosts 1\nrun 1s\n----\n"), Not(HasSubstr("error")));
}

}  // namespace
}  // namespace coppice
