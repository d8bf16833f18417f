#include "simulator/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

/// Whatever is opened is closed, in order: what a browser needs to draw what we mean.
testing::AssertionResult is_well_formed(const std::string& page) {
    std::vector<std::string> open;
    for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
        const std::size_t end = page.find('>', at);
        if (end == std::string::npos) return testing::AssertionFailure() << "a tag has no end";
        const std::string tag = page.substr(at + 1, end - at - 1);
        const std::string name = tag.substr(0, tag.find_first_of(" \n/", 1));
        if (tag[0] == '!' || name == "meta" || tag.back() == '/') continue;
        if (tag[0] != '/') {
            open.push_back(name);
        } else if (open.empty() || open.back() != tag.substr(1)) {
            return testing::AssertionFailure() << tag << " closes what is not open";
        } else {
            open.pop_back();
        }
    }
    if (!open.empty()) return testing::AssertionFailure() << open.back() << " stays open";
    return testing::AssertionSuccess();
}

Report example() {
    Report report;
    report.kind = "run";
    report.title = "12 hosts for 1 min";
    report.command = "coppice-sim run --hosts 12";
    report.options = {{"hosts", "12"}};
    report.figures = {{"events", "events", std::uint64_t{1234567}},
                      {"wall_s", "real time", 2.31, Unit::seconds, true},
                      {"hash", "hash", "abc"}};
    report.distributions = {{.key = "detection_ms",
                             .title = "Detection",
                             .what = "from a crash until it is known",
                             .things = "crashes",
                             .times = {9ms, 10ms, 12ms, 4s},
                             .missing = 1,
                             .bound = 12s}};
    MeterReadings meter;
    meter.window = 1s;
    meter.point_width = 1s;
    meter.measured = 3s;
    for (const std::uint64_t up : {12UL, 11UL, 12UL})
        meter.points.push_back({.frames = {1, 2, 3, 40}, .up = up, .live = up, .lived = 1s});
    meter.by_level.resize(3);
    meter.moves_per_death = {3, 0, 17};
    report.meter = meter;
    return report;
}

TEST(Quantile, IsTheNearestRank) {
    const std::vector<Duration> times{1ms, 2ms, 3ms, 4ms};
    EXPECT_EQ(quantile(times, 0.5), 2ms);
    EXPECT_EQ(quantile(times, 0.51), 3ms);
    EXPECT_EQ(quantile(times, 0.99), 4ms);
    EXPECT_EQ(quantile(times, 1), 4ms);
    EXPECT_EQ(quantile(times, 0), 1ms);
    EXPECT_EQ(quantile({}, 0.5), Duration{});
}

TEST(Histogram, HasRoundSlotsThatHoldEveryValue) {
    const std::vector<Slot> slots = histogram({0, 3, 17, 44, 44}, 12);
    ASSERT_THAT(slots, SizeIs(9));
    EXPECT_EQ(slot_text(slots[0]), "0–4");
    EXPECT_EQ(slots[0].count, 2U);
    EXPECT_EQ(slots[8].count, 2U);
    EXPECT_EQ(slot_text(histogram({2}, 12).back()), "2");
    EXPECT_THAT(histogram({1, 1'000'000}, 10), SizeIs(testing::Le(10U)));
    EXPECT_EQ(slot_text(histogram({28, 29, 32}, 12).front()), "28") << "it begins with the least";
    EXPECT_TRUE(histogram({}, 10).empty());
}

TEST(ReportText, ShowsFiguresWithUnitsAndWhatIsMissing) {
    const std::string text = report_text(example(), false);
    EXPECT_THAT(text, HasSubstr("1,234,567"));
    EXPECT_THAT(text, HasSubstr("2.31 s"));
    EXPECT_THAT(text, HasSubstr("1 crashes are missing"));
    EXPECT_THAT(text, HasSubstr("bound 12 s"));
    EXPECT_THAT(text, HasSubstr("All invariants held."));
    EXPECT_THAT(text, HasSubstr("Repeat: coppice-sim run --hosts 12"));
}

TEST(ReportText, IsColouredOnlyWhenThatIsWanted) {
    EXPECT_THAT(report_text(example(), false), Not(HasSubstr("\x1b")));
    EXPECT_THAT(report_text(example(), true), HasSubstr("\x1b[32mAll invariants held."));
}

TEST(ReportText, SaysWhatIsBroken) {
    Report report = example();
    report.broken = {"12.0s children: n003 has 40 children."};
    const std::string text = report_text(report, false);
    EXPECT_THAT(text, HasSubstr("BROKEN  12.0s children: n003 has 40 children."));
    EXPECT_THAT(text, Not(HasSubstr("All invariants held.")));
}

TEST(ReportPage, IsWellFormedAndLoadsNothing) {
    const std::string page = report_page(example());
    EXPECT_TRUE(is_well_formed(page));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("http")));
    EXPECT_THAT(page, Not(HasSubstr("url(")));
    for (const char* plot : {"bound 12 s", "Live hosts", "Messages", "Moves", "Load"})
        EXPECT_THAT(page, HasSubstr(plot));
}

TEST(ReportPage, EscapesWhateverItIsGiven) {
    Report report = example();
    report.title = "<script>alert('&')</script>";
    report.command = "coppice-sim run --config '<b>\"x\"</b>'";
    report.broken = {"n<1> & n<2>"};
    report.options = {{"<i>", "</i>"}};
    const std::string page = report_page(report);
    EXPECT_TRUE(is_well_formed(page));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, HasSubstr("n&lt;1&gt; &amp; n&lt;2&gt;"));
}

TEST(ReportPage, IsThereForARunWithoutAnythingToPlot) {
    EXPECT_TRUE(is_well_formed(report_page({.kind = "check", .title = "nothing"})));
    Report report = example();
    report.meter->points.assign(2, LoadPoint{});
    report.meter->moves_per_death = {0};
    report.distributions.front().times = {0ms, 0ms};
    EXPECT_TRUE(is_well_formed(report_page(report)));
    EXPECT_THAT(report_page(report), Not(HasSubstr("nan")));
    EXPECT_THAT(report_page(report), Not(HasSubstr("inf")));
}

}  // namespace
}  // namespace coppice
