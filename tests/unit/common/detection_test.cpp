#include "common/detection.h"

#include <gtest/gtest.h>

#include "common/cadence.h"
#include "common/random.h"
#include "common/silence.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

Detection at(const Position& position, Duration interval = 1s, Duration message = 10ms) {
    const Timing timing{.interval = interval};
    return detection_of(timing, travel_of(position, timing, message));
}

TEST(Detection, IsTheSumOfWhatTheProtocolWaitsFor) {
    const Detection two = at({.depth = 2});
    EXPECT_EQ(two.killed.total(), 50ms + 2 * 15ms);
    EXPECT_EQ(two.silent.total(), 10ms + 4s + 2 * 15ms);
    EXPECT_EQ(two.parent_too.total(), 10ms + 4s + 35ms + 8s);
    EXPECT_EQ(two.parent_later.total(), two.parent_too.total() + 4s + 10ms);
    EXPECT_EQ(two.mass.total(), two.silent.total() + 4s);
    EXPECT_EQ(two.mass_later.total(), two.parent_later.total() + 2 * 4s);
    EXPECT_EQ(two.newcomer.total(), two.mass_later.total() + 3 * 8s);
}

TEST(Detection, SaysWhatItAdds) {
    const Detection two = at({.depth = 2});
    EXPECT_EQ(two.killed.formula(), "message + probes + way_up");
    EXPECT_EQ(two.silent.formula(), "message + lost_after + way_up");
    EXPECT_EQ(two.silent.terms[1].formula, "4 interval");
    EXPECT_EQ(two.silent.terms[2].formula, "2 (hint_gap + message)");
    EXPECT_EQ(two.parent_later.formula(),
              "2 message + 2 lost_after + way_up_above + not_back_after");
    EXPECT_EQ(two.mass.formula(), "message + not_back_after + way_up");
    EXPECT_EQ(two.mass_later.formula(), "2 message + 3 not_back_after + way_up_above");
    EXPECT_EQ(at({.depth = 1, .is_understudy = true}).parent_too.terms[2].formula,
              "5 interval + join_timeout + 12 message");
}

TEST(Detection, OfTheRootNeedsNoWayUp) {
    EXPECT_EQ(at({}).killed.formula(), "message + probes");
    EXPECT_EQ(at({}).silent.total(), 4s + 10ms);
}

TEST(Detection, BelowTheRootWaitsForAnotherRoot) {
    EXPECT_EQ(at({.depth = 1}).parent_too.total(), 10ms + 4s + 100ms + 8s);
    // Three intervals until it is passed over, one try and one pause until somebody asks.
    EXPECT_EQ(at({.depth = 1, .is_understudy = true}).parent_too.total(),
              10ms + 4s + (6s - 3s + 500ms + 2s + 20ms) + 100ms + 8s);
    EXPECT_EQ(at({.depth = 2, .is_understudy = true}).parent_too.total(),
              at({.depth = 2}).parent_too.total())
        << "another host takes over, or none has to";
}

TEST(Detection, OfAProcessThatIsKilledDoesNotDependOnTheInterval) {
    EXPECT_EQ(at({.depth = 3}, 100ms).killed.total(), at({.depth = 3}, 60s).killed.total());
    EXPECT_EQ(at({.depth = 3}, 60s, 0ms).silent.total(), 240s + 15ms);
}

TEST(Detection, GrowsWithDepthByAHintAndAMessage) {
    EXPECT_EQ(at({.depth = 7}).silent.total() - at({.depth = 6}).silent.total(), 15ms);
}

TEST(Detection, AnywhereAllowsOneIntervalForTheWayUp) {
    const Timing timing{};
    const Detection any = detection_of(timing, travel_of_any(timing));
    EXPECT_EQ(any.silent.total(), 5s);
    EXPECT_EQ(any.parent_later.total(), 17s);
    EXPECT_EQ(any.mass_later.total(), 25s);
    EXPECT_EQ(any.newcomer.total(), 49s);
}

TEST(FalseDeaths, GrowWithTheThirdPowerOfTheLossAndWithTheBeats) {
    const double one = false_deaths_per_host_year({.interval = 1s}, 0.001);
    EXPECT_NEAR(one, 31'536'000 * 0.5e-9, 1e-7);
    EXPECT_NEAR(false_deaths_per_host_year({.interval = 10s}, 0.001), one / 10, 1e-9);
    EXPECT_EQ(false_deaths_per_host_year({.interval = 1s}, 0), 0);
}

/// Beats of the real grid, lost by lot, before the real judge.
std::uint64_t false_deaths_lived(double loss, std::uint64_t beats) {
    const Timing timing{};
    Random random{77};  // another stream than the grid draws from
    const Cadence cadence{1, Instant{} + 10s, timing.interval};
    Silence silence{cadence.beat(0)};
    std::uint64_t deaths = 0;
    bool is_lost = false;
    for (std::uint64_t beat = 1; beat <= beats; ++beat) {
        const Instant now = cadence.beat(beat);
        if (!is_lost && silence.rule(timing.with_child(), now).verdict == Silence::Verdict::lost) {
            is_lost = true;
            ++deaths;
        }
        if (random.below(1000) < static_cast<std::uint64_t>(loss * 1000)) continue;
        silence.hear(now);
        is_lost = false;
    }
    return deaths;
}

TEST(FalseDeaths, AreAsOftenAsTheJudgeRulesThem) {
    constexpr std::uint64_t beats = 4'000'000;
    const Timing timing{};
    const double years =
        std::chrono::duration<double>{timing.interval * beats}.count() / (365.0 * 24 * 3600);
    for (const double loss : {0.05, 0.2, 0.5}) {
        const auto lived = static_cast<double>(false_deaths_lived(loss, beats));
        const double said = false_deaths_per_host_year(timing, loss) * years;
        EXPECT_NEAR(lived / said, 1, 0.15) << loss << ": " << lived << " for " << said;
    }
}

TEST(QuietBytes, AreThoseOfAllLinksOfABranch) {
    EXPECT_DOUBLE_EQ(quiet_bytes_per_branch({.interval = 1s}, 32), 33 * 313);
    EXPECT_DOUBLE_EQ(quiet_bytes_per_branch({.interval = 500ms}, 2), 6 * 313);
}

}  // namespace
}  // namespace coppice
