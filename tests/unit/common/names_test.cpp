// Names, topics, addresses and labels: what is accepted and what is not.
#include "common/names.h"

#include <gtest/gtest.h>

#include <string>

#include "common/labels.h"
#include "common/limits.h"

namespace coppice {
namespace {

TEST(Names, HostNamesAreLettersDigitsAndInnerPunctuation) {
    for (const char* name : {"n", "n1", "N-1.example.org", "a_b", "7"})
        EXPECT_TRUE(validate_host_name(name).ok()) << name;
    for (const char* name : {"", "-n", "n-", ".n", "n.", "n 1", "n/1", "n[1]", "n,m", "n\x80"})
        EXPECT_FALSE(validate_host_name(name).ok()) << name;
    EXPECT_TRUE(validate_host_name(std::string(limits::name_bytes_max, 'n')).ok());
    EXPECT_FALSE(validate_host_name(std::string(limits::name_bytes_max + 1, 'n')).ok());
}

TEST(Names, TopicsAreRelativePathsThatStayInside) {
    for (const char* topic : {"dns", "net/dns", "a.b/c-d/e_f", "..a", "a../b"})
        EXPECT_TRUE(validate_topic(topic).ok()) << topic;
    for (const char* topic :
         {"", "/dns", "dns/", "a//b", ".", "..", "a/../b", "a/./b", "a b", "a\n"})
        EXPECT_FALSE(validate_topic(topic).ok()) << topic;
    EXPECT_TRUE(validate_topic(std::string(limits::topic_bytes_max, 't')).ok());
    EXPECT_FALSE(validate_topic(std::string(limits::topic_bytes_max + 1, 't')).ok());
}

TEST(Names, ChannelsAreOneWord) {
    for (const char* channel : {"c", "raft-1", "a.b_c", ".", "-"})
        EXPECT_TRUE(validate_channel(channel).ok()) << channel;
    for (const char* channel : {"", "a,b", "a b", "a/b", "a\n", "\x80"})
        EXPECT_FALSE(validate_channel(channel).ok()) << channel;
    EXPECT_TRUE(validate_channel(std::string(limits::channel_bytes_max, 'c')).ok());
    EXPECT_FALSE(validate_channel(std::string(limits::channel_bytes_max + 1, 'c')).ok());
}

TEST(Names, AddressesAreTcpWithAHostAndAPort) {
    for (const char* address :
         {"tcp://n1:7400", "tcp://10.0.0.1:1", "tcp://[::1]:65535", "tcp://[fe80::1%eth0]:7400"})
        EXPECT_TRUE(validate_address(address).ok()) << address;
    for (const char* address :
         {"", "n1:7400", "udp://n1:7400", "tcp://n1", "tcp://n1:", "tcp://:7400", "tcp://n1:0",
          "tcp://n1:65536", "tcp://n1:74x", "tcp://::1:7400", "tcp://*:7400", "tcp://[::1:7400",
          "tcp://n1:7400 "})
        EXPECT_FALSE(validate_address(address).ok()) << address;
    EXPECT_FALSE(
        validate_address("tcp://" + std::string(limits::address_bytes_max, 'n') + ":1").ok());
}

TEST(Names, AMistakeShowsTheNameInShort) {
    EXPECT_EQ(validate_host_name("n 1").error().message,
              "host name \"n 1\": use letters, digits, '.', '_' and '-' only");
    EXPECT_EQ(validate_topic(std::string(200, 't')).error().message,
              "topic \"" + std::string(40, 't') + "...\": longer than 128 bytes");
}

TEST(Labels, KeysAreWhatASelectorCanWrite) {
    EXPECT_TRUE(validate(Labels{}).ok());
    EXPECT_TRUE(validate({{"example.org/rack", "r 7"}, {"gpu", ""}}).ok());
    EXPECT_FALSE(validate({{"", "a"}}).ok());
    EXPECT_FALSE(validate({{"a=b", "a"}}).ok());
    EXPECT_FALSE(validate({{std::string(64, 'k'), "a"}}).ok());
    EXPECT_EQ(validate({{"host", "a"}}).error().message,
              "label \"host\": selectors use this word for the name; choose another key");
}

TEST(Labels, CountAndValueAreBounded) {
    EXPECT_TRUE(validate({{"k", std::string(255, 'v')}}).ok());
    EXPECT_EQ(validate({{"k", std::string(256, 'v')}}).error().message,
              "label \"k\": the value has 256 bytes; at most 255");
    Labels labels;
    for (std::size_t i = 0; i < limits::labels_max; ++i) labels["k" + std::to_string(i)] = "v";
    EXPECT_TRUE(validate(labels).ok());
    labels["one more"] = "v";
    EXPECT_EQ(validate(labels).error().message, "33 labels; a host has at most 32");
}

}  // namespace
}  // namespace coppice
