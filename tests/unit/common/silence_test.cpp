#include "common/silence.h"

#include <gtest/gtest.h>

namespace coppice {
namespace {

using std::chrono::milliseconds;
using Verdict = Silence::Verdict;

constexpr Timing timing{};  // 1 s
const Patience patience = timing.with_child();
constexpr Instant start{std::chrono::seconds{100}};

TEST(Silence, APeerThatIsHeardEveryIntervalIsLive) {
    Silence silence{start};
    for (int beat = 1; beat <= 10; ++beat) {
        const Instant now = start + timing.interval * beat;
        EXPECT_EQ(silence.rule(patience, now).verdict, Verdict::live);
        silence.hear(now);
    }
}

TEST(Silence, ASilentPeerIsSuspectThenLost) {
    Silence silence{start};
    EXPECT_EQ(silence.rule(patience, start + timing.suspect_after() - milliseconds{1}).verdict,
              Verdict::live);
    EXPECT_EQ(silence.rule(patience, start + timing.suspect_after()).verdict, Verdict::suspect);
    EXPECT_EQ(silence.rule(patience, start + timing.lost_after()).verdict, Verdict::lost);
}

TEST(Silence, ASuspectIsProbedAndTheLastProbeNamesTheCause) {
    Silence silence{start};
    EXPECT_TRUE(silence.rule(patience, start + timing.suspect_after()).probe);
    EXPECT_FALSE(silence.rule(patience, start + timing.suspect_after()).probe) << "one at a time";
    silence.on_probe(ProbeResult::connected);
    EXPECT_EQ(silence.rule(patience, start + timing.lost_after()).cause, Cause::silent);
    silence.on_probe(ProbeResult::unanswered);
    EXPECT_EQ(silence.rule(patience, start + timing.lost_after()).cause, Cause::unreachable);
    silence.on_probe(ProbeResult::refused);
    EXPECT_EQ(silence.rule(patience, start + timing.lost_after()).cause, Cause::crashed);
}

TEST(Silence, TwoRefusalsAfterADropProveACrashAtOnce) {
    Silence silence{start};
    silence.reached();
    silence.drop();
    EXPECT_EQ(silence.next_deadline(patience), start);
    EXPECT_TRUE(silence.rule(patience, start).probe);
    silence.on_probe(ProbeResult::refused);
    const Silence::Ruling second = silence.rule(patience, start + milliseconds{1});
    EXPECT_EQ(second.verdict, Verdict::suspect);
    EXPECT_TRUE(second.probe) << "the second probe follows at once";
    silence.on_probe(ProbeResult::refused);
    const Silence::Ruling ruling = silence.rule(patience, start + milliseconds{2});
    EXPECT_EQ(ruling.verdict, Verdict::lost);
    EXPECT_EQ(ruling.cause, Cause::crashed);
}

TEST(Silence, AFirewallThatAlwaysRejectsProvesNothing) {
    Silence silence{start};
    silence.drop();
    for (int probe = 0; probe < 3; ++probe) silence.on_probe(ProbeResult::refused);
    EXPECT_EQ(silence.rule(patience, start + milliseconds{1}).verdict, Verdict::suspect);
}

TEST(Silence, RefusalsWithoutADroppedConnectionProveNothing) {
    Silence silence{start};
    silence.reached();
    for (int probe = 0; probe < 3; ++probe) silence.on_probe(ProbeResult::refused);
    EXPECT_EQ(silence.rule(patience, start + milliseconds{1}).verdict, Verdict::live);
}

TEST(Silence, OneWordClearsEverySuspicion) {
    Silence silence{start};
    silence.reached();
    silence.drop();
    silence.on_probe(ProbeResult::refused);
    silence.hear(start + milliseconds{5});
    silence.on_probe(ProbeResult::refused);
    EXPECT_EQ(silence.rule(patience, start + milliseconds{6}).verdict, Verdict::live);
}

TEST(Silence, WhoWasAwayAccusesNobody) {
    Silence silence{start};
    const Instant woken = start + timing.lost_after() * 10;
    silence.forgive(woken);
    EXPECT_EQ(silence.rule(patience, woken).verdict, Verdict::live);
    EXPECT_EQ(silence.rule(patience, woken + timing.lost_after()).verdict, Verdict::lost);
}

TEST(Silence, TheDeadlineIsNeverLaterThanTheNextRuling) {
    Silence silence{start};
    EXPECT_EQ(silence.next_deadline(patience), start + timing.suspect_after());
    EXPECT_TRUE(silence.rule(patience, start + timing.suspect_after()).probe);
    EXPECT_EQ(silence.next_deadline(patience), start + timing.lost_after()) << "a probe is out";
    silence.on_probe(ProbeResult::connected);
    EXPECT_LT(silence.next_deadline(patience), start + timing.lost_after());
}

}  // namespace
}  // namespace coppice
