#include "options/agent_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using testing::HasSubstr;

Result<Labels> labels_with(const std::vector<std::string>& arguments) {
    const Result<Options> options = parse_options(agent_program("h1"), arguments);
    if (!options.ok()) return options.error();
    return agent_labels(*options);
}

TEST(AgentOptions, AHostIsCalledWhatTheMachineIsCalled) {
    EXPECT_EQ(parse_options(agent_program("h1"), {})->text("name"), "h1");
    EXPECT_EQ(parse_options(agent_program("h1"), {"--name", "n7"})->text("name"), "n7");
}

TEST(AgentOptions, LabelsAreKeysWithValues) {
    const Result<Labels> labels = labels_with({"--label", "zone=z1", "--label", "note=a=b"});
    ASSERT_TRUE(labels.ok());
    EXPECT_EQ(*labels, (Labels{{"zone", "z1"}, {"note", "a=b"}}));
    for (const char* wrong : {"zone", "=z1"}) {
        const Result<Labels> refused = labels_with({"--label", wrong});
        ASSERT_FALSE(refused.ok()) << wrong;
        EXPECT_THAT(refused.error().message, HasSubstr(wrong));
    }
}

}  // namespace
}  // namespace coppice
