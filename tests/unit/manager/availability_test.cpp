#include "manager/availability.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "common/random.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

constexpr UnixMillis start = 1'700'000'000'000ms;
constexpr Window day{start, start + 24h};

TimelineRow row(UnixMillis after, HostState state, bool is_drained = false) {
    return {HostId{1}, start + after, {.state = state, .is_drained = is_drained}};
}
TimelineRow live(UnixMillis after) { return row(after, HostState::live); }
TimelineRow lost(UnixMillis after) { return row(after, HostState::lost); }

Availability fold(const std::vector<TimelineRow>& rows, const Window& window = day) {
    AvailabilityFold fold{window};
    for (const TimelineRow& one : rows) fold.take(one);
    return fold.finish();
}

TEST(AvailabilityOfAHost, IsTheShareOfTimeInWhichItWasNotDown) {
    const Availability found =
        fold({live(-5h), lost(6h), live(7h), lost(12h), live(12h + 30min), lost(20h), live(23h)});
    EXPECT_EQ(found.up, 19h + 30min);
    EXPECT_EQ(found.down, 4h + 30min);
    EXPECT_EQ(found.observed(), 24h);
    EXPECT_DOUBLE_EQ(*found.availability(), 19.5 / 24);
    EXPECT_DOUBLE_EQ(*found.nines(), -std::log10(1 - 19.5 / 24));
    EXPECT_EQ(found.failures, 3U);
    EXPECT_EQ(*found.mtbf(), 6h + 30min);
    EXPECT_EQ(*found.repairs.mean(), 1h + 30min);
    EXPECT_EQ(*found.repairs.median(), 1h);
    EXPECT_EQ(found.down_at_end, 0U);
    EXPECT_EQ(found.partly_known, 0U);
}

TEST(AvailabilityOfAHost, IsNotKnownBeforeItsFirstRow) {
    const Availability found = fold({live(18h)});
    EXPECT_EQ(found.unknown, 18h);
    EXPECT_EQ(found.observed(), 6h);
    EXPECT_DOUBLE_EQ(*found.availability(), 1);
    EXPECT_EQ(found.nines(), std::nullopt) << "nothing was down";
    EXPECT_EQ(found.mtbf(), std::nullopt);
    EXPECT_EQ(found.partly_known, 1U);
}

TEST(AvailabilityOfAHost, IsNotKnownWhileItJoinsForTheFirstTime) {
    const Availability found = fold({row(1h, HostState::joining), live(2h)});
    EXPECT_EQ(found.unknown, 2h);
    EXPECT_EQ(found.up, 22h);
    EXPECT_EQ(found.failures, 0U);
}

TEST(AvailabilityOfAHost, IsNoneWithoutRows) {
    const Availability found = fold({});
    EXPECT_EQ(found.unknown, 24h);
    EXPECT_EQ(found.availability(), std::nullopt);
    EXPECT_EQ(found.operational_availability(), std::nullopt);
    EXPECT_EQ(found.repairs.mean(), std::nullopt);
    EXPECT_EQ(found.repairs.median(), std::nullopt);
}

TEST(AvailabilityOfAHost, HasPlannedStopsApart) {
    const Availability found =
        fold({live(-1h), row(6h, HostState::left), row(9h, HostState::joining), live(10h)});
    EXPECT_EQ(found.planned, 4h) << "until it is live";
    EXPECT_EQ(found.planned_stops, 1U);
    EXPECT_EQ(found.failures, 0U);
    EXPECT_DOUBLE_EQ(*found.availability(), 1);
    EXPECT_DOUBLE_EQ(*found.operational_availability(), 20.0 / 24);
}

TEST(AvailabilityOfAHost, TakesAnAbsenceOfADrainedHostAsPlanned) {
    const Availability found =
        fold({live(-1h), row(2h, HostState::live, true), row(4h, HostState::lost, true),
              row(5h, HostState::joining, true), row(6h, HostState::live, true), live(7h)});
    EXPECT_EQ(found.up, 22h) << "a drained host that is live is up";
    EXPECT_EQ(found.planned, 2h);
    EXPECT_EQ(found.failures, 0U);
}

TEST(AvailabilityOfAHost, DoesNotTurnAnOutageIntoAPlannedStopByADrain) {
    const Availability found = fold({live(-1h), lost(2h), row(3h, HostState::lost, true),
                                     row(4h, HostState::joining, true), live(5h)});
    EXPECT_EQ(found.down, 3h);
    EXPECT_EQ(found.failures, 1U);
    EXPECT_EQ(*found.repairs.mean(), 3h) << "it is restored when it is live";
}

TEST(AvailabilityOfAHost, TurnsAPlannedStopIntoAnOutageWhenItIsLostOnItsWayBack) {
    const Availability found = fold(
        {live(-1h), row(2h, HostState::left), row(3h, HostState::joining), lost(4h), live(6h)});
    EXPECT_EQ(found.planned, 2h);
    EXPECT_EQ(found.down, 2h);
    EXPECT_EQ(found.failures, 1U);
}

