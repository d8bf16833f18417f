// The expiry of a role in the time that goes on while the machine is suspended.
#include "local/shown.h"

#include <gtest/gtest.h>

namespace coppice {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ExpiryClock, ShiftsByWhatTheMachineWasSuspended) {
    ExpiryClock clock;
    EXPECT_EQ(clock.expiry(Instant{seconds{12}}, seconds{2}, Instant{seconds{10}}, seconds{510}),
              seconds{512});
}

TEST(ExpiryClock, AWordFromBeforeASuspensionCountsForNothing) {
    ExpiryClock clock;
    static_cast<void>(
        clock.expiry(Instant{seconds{12}}, seconds{2}, Instant{seconds{10}}, seconds{10}));
    // Suspended for a minute, after a word that was sent at 10.9.
    EXPECT_EQ(
        clock.expiry(Instant{milliseconds{12'900}}, seconds{2}, Instant{seconds{11}}, seconds{71}),
        BootTime::zero());
    EXPECT_EQ(clock.expiry(Instant{seconds{14}}, seconds{2}, Instant{milliseconds{12'100}},
                           milliseconds{72'100}),
              seconds{74});
}

TEST(ExpiryClock, TwoReadingsThatAreNotOfOneMomentAreNoSuspension) {
    ExpiryClock clock;
    static_cast<void>(
        clock.expiry(Instant{seconds{12}}, seconds{2}, Instant{seconds{10}}, seconds{10}));
    EXPECT_NE(clock.expiry(Instant{milliseconds{12'900}}, seconds{2}, Instant{seconds{11}},
                           milliseconds{11'030}),
              BootTime::zero());
}

TEST(ExpiryClock, ARoleThatIsNotConfirmedHasExpired) {
    ExpiryClock clock;
    EXPECT_EQ(clock.expiry(Instant::min(), seconds{2}, Instant{seconds{10}}, seconds{510}),
              BootTime::zero());
}

}  // namespace
}  // namespace coppice
