// Series: when they are asked, what is kept of them, and what Prometheus is told.
#include "manager/series_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"
#include "tests/support/host_values.h"
#include "tests/unit/manager/cell_bench.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using testing::CellBench;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

SeriesRecord series(std::string question, std::chrono::milliseconds every = 10s) {
    return {.name = "s", .question = std::move(question), .every = every, .keep = 1h};
}

class Series : public ::testing::Test {
protected:
    void SetUp() override {
        bench.join_many(4);
        for (const auto& [name, host] : bench.hosts) all.insert(host.id);
    }
    std::string refusal(const SeriesRecord& record) {
        const Answer answer = bench.ask(AddSeriesCommand{record});
        const auto* problem = std::get_if<Problem>(&answer);
        return problem == nullptr ? std::string{} : problem->detail;
    }
    /// The root answers the open window for all hosts but the missing, of which each has a load of
    /// its id.
    void answer(const HostSet& missing = {}) {
        const Inquiry& inquiry = bench.questions.back().inquiry;
        Partial partial;
        for (const HostId host : (all - missing).to_vector()) {
            const testing::HostWithValues one{
                .measurements = {{"load1", static_cast<double>(host.value)}}};
            ASSERT_TRUE(fold(partial, partial_of(inquiry, host, one.values()), inquiry));
        }
        bench.answer_question(partial);
    }
    SeriesView view() { return bench.manager->series().front(); }

    CellBench bench;
    HostSet all;
};

TEST_F(Series, IsAskedAtMultiplesOfItsIntervalAndKept) {
    bench.run(3s);
    EXPECT_THAT(refusal(series("avg(load1), count()")), IsEmpty());
    bench.questions.clear();
    bench.replies.clear();
    bench.run(10s);
    ASSERT_FALSE(bench.questions.empty()) << "and repeated while nobody answers";
    EXPECT_EQ(bench.questions.front().target, all);
    EXPECT_TRUE(bench.questions.front().takes_missing);
    const HostSet missing{HostId{2}};
    answer(missing);
    const Sample newest = *view().newest;
    EXPECT_EQ(newest.at % 10s, 0ms);
    EXPECT_EQ(newest.asked, 4U);
    EXPECT_EQ(newest.missing, missing);
    EXPECT_EQ(newest.window.number, 41U) << "numbered by the root";
    ASSERT_EQ(newest.rows.size(), 1U);
    EXPECT_EQ(newest.rows.front().hosts, 3U);
    EXPECT_THAT(newest.rows.front().values, ElementsAre(8.0 / 3, 3.0));
    const auto kept = bench.series.samples("s", UnixMillis{}, 10);
    ASSERT_EQ(kept->size(), 1U);
    EXPECT_EQ(kept->front(), newest);
    EXPECT_TRUE(bench.replies.empty()) << "nobody has asked";
    bench.run(10s);
    answer();
    EXPECT_EQ(view().newest->at, newest.at + 10s);
    EXPECT_TRUE(view().newest->missing.empty());
}

TEST_F(Series, HasOneWindowOpenAtMostAndClosesItBeforeTheNext) {
    EXPECT_THAT(refusal(series("count()", 1s)), IsEmpty());
    bench.questions.clear();
    bench.run(10s);  // nobody answers
    EXPECT_THAT(bench.questions.size(), ::testing::AllOf(::testing::Ge(9U), ::testing::Le(30U)))
        << "each is repeated at most";
    ASSERT_TRUE(view().newest.has_value());
    EXPECT_EQ(view().newest->missing, all);
    EXPECT_GE(view().newest->took, 750ms);
    EXPECT_LT(view().newest->took, 1s);
    EXPECT_THAT(view().newest->rows.front().values, ElementsAre(std::nullopt));
}

TEST_F(Series, OutlivesItsManagerAndEndsWhenItIsRemoved) {
    EXPECT_THAT(refusal(series("count()")), IsEmpty());
    bench.restart_manager();
    ASSERT_EQ(bench.manager->series().size(), 1U);
    ASSERT_TRUE(bench.settle());
    bench.questions.clear();
    bench.run(11s);
    ASSERT_FALSE(bench.questions.empty());
    answer();
    EXPECT_FALSE(bench.series.samples("s", UnixMillis{}, 10)->empty());
    EXPECT_TRUE(std::holds_alternative<Accepted>(bench.ask(RemoveSeriesCommand{"s"})));
    EXPECT_THAT(bench.manager->series(), IsEmpty());
    EXPECT_THAT(*bench.series.samples("s", UnixMillis{}, 10), IsEmpty());
    bench.questions.clear();
    bench.run(30s);
    EXPECT_THAT(bench.questions, IsEmpty());
    const Answer again = bench.ask(RemoveSeriesCommand{"s"});
    EXPECT_THAT(std::get<Problem>(again).detail, StartsWith("there is no series \"s\""));
}

