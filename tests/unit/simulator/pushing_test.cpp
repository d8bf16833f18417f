#include "simulator/pushing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/limits.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

PushingOptions to(std::uint32_t hosts) {
    PushingOptions options;
    options.fleet.hosts = hosts;
    options.fleet.fanout = 8;
    return options;
}

TEST(Pushing, TimesEveryHostAndTheReceipt) {
    PushingOptions options = to(80);
    options.pushes = 2;
    const PushingReport report = run_pushes(options);
    EXPECT_THAT(report.broken, IsEmpty());
    EXPECT_THAT(report.applied, SizeIs(160));
    ASSERT_THAT(report.completed, SizeIs(2));
    EXPECT_GE(report.completed.back(), report.applied.back());
    EXPECT_EQ(report.missing, 0U);
}

TEST(Pushing, WaitsForTheWriters) {
    PushingOptions options = to(20);
    options.fleet.host.apply_min = 70ms;
    options.fleet.host.apply_max = 70ms;
    EXPECT_THAT(run_pushes(options).applied, Each(Ge(70ms)));
}

TEST(Pushing, SendsTheContentOnceOverEachLink) {
    PushingOptions options = to(80);
    options.payload_bytes = 50'000;
    const PushingReport report = run_pushes(options);
    std::uint64_t bytes = 0;
    for (const Sent& sent : report.sent) bytes += sent.bytes;
    EXPECT_GE(bytes, 80U * 50'000U);
    EXPECT_LE(bytes, 80U * 60'000U);
    const std::uint64_t root_bytes = report.sent[static_cast<std::size_t>(Sender::root)].bytes;
    EXPECT_LE(root_bytes, 8U * 60'000U) << "the root pays for its children only";
}

TEST(Pushing, IsTheSameForTheSameSeed) {
    const PushingReport first = run_pushes(to(30));
    const PushingReport again = run_pushes(to(30));
    EXPECT_EQ(first.hash, again.hash);
    EXPECT_EQ(first.applied, again.applied);
}

TEST(Pushing, SaysWhyAPushCannotBe) {
    PushingOptions options = to(10);
    options.payload_bytes = limits::payload_bytes_max + 1;
    options.bound = 5s;
    EXPECT_THAT(run_pushes(options).broken, ElementsAre(HasSubstr("refused the push")));
}

TEST(Pushing, SaysWhoIsMissingWhenAPushDoesNotBecomeComplete) {
    PushingOptions options = to(10);
    options.bound = 5s;
    const FleetHooks hooks{
        .on_started = [](Fleet& fleet) { fleet.crash(fleet.find("n004").value()); }};
    const PushingReport report = run_pushes(options, hooks);
    EXPECT_THAT(report.broken, ElementsAre(HasSubstr("9 hosts have applied it")));
    EXPECT_EQ(report.missing, 1U);
}

}  // namespace
}  // namespace coppice
