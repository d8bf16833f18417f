// The manners of connections between virtual hosts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/simulator/puppets.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Route own{1};

TEST(Network, FramesThatAreSentBeforeTheConnectionStandsArriveAfterwards) {
    PuppetTheatre theatre{2};
    theatre.connect(0, 1, own);
    theatre.send(0, own, 1);
    theatre.send(0, own, 2);
    theatre.world.run_for(1s);
    EXPECT_THAT(theatre.received(1), ElementsAre(1, 2));
}

TEST(Network, TheAcceptingSideSeesTheKeyAndAnswersOnAnEvenRoute) {
    PuppetTheatre theatre{2};
    theatre.connect(0, 1, own);
    theatre.send(0, own, 1);
    theatre.world.run_for(1s);
    ASSERT_THAT(theatre[1].all<Received>(), SizeIs(1));
    const Received received = theatre[1].all<Received>()[0];
    EXPECT_EQ(received.key, key_of(0));
    EXPECT_EQ(received.route.value % 2, 0U);
    theatre.send(1, received.route, 7);
    theatre.world.run_for(1s);
    ASSERT_THAT(theatre[0].all<Received>(), SizeIs(1));
    EXPECT_EQ(theatre[0].all<Received>()[0].route, own);
    EXPECT_EQ(theatre[0].all<Received>()[0].key, key_of(1));
}

TEST(Network, FramesStayInOrderWhenSomeHaveToBeSentAgain) {
    PuppetTheatre theatre{2, {.seed = 3, .network = {.loss = 0.3}}};
    theatre.connect(0, 1, own);
    std::vector<std::uint64_t> sent;
    for (std::uint64_t i = 1; i <= 100; ++i) {
        theatre.send(0, own, i);
        sent.push_back(i);
    }
    theatre.world.run_for(60s);
    EXPECT_EQ(theatre.received(1), sent);
    EXPECT_GT(theatre[1].seen.back().time - Instant{}, 200ms);
}

TEST(Network, FrameLossLosesForGood) {
    PuppetTheatre theatre{2, {.seed = 3, .network = {.frame_loss = 0.5}}};
    theatre.connect(0, 1, own);
    for (std::uint64_t i = 1; i <= 100; ++i) theatre.send(0, own, i);
    theatre.world.run_for(60s);
    EXPECT_LT(theatre.received(1).size(), 80U);
    EXPECT_GT(theatre.received(1).size(), 20U);
}

TEST(Network, AWrongKeyNeverStands) {
    PuppetTheatre theatre{2};
    Outputs outputs;
    outputs.connects.push_back({own, {HostId{}, key_of(7), {address_of(1)}}});
    theatre.act(0, std::move(outputs));
    theatre.send(0, own, 1);
    theatre.world.run_for(10s);
    EXPECT_THAT(theatre.received(1), IsEmpty());
}

TEST(Network, ACrashLosesWhatIsUnderWayAndIsHintedToThePeer) {
    PuppetTheatre theatre{2};
    theatre.connect(0, 1, own);
    theatre.send(0, own, 1);
    theatre.world.run_for(1s);
    theatre.send(0, own, 2);
    theatre.world.host(0).crash();
    theatre.world.run_for(1s);
    EXPECT_THAT(theatre.received(1), ElementsAre(1));
    ASSERT_THAT(theatre[1].all<LinkDropped>(), SizeIs(1));
    EXPECT_EQ(theatre[1].all<LinkDropped>()[0].route, theatre[1].all<Received>()[0].route);
}

TEST(Network, AConnectionComesBackSilentlyWithANewRouteAndItsQueue) {
    PuppetTheatre theatre{2};
    theatre.connect(0, 1, own);
    theatre.send(0, own, 1);
    theatre.world.run_for(1s);
    theatre.world.host(1).crash();
    theatre.world.run_for(1s);
    EXPECT_THAT(theatre[0].all<LinkDropped>(), SizeIs(1));
    theatre.send(0, own, 2);
    theatre.world.run_for(1s);
    theatre.world.host(1).start();
    theatre.world.run_for(5s);
    EXPECT_THAT(theatre.received(1), ElementsAre(1, 2));
    EXPECT_NE(theatre[1].all<Received>()[0].route, theatre[1].all<Received>()[1].route);
}

