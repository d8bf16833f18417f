// A stretch that is passed over leaves the world as if it had been lived through.
#include "simulator/quiet.h"

#include <gtest/gtest.h>

#include <map>

#include "simulator/fleet.h"

namespace coppice {
namespace {

using namespace std::chrono_literals;

FleetOptions options_of(std::uint64_t seed, bool is_passing_over) {
    FleetOptions options{.hosts = 30, .fanout = 4, .seed = seed};
    options.cool_down = 2min;
    options.is_passing_over = is_passing_over;
    return options;
}

/// What both fleets of a comparison live through.
struct Life {
    explicit Life(const FleetOptions& options) : fleet{options} {
        fleet.start(1s);
        is_settled = fleet.settle(30s);
    }
    void run_to(Duration time) { fleet.world().run_to(Instant{time}); }
    /// Every input of every node from now on, without deadlines: a parent may look at its children
    /// and find nothing to do.
    std::vector<std::string> inputs_of(Duration duration) {
        std::vector<std::string> lines;
        fleet.world().trace().set_sink([&lines](const std::string& line) {
            if (line.find("DeadlineReached") == std::string::npos) lines.push_back(line);
        });
        fleet.world().run_for(duration);
        fleet.world().trace().set_sink({});
        return lines;
    }
    Fleet fleet;
    bool is_settled = false;
};

class Quiet : public testing::TestWithParam<std::uint64_t> {
protected:
    Life lived{options_of(GetParam(), false)};
    Life passed{options_of(GetParam(), true)};
};

TEST_P(Quiet, EveryInputAfterAStretchIsTheSameAtTheSameTime) {
    ASSERT_TRUE(lived.is_settled && passed.is_settled);
    for (const Duration time : {1000s, 1777s, 5000s}) {
        for (Life* life : {&lived, &passed}) life->run_to(time + GetParam() * 313ms);
        const std::vector<std::string> expected = lived.inputs_of(5s);
        EXPECT_GT(expected.size(), 290U);
        EXPECT_EQ(passed.inputs_of(5s), expected);
    }
    EXPECT_GT(passed.fleet.quiet().stretches(), 5U);
    EXPECT_LT(passed.fleet.world().schedule().events_run(),
              lived.fleet.world().schedule().events_run() / 10);
    EXPECT_EQ(passed.fleet.world().trace().hash(), lived.fleet.world().trace().hash());
    EXPECT_EQ(passed.fleet.world().network().counters().frames,
              lived.fleet.world().network().counters().frames);
}

TEST_P(Quiet, FailuresAndPushesBetweenStretchesHappenAlike) {
    for (Life* life : {&lived, &passed}) {
        Random random{GetParam()};
        Fleet& fleet = life->fleet;
        for (Duration time = 60s; time < 3600s; time += random.between(5s, 300s)) {
            const HostIndex host = 1 + random.below(30);
            const Duration outage = random.between(10ms, 200s);
            const std::uint64_t kind = random.below(4);
            fleet.world().schedule().at(Instant{time}, [&fleet, host, outage, kind] {
                if (fleet.world().host(host).phase() != VirtualHost::Phase::running) return;
                if (kind == 0) fleet.command(PushCommand{.topic = "motd", .payload = {1}});
                if (kind == 1) fleet.power_off(host);
                if (kind == 2) fleet.crash(host);
                if (kind == 3) fleet.pause(host);
                fleet.world().schedule().after(outage, [&fleet, host, kind] {
                    if (kind == 1) fleet.power_on(host);
                    if (kind == 2) fleet.start_host(host);
                    if (kind == 3) fleet.resume(host);
                });
            });
        }
        life->run_to(2h);
    }
    EXPECT_EQ(passed.fleet.world().trace().hash(), lived.fleet.world().trace().hash());
    EXPECT_EQ(passed.fleet.store_writes(), lived.fleet.store_writes());
    EXPECT_GT(passed.fleet.world().leapt(), 1h);
    EXPECT_EQ(passed.inputs_of(3s), lived.inputs_of(3s));
}

/// Hosts to which the newest word of their parent about the tree has not come down. It travels by
/// one link an interval.
std::size_t behind_their_parents(Fleet& fleet) {
    std::map<HostId, Agent*> agents;
    for (HostIndex host = 1; host < fleet.world().size(); ++host) {
        auto* agent = dynamic_cast<Agent*>(fleet.world().host(host).node());
        agents.emplace(agent->glance().host, agent);
    }
    std::size_t behind = 0;
    for (const auto& [id, agent] : agents) {
        const auto parent = agents.find(agent->glance().parent);
        if (parent == agents.end()) continue;
        behind += agent->has_heard(parent->second->standing(fleet.world().now())) ? 0 : 1;
    }
    return behind;
}

TEST_P(Quiet, NoStretchBeginsBeforeWhatIsNewHasComeDownADeepTree) {
    FleetOptions options = options_of(GetParam(), false);
    options.hosts = 150;
    options.fanout = 2;
    Life deep{options};
    options.is_passing_over = true;
    Life deep_passed{options};
    for (Life* life : {&deep, &deep_passed}) {
        Fleet& fleet = life->fleet;
        for (const HostIndex host : {150U, 149U}) {  // two changes a few seconds apart
            life->run_to(host == 150 ? 100s : 106s);
            fleet.crash(host);
            fleet.start_host(host);
        }
        life->run_to(110s);
        EXPECT_GT(behind_their_parents(fleet), 0U);
        life->run_to(200s);
        EXPECT_EQ(behind_their_parents(fleet), 0U);
    }
    EXPECT_GT(deep_passed.fleet.quiet().stretches(), 0U);
    EXPECT_EQ(deep_passed.fleet.world().trace().hash(), deep.fleet.world().trace().hash());
}

TEST_P(Quiet, AWorldThatLosesFramesIsLivedThrough) {
    passed.fleet.world().network().set_loss(0.01, 0);
    passed.run_to(1000s);
    EXPECT_EQ(passed.fleet.quiet().stretches(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Quiet, testing::Range(std::uint64_t{1}, std::uint64_t{6}));

}  // namespace
}  // namespace coppice
