#include "simulator/count_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coppice {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CountCheckers : public ::testing::Test {
protected:
    static Write begin(std::uint32_t host, UnixMillis from, HostState state) {
        return Begin{{HostId{host}, from, {.state = state, .since = from}}};
    }
    void commit(const std::vector<Write>& writes) {
        ASSERT_TRUE(store.commit(writes).ok());
        checker.on_commit(store, writes);
    }

    VirtualStore store;
    Schedule schedule;
    Complaints complaints{schedule};
    CountChecker checker{complaints};
};

TEST_F(CountCheckers, SeeThatCountsAreThoseOfTheTimelines) {
    commit({begin(1, 1h, HostState::live), begin(2, 1h, HostState::joining)});
    commit({begin(2, 1h + 3ms, HostState::live)});
    commit({begin(1, 2h, HostState::lost)});
    commit({begin(1, 30min, HostState::left), Inherit{HostId{2}, {}}});
    EXPECT_THAT(complaints.sentences(), IsEmpty());
    EXPECT_EQ(store.counts(2h)->value(), (StateCounts{.registered = 1, .left = 1}));
}

TEST_F(CountCheckers, ComplainOfCountsThatAreNot) {
    commit({begin(1, 1h, HostState::live)});
    VirtualStore other;
    const std::vector<Write> writes{begin(1, 1h, HostState::live)};
    ASSERT_TRUE(other.commit(writes).ok());
    other.forget_counts();
    checker.on_commit(other, writes);
    EXPECT_THAT(complaints.sentences(), ElementsAre(HasSubstr("not what the rows")));
}

}  // namespace
}  // namespace coppice
