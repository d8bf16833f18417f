#include "options/label_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using testing::HasSubstr;

TEST(LabelFile, HasAKeyAndAValueOnEachLine) {
    const Result<Labels> labels =
        parse_labels("# of the provisioning\n\n rack = r1 \r\nnote=a = b\nempty=\n");
    ASSERT_TRUE(labels.ok()) << labels.error().message;
    EXPECT_EQ(*labels, (Labels{{"rack", "r1"}, {"note", "a = b"}, {"empty", ""}}));
    EXPECT_EQ(*parse_labels(labels_text(*labels)), *labels);
    EXPECT_TRUE(parse_labels("")->empty());
}

TEST(LabelFile, NamesTheLineOfAMistake) {
    for (const auto& [text, sentence] :
         {std::pair{"rack=r1\nzone\n", "line 2: 'zone' is not KEY=VALUE"},
          std::pair{"=r1", "line 1: '' is not a label key"},
          std::pair{"ra ck=r1", "line 1: 'ra ck' is not a label key"},
          std::pair{"a=1\n\na=2", "line 3: 'a' is there already"}}) {
        const Result<Labels> refused = parse_labels(text);
        ASSERT_FALSE(refused.ok()) << text;
        EXPECT_THAT(refused.error().message, HasSubstr(sentence));
    }
    EXPECT_THAT(read_label_file("/nowhere/at/all").error().message, HasSubstr("/nowhere/at/all"));
}

}  // namespace
}  // namespace coppice
