// Windows of series in fleets that change: whole without faults, whole again soon after one, and
// never with a host that is gone.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/simulation/procedure.h"

namespace coppice {
namespace {

/// What the manager writes of its series.
class Windows final : public FleetWitness {
public:
    explicit Windows(Fleet& fleet) { fleet.add_witness(*this); }

    void on_glance(HostIndex, const AgentGlance&, const AgentGlance&) override {}
    void on_commit(HostIndex host, std::span<const Write> writes) override {
        if (host != Fleet::manager_index) return;
        for (const Write& write : writes)
            if (const auto* keep = std::get_if<Keep>(&write)) samples.push_back(keep->sample);
    }

    std::vector<Sample> samples;
};

struct WithSeries : Procedure {
    explicit WithSeries(const FleetOptions& options) : Procedure{options}, windows{fleet} {}

    void begin() {
        bring_up();
        fleet.world().run_for(5s);
        const SeriesRecord series{"s", "count(), sum(load1)", 1s, 1h};
        EXPECT_TRUE(std::holds_alternative<Accepted>(fleet.ask(AddSeriesCommand{series})));
    }
    /// The next windows that open from now on.
    std::vector<Sample> next(std::size_t count) {
        const UnixMillis from = fleet.unix_time(fleet.world().now());
        windows.samples.clear();
        const auto is_old = [&](const Sample& one) { return one.at < from; };
        while (true) {
            std::erase_if(windows.samples, is_old);
            if (windows.samples.size() >= count) break;
            fleet.world().run_for(100ms);
        }
        return {windows.samples.begin(),
                windows.samples.begin() + static_cast<std::ptrdiff_t>(count)};
    }

    Windows windows;
};

TEST(Series, CoverEveryLiveHostInEveryWindowWithoutFaults) {
    WithSeries test{{.hosts = 200, .fanout = 4, .seed = 5}};
    test.begin();
    double sum = 0;
    for (std::uint32_t host = 1; host <= 200; ++host) sum += host;
    std::uint64_t number = 0;
    for (const Sample& window : test.next(120)) {
        EXPECT_EQ(window.asked, 200U);
        EXPECT_TRUE(window.missing.empty()) << test.fleet.manager()->names(window.missing);
        EXPECT_EQ(window.rows.front().values.at(1), sum);
        EXPECT_GT(window.window.number, number);
        number = window.window.number;
        EXPECT_EQ(window.at % 1s, 0ms) << "they begin with the second";
    }
}

TEST(Series, AreWholeAgainWithinThreeWindowsOfTheDeathOfABranch) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        SCOPED_TRACE(seed);
        WithSeries test{{.hosts = 200, .fanout = 4, .seed = seed}};
        test.begin();
        ASSERT_TRUE(test.next(1).front().missing.empty());
        const HostIndex dead = test.a_branch();
        const HostId id = test.view(dead).record.id;
        test.fleet.crash(dead);
        const std::vector<Sample> after = test.next(4);
        for (const Sample& window : after)
            EXPECT_EQ(window.rows.front().values.at(0),
                      static_cast<double>(window.asked - window.missing.size()));
        const HostSet allowed{id};  // until it is declared lost it is asked, in vain
        EXPECT_TRUE(allowed.includes(after.back().missing))
            << test.fleet.manager()->names(after.back().missing);
        EXPECT_EQ(after.back().rows.front().values.at(0), 199.0);
    }
}

TEST(Series, ThatAHostLeftLackItInTheNextWindowOnEveryLevel) {
    WithSeries test{{.hosts = 85, .fanout = 4, .seed = 2}};
    test.begin();
    double sum = 85 * 86 / 2;
    double count = 85;
    const std::uint32_t deepest = test.fleet.manager()->tree().depth;
    for (std::uint32_t depth = 1; depth <= deepest; ++depth) {
        SCOPED_TRACE(depth);
        HostIndex leaf = 1;
        while (leaf <= 85 && (test.fleet.agent(leaf) == nullptr || test.view(leaf).depth != depth ||
                              test.view(leaf).record.role != Role::leaf))
            ++leaf;
        if (leaf > 85) continue;  // nobody is a leaf on that level
        test.fleet.stop(leaf);
        test.fleet.world().run_for(500ms);  // it says goodbye
        const Sample window = test.next(1).front();
        count -= 1;
        sum -= static_cast<double>(leaf);
        EXPECT_EQ(window.rows.front().values.at(0), count) << "coverage";
        EXPECT_EQ(window.rows.front().values.at(1), sum) << "and value";
    }
}

TEST(Series, MissTheSubtreeOfABranchThatStandsStillAndNobodyElse) {
    WithSeries test{{.hosts = 85, .fanout = 4, .seed = 3}};
    test.begin();
    const HostIndex branch = test.a_branch();
    test.fleet.pause(branch);
    const Sample window = test.next(1).front();
    EXPECT_EQ(window.asked, 85U);
    EXPECT_GT(window.missing.size(), 1U);
    EXPECT_LT(window.missing.size(), 30U);
    EXPECT_TRUE(window.missing.contains(test.view(branch).record.id));
    EXPECT_EQ(window.rows.front().values.at(0),
              static_cast<double>(window.asked - window.missing.size()));
    test.fleet.resume(branch);
    test.fleet.world().run_for(20s);
    EXPECT_TRUE(test.next(1).front().missing.empty());
}

TEST(Series, GoOnWithAManagerThatStartsAnewAndWithAnotherRoot) {
    WithSeries test{{.hosts = 85, .fanout = 4, .seed = 4}};
    test.begin();
    test.fleet.crash(Fleet::manager_index);
    test.fleet.world().run_for(3s);
    test.fleet.start_host(Fleet::manager_index);
    test.fleet.world().run_for(15s);
    EXPECT_TRUE(test.next(1).front().missing.empty());
    const WindowId before = test.windows.samples.front().window;
    test.fleet.crash(*test.fleet.root());
    test.fleet.world().run_for(20s);
    const Sample after = test.next(1).front();
    EXPECT_EQ(after.rows.front().values.at(0), 84.0);
    EXPECT_GT(after.window, before) << "no number comes twice";
}

}  // namespace
}  // namespace coppice
