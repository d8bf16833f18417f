// Host sets: they behave as std::set does, and bytes from anywhere are read or refused.
#include "common/host_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "common/random.h"

namespace coppice {
namespace {

using Oracle = std::set<HostId>;

std::vector<HostId> listed(const Oracle& oracle) { return {oracle.begin(), oracle.end()}; }

/// Hosts from a few distant places, so that sets have several containers: sparse, dense and runs.
HostId random_host(Random& random) {
    constexpr std::uint32_t places[] = {0, 1U << 16U, 77U << 16U, 0xffffffffU - 39};
    return {places[random.below(4)] + static_cast<std::uint32_t>(random.below(40))};
}

std::pair<HostSet, Oracle> random_set(Random& random) {
    HostSet set;
    Oracle oracle;
    // As often a set of a few, which is kept in another way.
    for (std::uint64_t left = random.below(random.below(2) == 0 ? 80 : 4); left > 0; --left) {
        const HostId host = random_host(random);
        if (random.below(4) == 0) {
            set.erase(host);
            oracle.erase(host);
        } else {
            set.insert(host);
            oracle.insert(host);
        }
    }
    return {std::move(set), std::move(oracle)};
}

HostSet range(std::uint32_t first, std::uint32_t last) {
    HostSet set;
    for (std::uint32_t value = first; value <= last; ++value) set.insert({value});
    return set;
}

TEST(HostSet, BehavesAsAnOrderedSet) {
    for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
        SCOPED_TRACE(seed);
        Random random{seed};
        const auto [a, in_a] = random_set(random);
        const auto [b, in_b] = random_set(random);
        Oracle either;
        Oracle both;
        Oracle only_a;
        std::set_union(in_a.begin(), in_a.end(), in_b.begin(), in_b.end(),
                       std::inserter(either, either.end()));
        std::set_intersection(in_a.begin(), in_a.end(), in_b.begin(), in_b.end(),
                              std::inserter(both, both.end()));
        std::set_difference(in_a.begin(), in_a.end(), in_b.begin(), in_b.end(),
                            std::inserter(only_a, only_a.end()));
        EXPECT_EQ(a.to_vector(), listed(in_a));
        EXPECT_EQ((a | b).to_vector(), listed(either));
        EXPECT_EQ((a & b).to_vector(), listed(both));
        EXPECT_EQ((a - b).to_vector(), listed(only_a));
        EXPECT_EQ(a.size(), in_a.size());
        EXPECT_EQ(a.empty(), in_a.empty());
        EXPECT_EQ(a.intersects(b), !both.empty());
        EXPECT_EQ(a.includes(b), both.size() == in_b.size());
        EXPECT_EQ(a == b, in_a == in_b);
        const HostId host = random_host(random);
        EXPECT_EQ(a.contains(host), in_a.contains(host));
    }
}

TEST(HostSet, AnEmptySetIsTheSameHoweverItCameToBe) {
    HostSet emptied{{1}, {2}};
    emptied.erase({1});
    emptied.erase({2});
    HostSet cleared{{1}};
    cleared.clear();
    for (const HostSet& set :
         {emptied, cleared, HostSet{{1}} & HostSet{{2}}, HostSet{} - HostSet{{1}}}) {
        EXPECT_EQ(set, HostSet{});
        EXPECT_TRUE(set.empty());
        EXPECT_EQ(set.digest(), 0U);
        EXPECT_TRUE(set.to_bytes().empty());
        EXPECT_TRUE(HostSet{}.includes(set));
        EXPECT_TRUE(set.includes(HostSet{}));
        EXPECT_FALSE(set.intersects(HostSet{{1}}));
    }
}

TEST(HostSet, ACopyIsIndependent) {
    HostSet original{{1}};
    HostSet copy = original;
    copy.insert({2});
    EXPECT_EQ(original, (HostSet{{1}}));
    original = copy;
    original.erase({1});
    EXPECT_EQ(copy, (HostSet{{1}, {2}}));
    const HostSet moved = std::move(copy);
    EXPECT_EQ(moved, (HostSet{{1}, {2}}));
}

TEST(HostSet, CombiningASetWithItselfIsDefined) {
    HostSet set{{1}, {70'000}};
    const HostSet& self = set;
    set |= self;
    EXPECT_EQ(set, (HostSet{{1}, {70'000}}));
    set &= self;
    EXPECT_EQ(set, (HostSet{{1}, {70'000}}));
    set = self;
    EXPECT_EQ(set.size(), 2U);
    set -= self;
    EXPECT_TRUE(set.empty());
}

TEST(HostSet, DigestTellsContentAndNotHistory) {
    Random random{3};
    std::set<std::uint64_t> digests;
    std::set<std::vector<HostId>> contents;
    for (int round = 0; round < 2'000; ++round) {
        const auto [set, oracle] = random_set(random);
        HostSet backwards;
        for (auto host = oracle.rbegin(); host != oracle.rend(); ++host) backwards.insert(*host);
        EXPECT_EQ(set.digest(), backwards.digest());
        digests.insert(set.digest());
        contents.insert(listed(oracle));
    }
    EXPECT_EQ(digests.size(), contents.size());
    EXPECT_NE(HostSet{{0}}.digest(), 0U);
}

TEST(HostSet, BytesCarryTheSet) {
    const HostSet sets[] = {{},
                            {{0}},
                            {{0xffffffff}},
                            range(0, 65'535),
                            range(65'000, 140'000),
                            range(1, 100) | range(200, 5'000) | HostSet{{1U << 30U}}};
    for (const HostSet& set : sets) {
        const Result<HostSet> read = HostSet::from_bytes(set.to_bytes());
        ASSERT_TRUE(read.ok());
        EXPECT_EQ(*read, set);
        EXPECT_EQ(read->digest(), set.digest());
    }
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        Random random{seed};
        const auto [set, oracle] = random_set(random);
        const Result<HostSet> read = HostSet::from_bytes(set.to_bytes());
        ASSERT_TRUE(read.ok());
        EXPECT_EQ(read->to_vector(), listed(oracle));
    }
}

TEST(HostSet, EqualSetsHaveEqualBytes) {
    HostSet grown = range(1, 3'000);
    HostSet shrunk = range(1, 9'000) - range(3'001, 9'000);
    EXPECT_EQ(grown.to_bytes(), shrunk.to_bytes());
}

TEST(HostSet, BytesOfARunAreFew) { EXPECT_LT(range(1, 50'000).to_bytes().size(), 32U); }

TEST(HostSet, TooManyHostsAreRefused) {
    Bytes bytes = {0x3b, 0x30, 0x00, 0x01};  // 257 full containers, each of one run
    bytes.insert(bytes.end(), 33, 0xff);
    for (int i = 0; i < 257; ++i)
        bytes.insert(bytes.end(),
                     {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8), 0xff, 0xff});
    for (std::uint32_t i = 0, at = 4 + 33 + 257 * 8; i < 257; ++i, at += 6)
        bytes.insert(bytes.end(),
                     {static_cast<std::uint8_t>(at), static_cast<std::uint8_t>(at >> 8U), 0, 0});
    for (int i = 0; i < 257; ++i) bytes.insert(bytes.end(), {1, 0, 0, 0, 0xff, 0xff});
    EXPECT_EQ(HostSet::from_bytes(bytes).error().message,
              "a host set has more than 16777216 hosts; it is dropped");
}

/// Every kind of container: an array, a bitmap, runs, and several of them.
std::vector<Bytes> samples() {
    HostSet scattered;
    for (std::uint32_t value = 0; value < 12'000; value += 2) scattered.insert({value});
    HostSet array{{3}, {5}, {7}, {100}, {5'000}};
    return {array.to_bytes(), scattered.to_bytes(), range(10, 4'000).to_bytes(),
            (array | range(70'000, 80'000) | HostSet{{1U << 20U}, {(1U << 20U) + 2}}).to_bytes()};
}

/// What was accepted behaves as a set: its listing is ascending and equals what contains() says.
void expect_sound(const HostSet& set) {
    const std::vector<HostId> hosts = set.to_vector();
    ASSERT_EQ(hosts.size(), set.size());
    ASSERT_TRUE(std::adjacent_find(hosts.begin(), hosts.end(), std::greater_equal<>{}) ==
                hosts.end());
    HostSet rebuilt;
    for (const HostId host : hosts) {
        ASSERT_TRUE(set.contains(host));
        rebuilt.insert(host);
    }
    ASSERT_EQ(rebuilt, set);
    ASSERT_EQ(rebuilt.to_bytes(), set.to_bytes());
    ASSERT_TRUE((set - rebuilt).empty());
}

TEST(HostSet, TruncatedBytesAreRefused) {
    for (const Bytes& whole : samples())
        for (std::size_t length = 1; length < whole.size(); ++length) {
            const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
            EXPECT_FALSE(HostSet::from_bytes(part).ok()) << length << " of " << whole.size();
        }
}

TEST(HostSet, BytesBehindTheSetAreRefused) {
    for (Bytes bytes : samples()) {
        bytes.push_back(0);
        EXPECT_FALSE(HostSet::from_bytes(bytes).ok());
    }
}

TEST(HostSet, MutatedBytesAreASoundSetOrRefused) {
    Random random{17};
    int refused = 0;
    int accepted = 0;
    for (const Bytes& sample : samples())
        for (int round = 0; round < 4'000; ++round) {
            Bytes bytes = sample;
            const std::size_t near = std::min<std::size_t>(bytes.size(), 48);
            for (std::uint64_t left = 1 + random.below(3); left > 0; --left)
                bytes[random.below(random.below(2) == 0 ? near : bytes.size())] =
                    static_cast<std::uint8_t>(random.next());
            const Result<HostSet> read = HostSet::from_bytes(bytes);
            ++(read.ok() ? accepted : refused);
            if (read.ok() && (read->size() < 20'000)) expect_sound(*read);
            if (HasFatalFailure()) return;
        }
    EXPECT_GT(refused, 1'000);
    EXPECT_GT(accepted, 1'000);
}

TEST(HostSet, RandomBytesAreASoundSetOrRefused) {
    Random random{19};
    for (int round = 0; round < 20'000; ++round) {
        Bytes bytes(1 + random.below(64));
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
        bytes[0] = random.below(2) == 0 ? 0x3a : 0x3b;  // the two cookies of the format
        if (bytes.size() > 3) bytes[1] = 0x30, bytes[2] &= 3, bytes[3] = 0;
        const Result<HostSet> read = HostSet::from_bytes(bytes);
        if (read.ok() && read->size() < 20'000) expect_sound(*read);
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace coppice
