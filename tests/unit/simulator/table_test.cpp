#include "simulator/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Table, ColumnsAreFoundByNameInAnyOrder) {
    Table table{"b,a\n1,2\n", TableForm::comma};
    const Result<std::vector<std::size_t>> columns = table.columns({"a", "b"});
    ASSERT_TRUE(columns.ok());
    EXPECT_THAT(columns.value(), ElementsAre(1U, 0U));
    ASSERT_TRUE(table.next());
    EXPECT_EQ(table.field(1), "2");
    EXPECT_FALSE(table.next());
}

TEST(Table, EveryMissingColumnIsNamedWithItsLine) {
    const Table table{"\n\na,b\n", TableForm::comma};
    const Result<std::vector<std::size_t>> columns = table.columns({"x", "a", "y"});
    ASSERT_FALSE(columns.ok());
    EXPECT_THAT(columns.error().message, HasSubstr("line 3"));
    EXPECT_THAT(columns.error().message, HasSubstr("'x', 'y'"));
}

TEST(Table, AnEmptyTextLacksEveryColumn) {
    EXPECT_FALSE(Table("", TableForm::tab).columns({"a"}).ok());
}

TEST(Table, QuotesKeepSeparatorsAndDoubledOnesAreOne) {
    Table table{"a,b,c\r\n\"x,\"\"y\"\"\",,\"z\"\r\n", TableForm::comma};
    ASSERT_TRUE(table.next());
    ASSERT_TRUE(table.is_whole());
    EXPECT_EQ(table.field(0), "x,\"y\"");
    EXPECT_EQ(table.field(1), "");
    EXPECT_EQ(table.field(2), "z");
    EXPECT_EQ(table.line(), 2U);
}

TEST(Table, AQuoteThatIsNotClosedDamagesItsRowOnly) {
    Table table{"a,b\n\"1,2\n3,4\n", TableForm::comma};
    ASSERT_TRUE(table.next());
    EXPECT_FALSE(table.is_whole());
    ASSERT_TRUE(table.next());
    EXPECT_TRUE(table.is_whole());
    EXPECT_EQ(table.field(1), "4");
}

TEST(Table, TooFewAndTooManyFieldsAreSeen) {
    Table table{"a\tb\n1\n1\t2\t3\n1\t\"2\n", TableForm::tab};
    ASSERT_TRUE(table.next());
    EXPECT_FALSE(table.is_whole());
    ASSERT_TRUE(table.next());
    EXPECT_FALSE(table.is_whole());
    ASSERT_TRUE(table.next());
    EXPECT_TRUE(table.is_whole());
    EXPECT_EQ(table.field(1), "\"2");
}

}  // namespace
}  // namespace coppice
