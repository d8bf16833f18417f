#include "simulator/timeline_watch.h"

#include <gtest/gtest.h>

namespace coppice {
namespace {

using namespace std::chrono_literals;

/// A trace of 1,000 s that begins 50 s after the world: n001 is down from 100 to 200, n002 is not
/// there before 300.
class Histories : public testing::Test {
protected:
    void write(std::uint32_t host, std::chrono::seconds since_start, HostState state) {
        const HostRecord record{.id = HostId{host}, .name = "n00" + std::to_string(host)};
        const UnixMillis from = fleet.unix_time(start + since_start);
        const std::vector<Write> writes{Put{record},
                                        Begin{{record.id, from, {.state = state, .since = from}}}};
        watch.on_commit(Fleet::manager_index, writes);
    }

    Fleet fleet{{.hosts = 2}};
    Instant start{50s};
    Outages outages{.hosts = {{.name = "n001", .outages = {{.begin = 100s, .end = 200s}}},
                              {.name = "n002", .absent_until = 300s}},
                    .span = 1000s};
    TimelineWatch watch{fleet, outages};
};

TEST_F(Histories, ThatAreTrueHaveNoError) {
    write(1, -10s, HostState::live);
    write(1, 100s, HostState::lost);
    write(1, 200s, HostState::live);
    write(2, 300s, HostState::live);
    EXPECT_EQ(watch.errors(start).max, 0);
}

TEST_F(Histories, AreWrongWhileTheyAreLate) {
    write(1, -10s, HostState::live);
    write(1, 104s, HostState::lost);
    write(1, 201s, HostState::joining);
    write(1, 202s, HostState::live);
    write(2, 301s, HostState::live);
    const AvailabilityErrors errors = watch.errors(start);
    EXPECT_NEAR(errors.max, 0.006, 1e-9);
    EXPECT_NEAR(errors.mean, 0.0035, 1e-9);
    EXPECT_EQ(errors.worst, "n001");
}

TEST_F(Histories, AreWrongWhereAnOutageIsMissingOrOneIsMadeUp) {
    write(1, -10s, HostState::live);
    write(2, 300s, HostState::live);
    write(2, 500s, HostState::lost);
    write(2, 950s, HostState::live);
    EXPECT_NEAR(watch.errors(start).max, 0.45, 1e-9);
    EXPECT_EQ(watch.errors(start).worst, "n002");
    EXPECT_NEAR(watch.errors(start).mean, 0.275, 1e-9);
}

TEST_F(Histories, ThatAreWrittenAnewReplaceWhatBeganLater) {
    write(1, -10s, HostState::live);
    write(1, 700s, HostState::lost);
    write(1, 100s, HostState::lost);  // the clock was set back
    write(1, 200s, HostState::live);
    write(2, 300s, HostState::live);
    EXPECT_EQ(watch.errors(start).max, 0);
}

}  // namespace
}  // namespace coppice
