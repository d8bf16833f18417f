// Parts side by side: the order in which they come does not matter, and none is lost uncounted.
#include "common/parts.h"

#include <gtest/gtest.h>

#include "common/accumulator.h"
#include "common/limits.h"
#include "tests/support/host_values.h"

namespace coppice {
namespace {

using Part = Parts::Part;
using coppice::testing::HostWithValues;

const FoldSpec words{FoldSpec::Kind::parts, "words"};

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }
Parts one(std::uint64_t hosts, const std::string& text) {
    return {.parts = {{hosts, bytes_of(text)}}};
}

TEST(Parts, AreOfAHostWhatItsDaemonsContribute) {
    HostWithValues host;
    const Contributions own{
        {"words", std::make_shared<const Bytes>(bytes_of("a b"))},
        {"bulk", std::make_shared<const Bytes>(Bytes(limits::part_bytes_max + 1, 7))}};
    EXPECT_EQ(std::get<Parts>(value_of(words, HostId{1}, host.values())), Parts{});
    HostValues values = host.values();
    values.contributions = &own;
    EXPECT_EQ(std::get<Parts>(value_of(words, HostId{1}, values)), one(1, "a b"));
    EXPECT_EQ(count_of(value_of({FoldSpec::Kind::parts, "bulk"}, HostId{1}, values)), 0U)
        << "too large";
}

TEST(Parts, FoldTheSameInAnyOrder) {
    Parts forth;
    for (const Parts& part : {one(1, "b"), one(3, "c"), one(1, "a")}) forth.fold(part);
    Parts back;
    for (const Parts& part : {one(1, "a"), one(1, "b"), one(3, "c")}) back.fold(part);
    EXPECT_EQ(forth, back);
    EXPECT_EQ(forth.parts.front(), (Part{3, bytes_of("c")}));
    EXPECT_EQ(forth.count(), 5U);
    Parts failed;
    failed.fail("z");
    Parts failed_too;
    failed_too.fail("a");
    forth.fold(failed);
    forth.fold(failed_too);
    back.fold(failed_too);
    back.fold(failed);
    EXPECT_EQ(forth, back);
    EXPECT_EQ(forth.failures, 2U);
    EXPECT_EQ(forth.reason, "a");
}

TEST(Parts, WithoutRoomTheOnesOfFewestHostsAreDroppedAndCounted) {
    Parts all;
    const std::size_t fits =
        limits::parts_gathered_bytes_max / (limits::part_bytes_max + limits::part_fixed_bytes);
    std::uint64_t hosts = 0;
    for (std::size_t at = 0; at < fits + 2; ++at) {
        hosts += 1 + at % 3;
        all.fold({.parts = {{1 + at % 3, Bytes(limits::part_bytes_max, 1)}}});
    }
    EXPECT_EQ(all.parts.size(), fits);
    EXPECT_EQ(all.dropped, 2U);
    EXPECT_EQ(all.count() + all.dropped, hosts);
    EXPECT_FALSE(all.is_sound(1000)) << "as much as comes together, not as much as goes up";
    all.keep(limits::parts_bytes_max);
    EXPECT_LE(all.byte_size(), limits::parts_bytes_max);
    EXPECT_TRUE(all.is_sound(1000));
}

TEST(Parts, AreTakenOutAsManyAsFit) {
    Parts all;
    for (const char* text : {"aaaa", "bbbb", "cccc"}) all.fold(one(1, text));
    const std::vector<Part> taken = all.take(2 * (4 + limits::part_fixed_bytes));
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(all, one(1, "aaaa"));
    EXPECT_EQ(all.take(1000).size(), 1U);
    EXPECT_TRUE(all.take(1000).empty());
}

TEST(Parts, AreRefusedWhenNoHostsCanHaveSentThem) {
    EXPECT_TRUE(one(3, "x").is_sound(3));
    EXPECT_FALSE(one(3, "x").is_sound(2));
    EXPECT_FALSE(one(0, "x").is_sound(2)) << "of nobody";
    EXPECT_FALSE((Parts{.parts = {{UINT64_MAX, {}}, {2, {}}}}.is_sound(2))) << "no overflow";
    EXPECT_FALSE((Parts{.parts = {{1, {}}, {2, {}}}}.is_sound(3))) << "out of order";
    EXPECT_FALSE((Parts{.parts = {{1, {}}}, .dropped = 3}.is_sound(3)));
    EXPECT_FALSE((Parts{.parts = {{1, Bytes(limits::part_bytes_max + 1)}}}.is_sound(3)));
    EXPECT_FALSE((Parts{.reason = std::string(201, 'x')}.is_sound(3)));
    EXPECT_FALSE(is_sound(Moments{}, words, 3)) << "something else";
}

}  // namespace
}  // namespace coppice