TEST_F(Series, ThatIsRemovedWhileItsWindowIsOpenGivesNothing) {
    EXPECT_THAT(refusal(series("count()")), IsEmpty());
    bench.run(11s);
    ASSERT_FALSE(bench.questions.empty());
    EXPECT_TRUE(std::holds_alternative<Accepted>(bench.ask(RemoveSeriesCommand{"s"})));
    answer();
    EXPECT_THAT(*bench.series.samples("s", UnixMillis{}, 10), IsEmpty());
}

TEST_F(Series, IsRefusedWithWhatIsWrong) {
    EXPECT_THAT(refusal(series("avgg(load1)")), HasSubstr("there is no function \"avgg\""));
    EXPECT_THAT(refusal(series("reduce(words)")), HasSubstr("no number"));
    EXPECT_THAT(refusal(series("count(), hist(load1)")),
                AllOf(StartsWith("question, character 10"), HasSubstr("no number")));
    EXPECT_THAT(refusal(series("reduce(words)")), HasSubstr("no number"));
    EXPECT_THAT(refusal(series("count() by zoen")), HasSubstr("no host that is asked has"));
    EXPECT_THAT(refusal(series("count()", 999ms)), HasSubstr("every 1 s to 86400 s"));
    SeriesRecord record = series("count()", 2h);
    EXPECT_THAT(refusal(record), HasSubstr("kept for its interval at least"));
    record = series("count()");
    record.name = "a b";
    EXPECT_THAT(refusal(record), HasSubstr("'_' and '-' only"));
    EXPECT_THAT(refusal(series("count()")), IsEmpty());
    EXPECT_THAT(refusal(series("count()")), HasSubstr("a series \"s\" already"));
    for (std::size_t more = 1; more < limits::series_max; ++more) {
        record.name = "s" + std::to_string(more);
        EXPECT_THAT(refusal(record), IsEmpty());
    }
    record.name = "one_more";
    EXPECT_THAT(refusal(record), HasSubstr("16 series are the most"));
}

TEST_F(Series, IsNotAskedWhenItCannotBeReadAndSaysSo) {
    SeriesBook book;
    book.load(series("median(load1)"));
    EXPECT_EQ(book.next_deadline(), never);
    EXPECT_THAT(book.take_due(bench.now, 1h), IsEmpty());
    EXPECT_THAT(book.views().front().problem, HasSubstr("there is no function \"median\""));
}

TEST_F(Series, TellsPrometheusByGroupAndWhomItCovers) {
    EXPECT_THAT(refusal(series("sum(load1) by rack")), IsEmpty());
    bench.run(11s);
    ASSERT_FALSE(bench.questions.empty());
    answer({HostId{1}});
    EXPECT_EQ(bench.metric("coppice_series_asked_hosts{series=\"s\"}"), 4);
    EXPECT_EQ(bench.metric("coppice_series_missing_hosts{series=\"s\"}"), 1);
    EXPECT_EQ(bench.metric("coppice_series_hosts{series=\"s\",rack=\"\"}"), 3);
    EXPECT_EQ(bench.metric("coppice_series_value{series=\"s\",of=\"sum(load1)\",rack=\"\"}"), 9);
}

TEST(SeriesMetrics, HaveLabelsThatPrometheusTakes) {
    const SeriesView view{.record = {.name = "s"},
                          .columns = {"count()"},
                          .by = {"topology/rack", "topology-rack", "of", "9"}};
    const Sample sample{
        .rows = {{.key = {"a\"b", "c\\d", "e\nf", "g"}, .hosts = 1, .values = {1}}}};
    std::vector<MetricView> views;
    add_metrics(view, sample, views);
    EXPECT_EQ(views.back().name,
              "coppice_series_value{series=\"s\",of=\"count()\",topology_rack=\"a\\\"b\","
              "topology_rack_2=\"c\\\\d\",by_of=\"e\\nf\",by_9=\"g\"}");
}

TEST(SampleOfAnAnswer, CountsTheGroupsForWhichThereIsNoRoom) {
    QueryAnswered answer{.by = {"host"}};
    for (std::size_t at = 0; at < limits::series_groups_max + 7; ++at)
        answer.rows.push_back({.key = {std::to_string(at)}, .values = {1.0}, .hosts = 1});
    const Sample sample = sample_of(answer, 1h);
    EXPECT_EQ(sample.rows.size(), limits::series_groups_max);
    EXPECT_EQ(sample.groups_more, 7U);
}

}  // namespace
}  // namespace coppice
