// Keys of records: one per thing, and in the order of their numbers.
#include "common/record.h"

#include <gtest/gtest.h>

namespace coppice {
namespace {

TEST(Record, KindsAreTheIndicesThatStoresHoldForEver) {
    EXPECT_EQ(key_of(IdentityRecord{}).kind, 0);
    EXPECT_EQ(key_of(AppliedRecord{}).kind, 1);
    EXPECT_EQ(key_of(FleetRecord{}).kind, 2);
    EXPECT_EQ(key_of(CellRecord{}).kind, 3);
    EXPECT_EQ(key_of(HostRecord{}).kind, 4);
    EXPECT_EQ(key_of(TokenRecord{}).kind, 5);
    EXPECT_EQ(key_of(PushRecord{}).kind, 6);
    EXPECT_EQ(key_of(ReceiptRecord{}).kind, 7);
}

TEST(Record, NumbersSortAsNumbers) {
    const auto key = [](std::uint32_t host) { return key_of(HostRecord{.id = {host}}); };
    EXPECT_EQ(key(7).id, "00000000000000000007");
    EXPECT_LT(key(9), key(10));
    EXPECT_LT(key(10), key(4'294'967'295));
    PushRecord push;
    push.push = {18'446'744'073'709'551'615ULL};
    EXPECT_EQ(key_of(push).id, "18446744073709551615");
}

TEST(Record, AKeyNamesTheThingAndNotItsState) {
    HostRecord host{.id = {3}, .name = "n3"};
    const RecordKey before = key_of(host);
    host.name = "other";
    host.state = HostState::lost;
    EXPECT_EQ(key_of(host), before);
    EXPECT_EQ(key_of(AppliedRecord{.topic = "net/dns", .version = 1}),
              key_of(AppliedRecord{.topic = "net/dns", .version = 2}));
    EXPECT_EQ(key_of(TokenRecord{.id = "t1"}).id, "t1");
}

TEST(Record, APushAndItsReceiptAreApart) {
    PushRecord push;
    push.push = {4};
    ReceiptRecord receipt;
    receipt.push = {4};
    EXPECT_EQ(key_of(push).id, key_of(receipt).id);
    EXPECT_NE(key_of(push), key_of(receipt));
}

}  // namespace
}  // namespace coppice