TEST(Network, ADisconnectDeliversWhatWasSentAndThenDrops) {
    PuppetTheatre theatre{2};
    theatre.connect(0, 1, own);
    Outputs outputs;
    outputs.sends.push_back({own, Frame{.header = {.sequence = 1}, .body = Leave{}}});
    outputs.disconnects.push_back({own});
    theatre.act(0, std::move(outputs));
    theatre.world.run_for(1s);
    EXPECT_THAT(theatre.received(1), ElementsAre(1));
    EXPECT_THAT(theatre[1].all<LinkDropped>(), SizeIs(1));
    EXPECT_THAT(theatre[0].all<LinkDropped>(), IsEmpty());
    theatre.send(0, own, 2);
    theatre.world.run_for(1s);
    EXPECT_THAT(theatre.received(1), ElementsAre(1));
}

TEST(Network, APoliteEndDeliversWhatWasSent) {
    PuppetTheatre theatre{2};
    theatre.connect(0, 1, own);
    theatre.world.run_for(1s);
    Outputs outputs;
    outputs.sends.push_back({own, Frame{.header = {.sequence = 1}, .body = Leave{}}});
    outputs.stopped = true;
    theatre.act(0, std::move(outputs));
    EXPECT_EQ(theatre.world.host(0).phase(), VirtualHost::Phase::down);
    theatre.world.run_for(1s);
    EXPECT_THAT(theatre.received(1), ElementsAre(1));
    EXPECT_THAT(theatre[1].all<LinkDropped>(), SizeIs(1));
}

TEST(Network, ACutHoldsFramesBackUntilItHeals) {
    PuppetTheatre theatre{2};
    theatre.connect(0, 1, own);
    theatre.world.run_for(1s);
    theatre.world.network().cut(0, 1);
    theatre.send(0, own, 1);
    theatre.send(0, own, 2);
    theatre.world.run_for(5s);
    EXPECT_THAT(theatre.received(1), IsEmpty());
    theatre.world.network().heal(0, 1);
    theatre.world.run_for(1s);
    EXPECT_THAT(theatre.received(1), ElementsAre(1, 2));
}

TEST(Network, AOneWayCutLetsTheOtherDirectionThrough) {
    PuppetTheatre theatre{2};
    theatre.connect(0, 1, own);
    theatre.send(0, own, 1);
    theatre.world.run_for(1s);
    const Route back = theatre[1].all<Received>()[0].route;
    theatre.world.network().cut(0, 1);
    theatre.send(0, own, 2);
    theatre.send(1, back, 3);
    theatre.world.run_for(1s);
    EXPECT_THAT(theatre.received(1), ElementsAre(1));
    EXPECT_THAT(theatre.received(0), ElementsAre(3));
}

TEST(Network, BothEndsDropAConnectionThatCannotDeliverForLong) {
    PuppetTheatre theatre{2};
    theatre.connect(0, 1, own);
    theatre.world.run_for(1s);
    theatre.world.network().unplug(1);
    theatre.send(0, own, 1);
    theatre.world.run_for(100s);
    EXPECT_THAT(theatre[0].all<LinkDropped>(), SizeIs(1));
    EXPECT_THAT(theatre[1].all<LinkDropped>(), SizeIs(1));
}

TEST(Network, ProbesTellADeadProcessFromACutPathAndAPausedProcessAnswers) {
    PuppetTheatre theatre{5};
    theatre.world.host(2).crash();
    theatre.world.network().unplug(3);
    theatre.world.host(4).pause();
    Outputs outputs;
    for (HostIndex host = 1; host < 5; ++host)
        outputs.probes.push_back({ProbeId{host}, {address_of(host)}, 500ms});
    outputs.probes.push_back({ProbeId{9}, {"tcp://nowhere:1"}, 500ms});
    theatre.act(0, std::move(outputs));
    theatre.world.run_for(1s);
    std::map<std::uint64_t, ProbeResult> results;
    for (const ProbeFinished& done : theatre[0].all<ProbeFinished>())
        results[done.probe.value] = done.result;
    EXPECT_THAT(
        results,
        ElementsAre(std::pair{1U, ProbeResult::connected}, std::pair{2U, ProbeResult::refused},
                    std::pair{3U, ProbeResult::unanswered}, std::pair{4U, ProbeResult::connected},
                    std::pair{9U, ProbeResult::unanswered}));
}

TEST(Network, ARouteThatIsEvenOrInUseIsAFault) {
    PuppetTheatre theatre{2};
    theatre.connect(0, 1, Route{2});
    theatre.connect(0, 1, own);
    EXPECT_THAT(theatre.world.trace().faults(), SizeIs(1));
    theatre.connect(0, 1, own);
    EXPECT_THAT(theatre.world.trace().faults(), SizeIs(2));
}

}  // namespace
}  // namespace coppice
