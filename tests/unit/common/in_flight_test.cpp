#include "common/in_flight.h"

#include <gtest/gtest.h>

#include "common/limits.h"

namespace coppice {
namespace {

using std::chrono::seconds;

constexpr std::size_t kib = 1024;
constexpr Duration resend_after = seconds{2};

class InFlightTest : public ::testing::Test {
protected:
    bool admit(std::uint32_t child, std::uint64_t push, std::size_t bytes,
               std::uint64_t digest = 1) {
        return in_flight.admit({HostId{child}, PushId{push}, digest, bytes}, resend_after, now);
    }
    /// Two contents of 64 KiB to each child until there is no room; the number of children.
    std::uint32_t fill() {
        std::uint32_t child = 0;
        while (admit(child + 1, 1, 64 * kib) && admit(child + 1, 2, 64 * kib)) ++child;
        return child;
    }

    InFlight in_flight;
    Instant now{seconds{1000}};
};

TEST_F(InFlightTest, WhatIsOnItsWayIsNotSentAgainBeforeItIsDue) {
    EXPECT_TRUE(admit(1, 1, 100));
    EXPECT_FALSE(admit(1, 1, 100));
    EXPECT_TRUE(admit(1, 1, 0, 2)) << "another target is news";
    now += resend_after;
    EXPECT_EQ(in_flight.take_due(now), std::vector<HostId>{HostId{1}});
    EXPECT_TRUE(admit(1, 1, 0, 2));
    EXPECT_EQ(in_flight.next_deadline(), now + resend_after);
}

TEST_F(InFlightTest, WhatIsSettledIsNotDue) {
    EXPECT_TRUE(admit(1, 1, 100));
    EXPECT_TRUE(admit(2, 1, 100));
    EXPECT_TRUE(admit(3, 1, 100));
    in_flight.settle(HostId{1}, PushId{1});
    in_flight.forget(HostId{2});
    in_flight.drop(PushId{1});
    now += resend_after;
    EXPECT_TRUE(in_flight.take_due(now).empty());
    EXPECT_EQ(in_flight.next_deadline(), never);
}

TEST_F(InFlightTest, OneChildHasAnAllowanceAndItsFirstContentAlwaysGoes) {
    EXPECT_TRUE(admit(1, 1, limits::unheld_bytes_max * 2));
    EXPECT_FALSE(admit(1, 2, 100));
    EXPECT_TRUE(admit(1, 3, 0)) << "it has that content";
    EXPECT_TRUE(admit(2, 2, 100));
    in_flight.settle(HostId{1}, PushId{1});
    EXPECT_TRUE(admit(1, 2, 100));
    EXPECT_FALSE(in_flight.take_waiting().has_value()) << "its own report is what it waits for";
}

TEST_F(InFlightTest, AllChildrenTogetherHaveAnAllowanceAndWaitForTheirTurn) {
    const std::uint32_t served = fill();
    EXPECT_EQ(served, limits::unheld_bytes_in_all_max / (128 * kib));
    EXPECT_FALSE(admit(served + 1, 2, 64 * kib)) << "again, it waits once";
    EXPECT_FALSE(admit(served + 2, 1, 64 * kib));
    EXPECT_FALSE(in_flight.take_waiting().has_value());
    in_flight.settle(HostId{1}, PushId{1});
    EXPECT_EQ(in_flight.take_waiting(), HostId{served + 1});
    EXPECT_TRUE(admit(served + 1, 1, 64 * kib));
    EXPECT_FALSE(in_flight.take_waiting().has_value());
    in_flight.forget(HostId{2});
    EXPECT_EQ(in_flight.take_waiting(), HostId{served + 2});
    EXPECT_FALSE(in_flight.take_waiting().has_value());
}

TEST_F(InFlightTest, AChildThatIsForgottenDoesNotWait) {
    const std::uint32_t served = fill();
    in_flight.forget(HostId{served + 1});
    in_flight.drop(PushId{1});
    EXPECT_FALSE(in_flight.take_waiting().has_value());
}

}  // namespace
}  // namespace coppice
