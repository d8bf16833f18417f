#include "simulator/querying.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Duration hop = 1ms;

QueryingOptions to(std::uint32_t hosts) {
    QueryingOptions options;
    options.fleet.hosts = hosts;
    options.fleet.fanout = 8;
    options.fleet.network.same_site = {hop, hop, hop, hop};
    return options;
}

TEST(Querying, EachLevelTakesOneHopDownAndOneUp) {
    const QueryingReport root_alone = run_questions(to(1));
    const QueryingReport with_children = run_questions(to(5));
    ASSERT_THAT(root_alone.answered, SizeIs(1));
    EXPECT_GE(root_alone.answered.front(), 2 * hop);
    EXPECT_THAT(with_children.answered, ElementsAre(root_alone.answered.front() + 2 * hop));
}

TEST(Querying, EachHostIsAskedOnceAndAnswersOnce) {
    QueryingOptions options = to(73);
    options.questions = 3;
    const QueryingReport report = run_questions(options);
    EXPECT_THAT(report.broken, IsEmpty());
    EXPECT_THAT(report.answered, SizeIs(3));
    EXPECT_EQ(report.target, 3U * 73U);
    EXPECT_EQ(report.included, 3U * 73U);
    EXPECT_EQ(report.messages, 3U * 2U * 73U);
}

TEST(Querying, NoLinkCarriesMoreThanItsChildFolded) {
    const QueryingReport few = run_questions(to(73));
    const QueryingReport many = run_questions(to(585));
    EXPECT_GE(few.up_bytes, 73U * 20U);
    EXPECT_LT(many.link_bytes_most, few.link_bytes_most + 585U / 8U)
        << "a host more costs at most a bit more: who is counted";
}

TEST(Querying, BytesAreCountedWithoutTheCodecOfTheNetworkToo) {
    QueryingOptions options = to(73);
    const QueryingReport with = run_questions(options);
    options.fleet.network.is_coding = false;
    EXPECT_EQ(run_questions(options).link_bytes_most, with.link_bytes_most);
}

TEST(Querying, SaysWhyAQuestionCannotBe) {
    QueryingOptions options = to(10);
    options.command.question = "count(";
    EXPECT_THAT(run_questions(options).broken, ElementsAre(HasSubstr("refused the question")));
}

TEST(Querying, SaysHowManyAreNotCounted) {
    QueryingOptions options = to(10);
    options.questions = 5;
    const FleetHooks hooks{
        .on_started = [](Fleet& fleet) { fleet.pause(fleet.find("n004").value()); }};
    const QueryingReport report = run_questions(options, hooks);
    ASSERT_THAT(report.broken, ElementsAre(HasSubstr("question 1 counts 9 of 10 hosts")));
    EXPECT_GT(report.target, report.included);
}

}  // namespace
}  // namespace coppice
