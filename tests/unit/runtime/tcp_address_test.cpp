// The form of addresses.

#include "runtime/tcp_address.h"

#include <gtest/gtest.h>

namespace coppice {
namespace {

TEST(TcpAddresses, AreTakenWithAndWithoutScheme) {
    const TcpAddress expected{.host = "n1.example", .port = 7400};
    EXPECT_EQ(parse_tcp_address("tcp://n1.example:7400").value(), expected);
    EXPECT_EQ(parse_tcp_address("n1.example:7400").value(), expected);
    EXPECT_EQ(expected.text(), "tcp://n1.example:7400");
}

TEST(TcpAddresses, OfIpv6StandInBrackets) {
    const auto address = parse_tcp_address("tcp://[fe80::1]:7400");
    ASSERT_TRUE(address.ok());
    EXPECT_EQ(address->host, "fe80::1");
    EXPECT_EQ(address->text(), "tcp://[fe80::1]:7400");
}

TEST(TcpAddresses, ToListenOnMayLeaveHostAndPortOpen) {
    EXPECT_EQ(parse_tcp_address("tcp://*:*").value(), (TcpAddress{.host = "*", .port = 0}));
    EXPECT_EQ(parse_tcp_address("tcp://127.0.0.1:0").value().port, 0);
}

TEST(TcpAddresses, ThatAreNoneAreQuotedInTheError) {
    for (const char* text :
         {"", "n1", "n1:", ":7400", "tcp://n1:70000", "tcp://n1:7x", "udp://n1:1", "tcp://n1:-1"}) {
        const auto address = parse_tcp_address(text);
        ASSERT_FALSE(address.ok()) << text;
        EXPECT_NE(address.error().message.find(text), std::string::npos);
    }
}

}  // namespace
}  // namespace coppice
