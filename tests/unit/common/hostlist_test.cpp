// Host lists: expansion, folding, and that one undoes the other.
#include "common/hostlist.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "common/host_pattern.h"
#include "common/limits.h"
#include "common/random.h"

namespace coppice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> expand(std::string_view text) {
    const Result<std::vector<std::string>> names = expand_host_list(text);
    EXPECT_TRUE(names.ok()) << (names.ok() ? "" : names.error().message);
    return names.ok() ? *names : std::vector<std::string>{};
}

std::string mistake(std::string_view text) {
    const Result<std::vector<std::string>> names = expand_host_list(text);
    return names.ok() ? "no mistake" : names.error().message;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

TEST(HostList, ExpandsInOrderOfWriting) {
    EXPECT_THAT(expand(""), IsEmpty());
    EXPECT_THAT(expand("b,a"), ElementsAre("b", "a"));
    EXPECT_THAT(expand("n[3,1-2]"), ElementsAre("n3", "n1", "n2"));
    EXPECT_THAT(expand("r[1-2]n[1-2].x"), ElementsAre("r1n1.x", "r1n2.x", "r2n1.x", "r2n2.x"));
}

TEST(HostList, LeadingZerosOfTheFirstNumberSetTheWidth) {
    EXPECT_THAT(expand("n[08-11]"), ElementsAre("n08", "n09", "n10", "n11"));
    EXPECT_THAT(expand("n[8-11]"), ElementsAre("n8", "n9", "n10", "n11"));
    EXPECT_THAT(expand("n[099-101]"), ElementsAre("n099", "n100", "n101"));
    EXPECT_THAT(expand("n[0-1]"), ElementsAre("n0", "n1"));
}

TEST(HostList, AMistakeIsNamedAndPointedAt) {
    EXPECT_EQ(mistake("n[1-"), "host list, character 5: expected a number in the brackets");
    EXPECT_EQ(mistake("n[1"), "host list, character 2: the bracket is not closed");
    EXPECT_EQ(mistake("n[1x]"), "host list, character 4: expected ',', '-' or ']' after a number");
    EXPECT_EQ(mistake("n[5-1]"), "host list, character 3: the range ends before it begins");
    EXPECT_EQ(mistake("n1,"), "host list, character 4: expected a host name");
    EXPECT_EQ(mistake(",n1"), "host list, character 1: expected a host name");
    EXPECT_EQ(mistake("n1 n2"), "host list, character 3: ' ' is not part of a host name");
    EXPECT_EQ(mistake("n1]"), "host list, character 3: ']' is not part of a host name");
    EXPECT_EQ(mistake("n[1234567890123456789]"),
              "host list, character 3: a number has at most 18 digits");
}

TEST(HostList, TooManyHostsAreRefusedBeforeTheyAreWrittenOut) {
    EXPECT_EQ(expand("n[1-1000000]").size(), limits::host_list_hosts_max);
    const std::string sentence = "the host list names more than 1000000 hosts; write a shorter one";
    EXPECT_EQ(mistake("n[0-1000000]"), sentence);
    EXPECT_EQ(mistake("n[1-1000]x[1-1000]y[1-1000]z[0-999999999999999999]"), sentence);
    EXPECT_EQ(mistake("n[1-999999],a,b"), sentence);
}

TEST(HostList, FoldsNumbersIntoRanges) {
    EXPECT_EQ(fold_host_list({}), "");
    EXPECT_EQ(fold_host_list({"b", "a", "b"}), "a,b");
    EXPECT_EQ(fold_host_list({"n3", "n1", "n2", "n5"}), "n[1-3,5]");
    EXPECT_EQ(fold_host_list({"n8", "n9", "n10", "n11"}), "n[8-11]");
    EXPECT_EQ(fold_host_list({"n008", "n009", "n010"}), "n[008-010]");
    EXPECT_EQ(fold_host_list({"n9", "n09", "n10"}), "n[9,09-10]");
    EXPECT_EQ(fold_host_list({"n", "n1", "n2", "gpu7"}), "gpu7,n,n[1-2]");
}

TEST(HostList, FoldsTheRunOfDigitsThatVaries) {
    EXPECT_EQ(fold_host_list({"n1-ib0", "n2-ib0", "n3-ib0"}), "n[1-3]-ib0");
    EXPECT_EQ(fold_host_list({"r1n1", "r1n2", "r2n1", "r2n2"}), "r1n[1-2],r2n[1-2]");
    EXPECT_EQ(fold_host_list({"id12345678901234567890"}), "id12345678901234567890");
}

TEST(HostList, ExpandingUndoesFolding) {
    Random random{11};
    for (int round = 0; round < 300; ++round) {
        std::vector<std::string> names;
        for (std::uint64_t left = random.below(60); left > 0; --left)
            names.push_back(std::string(1, "nm"[random.below(2)]) +
                            padded_number(random.below(120), random.below(4)) +
                            (random.below(3) == 0 ? "-" + std::to_string(random.below(3)) : ""));
        const std::string folded = fold_host_list(names);
        std::vector<std::string> expanded = expand(folded);
        EXPECT_EQ(expanded.size(), sorted(expanded).size()) << folded;
        EXPECT_EQ(sorted(expanded), sorted(names)) << folded;
    }
}

TEST(HostPattern, MatchesExactlyTheNamesThatItExpandsTo) {
    Random random{13};
    for (const char* text : {"n[1-3]", "n[1-30]x[02-12]", "[1-12][3,7]", "a[0-1]0", "n"}) {
        const auto patterns = HostPattern::parse_list(text, "test", 0);
        ASSERT_TRUE(patterns.ok());
        const std::vector<std::string> names = sorted(expand(text));
        for (const std::string& name : names) {
            EXPECT_TRUE(patterns->front().matches(name)) << text << ' ' << name;
            std::string other = name;
            other[random.below(other.size())] = "0123456789nx"[random.below(12)];
            EXPECT_EQ(patterns->front().matches(other),
                      std::binary_search(names.begin(), names.end(), other))
                << text << ' ' << other;
        }
        EXPECT_FALSE(patterns->front().matches(""));
    }
}

}  // namespace
}  // namespace coppice
