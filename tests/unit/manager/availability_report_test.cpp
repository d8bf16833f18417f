#include "manager/availability_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

Availability found(UnixMillis up, UnixMillis down, std::uint64_t failures = 0) {
    return {.hosts = 1, .up = up, .down = down, .failures = failures};
}

std::vector<std::string> names(const AvailabilityReport& report) {
    std::vector<std::string> names;
    for (const HostAvailability& host : report.worst()) names.push_back(host.name);
    return names;
}

TEST(ReportOfAvailability, NamesTheWorstFirstAndNoMoreThanWereAskedFor) {
    AvailabilityReport report{4};
    report.add({"unobserved", found(0h, 0h)});
    report.add({"good", found(10h, 0h)});
    report.add({"bad", found(5h, 5h, 1)});
    report.add({"often", found(5h, 5h, 9)});
    report.add({"dead", found(0h, 10h)});
    EXPECT_THAT(names(report), ElementsAre("dead", "often", "bad", "good"));
    report.add({"as bad", found(5h, 5h, 1)});
    EXPECT_THAT(names(report), ElementsAre("dead", "often", "as bad", "bad"));
    EXPECT_EQ(report.all().hosts, 6U);
    EXPECT_EQ(report.all().down, 25h);
}

TEST(ReportOfAvailability, HasAGroupForHostsWithoutTheLabel) {
    AvailabilityReport report{1};
    report.add_to_group("r1", found(10h, 0h));
    report.add_to_group("r1", found(0h, 10h));
    report.add_to_group(std::nullopt, found(10h, 0h));
    ASSERT_EQ(report.groups().size(), 2U);
    EXPECT_DOUBLE_EQ(*report.groups().at("r1").availability(), 0.5);
    EXPECT_EQ(report.groups().at(std::nullopt).hosts, 1U);
}

}  // namespace
}  // namespace coppice