TEST(AvailabilityOfAHost, CountsARestartWithoutAGoodbyeAsAFailure) {
    const Availability found = fold({live(-1h), row(2h, HostState::joining), live(2h + 3s)});
    EXPECT_EQ(found.down, 3s);
    EXPECT_EQ(found.failures, 1U);
}

TEST(AvailabilityOfAHost, CountsTheTimeOfAnOutageThatReachesOverTheWindowButNoRepair) {
    const Availability before = fold({live(-9h), lost(-2h), live(1h)});
    EXPECT_EQ(before.down, 1h);
    EXPECT_EQ(before.failures, 0U) << "it failed earlier";
    EXPECT_EQ(before.repairs.count(), 0U);
    const Availability after = fold({live(-9h), lost(23h), live(25h)});
    EXPECT_EQ(after.down, 1h);
    EXPECT_EQ(after.failures, 1U);
    EXPECT_EQ(after.repairs.count(), 0U) << "how long it lasts is not known in the window";
    EXPECT_EQ(after.down_at_end, 1U);
    const Availability whole = fold({lost(-1h)});
    EXPECT_DOUBLE_EQ(*whole.availability(), 0);
    EXPECT_DOUBLE_EQ(*whole.nines(), 0);
}

TEST(AvailabilityOfAHost, HasAFlapForEachFailureSoonAfterARestoration) {
    const Availability found = fold({live(-1h), lost(1h), live(1h + 1min), lost(1h + 11min),
                                     live(1h + 12min), lost(1h + 22min + 1s), live(2h)});
    EXPECT_EQ(found.failures, 3U);
    EXPECT_EQ(found.flaps, 1U);
}

TEST(AvailabilityOfAHost, IsOverOnceARowBeginsAfterTheWindow) {
    AvailabilityFold fold{day};
    fold.take(live(-1h));
    fold.take(lost(23h));
    EXPECT_FALSE(fold.is_over());
    fold.take(live(24h));
    EXPECT_TRUE(fold.is_over());
    fold.take(lost(30h));
    EXPECT_EQ(fold.finish().down, 1h);
}

TEST(AvailabilityOfHosts, IsOfTheSumsOfTheirTimes) {
    Availability all = fold({live(-1h), lost(6h), live(12h)});
    all.add(fold({live(12h)}));
    EXPECT_EQ(all.hosts, 2U);
    EXPECT_EQ(all.partly_known, 1U);
    EXPECT_DOUBLE_EQ(*all.availability(), 30.0 / 36);
    EXPECT_EQ(*all.mtbf(), 30h);
    EXPECT_EQ(*all.repairs.median(), 6h);
}

TEST(LengthCounts, HaveTheMedianToThreeDigitsAndTheMeanExactly) {
    LengthCounts lengths;
    for (const UnixMillis length : {1234567ms, 90ms, 5ms, 2000ms}) lengths.add(length);
    EXPECT_EQ(*lengths.median(), 1045ms) << "between 90 and 2000";
    lengths.add(1234561ms);
    lengths.add(9999999ms);
    lengths.add(9999999ms);
    EXPECT_EQ(*lengths.median(), 1'230'000ms);
    EXPECT_EQ(*lengths.mean(), UnixMillis{(1234567 + 90 + 5 + 2000 + 1234561 + 2 * 9999999) / 7});
    EXPECT_EQ(lengths.count(), 7U);
}

/// Rows of a host that changes some thirty times, before, in and after the window.
std::vector<TimelineRow> random_rows(Random& random) {
    constexpr HostState states[] = {HostState::joining, HostState::live, HostState::lost,
                                    HostState::left};
    std::vector<TimelineRow> rows;
    UnixMillis after = -UnixMillis{static_cast<std::int64_t>(random.below(10 * 3'600'000))};
    for (std::uint64_t count = random.below(60); count > 0; --count) {
        rows.push_back(row(after, states[random.below(4)], random.below(4) == 0));
        after += UnixMillis{1 + static_cast<std::int64_t>(random.below(2 * 3'600'000))};
    }
    return rows;
}

TEST(AvailabilityOfAnyHost, AccountsForAllOfTheWindowOnce) {
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        Random random{seed};
        const std::vector<TimelineRow> rows = random_rows(random);
        const Availability found = fold(rows);
        EXPECT_EQ(found.up + found.down + found.planned + found.unknown, day.length()) << seed;
        EXPECT_LE(found.repairs.count() + found.down_at_end, found.failures + 1) << seed;
        EXPECT_LE(found.flaps, found.failures) << seed;
        // Two windows are as good as one.
        const UnixMillis middle =
            day.since + UnixMillis{static_cast<std::int64_t>(1 + random.below(86'399'999))};
        const Availability first = fold(rows, {day.since, middle});
        const Availability second = fold(rows, {middle, day.until});
        EXPECT_EQ(first.up + second.up, found.up) << seed;
        EXPECT_EQ(first.down + second.down, found.down) << seed;
        EXPECT_EQ(first.planned + second.planned, found.planned) << seed;
        EXPECT_EQ(first.failures + second.failures, found.failures) << seed;
    }
}

}  // namespace
}  // namespace coppice
