// What the codec promises beyond giving back what it was given (that is in tests/compat).
#include "schemas/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "common/limits.h"

namespace coppice {
namespace {

using testing::HasSubstr;

// Places in the bytes of a frame: 8 bytes of segment table, 8 of the root pointer, then the fields.
constexpr std::size_t lane_at = 18;
constexpr std::size_t kind_of_body_at = 28;

Frame frame_of(Message body) {
    return {.header = {.cell = CellId{1},
                       .sender = HostId{7},
                       .incarnation = Incarnation{3},
                       .link = LinkId{0x1234567890abcdef},
                       .sequence = 42},
            .body = std::move(body)};
}

std::string error_of(const Bytes& bytes) {
    const Result<Frame> frame = decode_frame(bytes);
    return frame.ok() ? std::string{"no error"} : frame.error().message;
}

Frame decoded(const Frame& frame) { return decode_frame(encode(frame)).value(); }

TEST(Codec, KeepsAQuietHeartbeatWithin130Bytes) {
    const Bytes bytes = encode(frame_of(Heartbeat{.stamp = {3, 17}, .facts_revision = 12}));
    EXPECT_LE(bytes.size(), 130U);
}

TEST(Codec, TellsAnEmptyListOfHeldPushesFromNone) {
    EXPECT_EQ(std::get<Heartbeat>(decoded(frame_of(Heartbeat{})).body).held, std::nullopt);
    const Frame with_empty = frame_of(Heartbeat{.held = std::vector<Held>{}});
    EXPECT_EQ(decoded(with_empty), with_empty);
}

TEST(Codec, TellsMissingContentOfAPushFromEmptyContent) {
    EXPECT_EQ(std::get<PushDown>(decoded(frame_of(PushDown{})).body).content, nullptr);
    const Frame with_empty = frame_of(PushDown{.content = std::make_shared<const Sealed>()});
    EXPECT_EQ(decoded(with_empty), with_empty);
}

TEST(Codec, ReadsFramesAtAnyAddress) {
    const Frame frame = frame_of(Heartbeat{.facts = {{.host = HostId{5}}}});
    const Bytes bytes = encode(frame);
    for (std::size_t shift = 0; shift < 8; ++shift) {
        Bytes shifted(bytes.size() + shift);
        std::copy(bytes.begin(), bytes.end(), shifted.begin() + static_cast<std::ptrdiff_t>(shift));
        EXPECT_EQ(decode_frame(std::span{shifted}.subspan(shift)).value(), frame) << shift;
    }
}

TEST(Codec, ReadsAMessageOfANewerReleaseAsNotUnderstood) {
    const Frame frame = frame_of(Leave{.is_moving = true});
    Bytes bytes = encode(frame);
    bytes[kind_of_body_at] = 200;
    const Result<Frame> read = decode_frame(bytes);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->header, frame.header);
    EXPECT_EQ(read->body, Message{NotUnderstood{}});
}

TEST(Codec, RefusesAValueOfAnEnumerationThatItDoesNotKnow) {
    Bytes bytes = encode(frame_of(Leave{}));
    bytes[lane_at] = 3;
    EXPECT_THAT(error_of(bytes), HasSubstr("the lane has a value that this release does not know"));
}

TEST(Codec, RefusesAFrameAboveTheLimitBeforeLookingAtIt) {
    EXPECT_THAT(error_of(Bytes(limits::frame_bytes_max + 8)),
                HasSubstr("a frame of 1048584 bytes is refused: at most 1048576 bytes"));
}

TEST(Codec, RefusesWhatIsCutOff) {
    EXPECT_THAT(error_of({}), HasSubstr("cut off"));
    Bytes bytes = encode(frame_of(Heartbeat{}));
    bytes.pop_back();
    EXPECT_THAT(error_of(bytes), HasSubstr("cut off"));
    bytes.resize(bytes.size() - 7);
    EXPECT_NE(error_of(bytes), "no error");
}

TEST(Codec, RefusesBytesAfterTheEnd) {
    Bytes bytes = encode(frame_of(Heartbeat{}));
    bytes.resize(bytes.size() + 8);
    EXPECT_THAT(error_of(bytes), HasSubstr("bytes after its end"));
}

TEST(Codec, RefusesNumbersThatAreNotFinite) {
    for (const double value :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        const Message bodies[] = {Register{.resources = {{"load", value}}},
                                  WindowClosed{.partial = {.count = 1, .sum = value}},
                                  WindowClosed{.partial = {.count = 1, .min = value}},
                                  WindowClosed{.partial = {.count = 1, .max = value}}};
        for (const Message& body : bodies)
            EXPECT_THAT(error_of(encode(frame_of(body))), HasSubstr("not a finite number"));
    }
}

TEST(Codec, TakesListsAndTextsUpToTheirLimitsAndNotBeyond) {
    const auto fits = [](const Message& body) { return decode_frame(encode(frame_of(body))).ok(); };
    EXPECT_TRUE(fits(Heartbeat{.facts{limits::facts_per_heartbeat_max, HostFact{}}}));
    EXPECT_FALSE(fits(Heartbeat{.facts{limits::facts_per_heartbeat_max + 1, HostFact{}}}));
    EXPECT_TRUE(fits(Heartbeat{.held = std::vector<Held>(limits::held_max)}));
    EXPECT_FALSE(fits(Heartbeat{.held = std::vector<Held>(limits::held_max + 1)}));
    EXPECT_TRUE(fits(Welcome{.path = Path(limits::depth_max + 1)}));
    EXPECT_FALSE(fits(Welcome{.path = Path(limits::depth_max + 2)}));
    EXPECT_TRUE(fits(Register{.name = std::string(limits::name_bytes_max, 'n')}));
    EXPECT_FALSE(fits(Register{.name = std::string(limits::name_bytes_max + 1, 'n')}));
    EXPECT_FALSE(fits(Register{.token_secret = Bytes(limits::secret_bytes_max + 1)}));
    EXPECT_FALSE(fits(Register{.addresses{limits::addresses_max + 1, "tcp://a:1"}}));
    EXPECT_FALSE(fits(Register{.addresses = {std::string(limits::address_bytes_max + 1, 'a')}}));
    EXPECT_FALSE(fits(Register{.labels = {{"key", std::string(256, 'v')}}}));
    EXPECT_FALSE(fits(Register{.labels = {{std::string(64, 'k'), ""}}}));
    EXPECT_FALSE(fits(PushDown{.topic = std::string(limits::topic_bytes_max + 1, 't')}));
}

TEST(Codec, RefusesAStatementWhosePayloadIsTooLarge) {
    const auto fits = [](std::size_t size) {
        return decode_statement(encode(PushContent{.payload = Bytes(size)})).ok();
    };
    EXPECT_TRUE(fits(limits::payload_bytes_max));
    EXPECT_FALSE(fits(limits::payload_bytes_max + 1));
}

TEST(Codec, GivesDurationsThatCanBeAddedWithoutOverflow) {
    const auto root_age = [](Duration age) {
        return std::get<Welcome>(decoded(frame_of(Welcome{.root_age = age})).body).root_age;
    };
    EXPECT_EQ(root_age(std::chrono::seconds{5}), std::chrono::seconds{5});
    EXPECT_EQ(root_age(Duration{-1}), Duration{});
    EXPECT_EQ(root_age(Duration::max()), std::chrono::hours{24 * 3652});
}

TEST(Codec, RefusesAListThatClaimsMoreThanIsThere) {
    Bytes bytes = encode(frame_of(Welcome{.path = {HostId{1}, HostId{2}}}));
    // The list's length is the upper 29 bits of its pointer: element size code 4 is 32 bits.
    const std::uint32_t two = 2U << 3U | 4U;
    const std::uint32_t many = 0x1fffffffU << 3U | 4U;
    std::size_t patched = 0;
    for (std::size_t at = 4; at + 4 <= bytes.size(); at += 8) {
        if (std::memcmp(&bytes[at], &two, sizeof two) != 0) continue;
        std::memcpy(&bytes[at], &many, sizeof many);
        ++patched;
    }
    ASSERT_EQ(patched, 1U);
    EXPECT_NE(error_of(bytes), "no error");
}

TEST(Codec, RefusesAKindOfStatementThatItDoesNotKnow) {
    Bytes bytes = encode(PushContent{.fleet = "blue"});
    ASSERT_TRUE(decode_statement(bytes).ok());
    bytes[16] = 9;  // the kind is the first field
    EXPECT_THAT(decode_statement(bytes).error().message, HasSubstr("of a newer release"));
}

TEST(Codec, ReadsRowsOfAStoreThatAreLongerThanWhatMayTravel) {
    const Record record = HostRecord{.name = std::string(limits::name_bytes_max + 1, 'n'),
                                     .drain_reason = std::string(100'000, 'r')};
    EXPECT_EQ(decode_record(encode(record)).value(), record);
}

}  // namespace
}  // namespace coppice
