// What the codec promises beyond giving back what it was given (that is in tests/compat).
#include "schemas/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "common/limits.h"
#include "tests/support/host_values.h"

namespace coppice {
namespace {

using ::testing::HasSubstr;

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

/// The frame as a large one travels: not packed (capnproto.org/encoding.html#packing), so that its
/// fields can be found.
Bytes plain(const Frame& frame) {
    constexpr std::uint8_t zeros_follow = 0x00;
    constexpr std::uint8_t bytes_follow = 0xff;
    constexpr std::size_t word = 8;
    const Bytes packed = encode(frame);
    Bytes bytes;
    for (std::size_t at = 0; at < packed.size();) {
        const std::uint8_t tag = packed[at++];
        for (std::size_t bit = 0; bit < word; ++bit)
            bytes.push_back((tag >> bit & 1U) != 0 ? packed[at++] : 0);
        if (tag != zeros_follow && tag != bytes_follow) continue;
        const std::size_t more = packed[at++] * word;
        for (std::size_t i = 0; i < more; ++i)
            bytes.push_back(tag == bytes_follow ? packed[at++] : 0);
    }
    return bytes;
}

std::string error_of(const Bytes& bytes) {
    const Result<Frame> frame = decode_frame(bytes);
    return frame.ok() ? std::string{"no error"} : frame.error().message;
}

Frame decoded(const Frame& frame) { return decode_frame(encode(frame)).value(); }

TEST(Codec, KeepsAQuietHeartbeatWithin50Bytes) {
    const Bytes bytes = encode(frame_of(Heartbeat{.stamp = {3, 17}, .facts_revision = 12}));
    EXPECT_LE(bytes.size(), 50U);
}

TEST(Codec, ReadsASmallFrameThatIsNotPacked) {
    const Frame frame = frame_of(Heartbeat{.stamp = {3, 17}, .facts = {{.host = HostId{5}}}});
    EXPECT_GT(plain(frame).size(), encode(frame).size());
    EXPECT_EQ(decode_frame(plain(frame)).value(), frame);
}

TEST(Codec, ReadsFramesOfEverySizeAroundTheEndOfPacking) {
    for (std::size_t hosts = 0; hosts < 200; ++hosts) {
        const Frame frame = frame_of(Welcome{.path = Path(hosts % 32, HostId{0xfefefefe}),
                                             .first_window = {{hosts, hosts}, hosts}});
        const Frame longer = frame_of(Join{.order = {.content = Bytes(hosts * 4, 0xfe)}});
        EXPECT_EQ(decoded(frame), frame) << hosts;
        EXPECT_EQ(decoded(longer), longer) << hosts;
    }
}

TEST(Codec, RefusesAPackedFrameThatClaimsMoreThanMayBePacked) {
    // A segment of 2,000 words, all zero.
    const Bytes bytes{0x30, 0xd0, 0x07, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff};
    EXPECT_NE(error_of(bytes), "no error");
    const Bytes many_segments{0x11, 0x0f, 0xff, 0x00, 0xff};
    EXPECT_NE(error_of(many_segments), "no error");
    const Bytes nothing_after{0x10, 0xff};
    EXPECT_NE(error_of(nothing_after), "no error");
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
    Bytes bytes = plain(frame);
    bytes[kind_of_body_at] = 200;
    const Result<Frame> read = decode_frame(bytes);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->header, frame.header);
    EXPECT_EQ(read->body, Message{NotUnderstood{}});
}

TEST(Codec, RefusesAValueOfAnEnumerationThatItDoesNotKnow) {
    Bytes bytes = plain(frame_of(Leave{}));
    bytes[lane_at] = 3;
    EXPECT_THAT(error_of(bytes), HasSubstr("the lane has a value that this release does not know"));
}

TEST(Codec, RefusesAFrameAboveTheLimitBeforeLookingAtIt) {
    EXPECT_THAT(error_of(Bytes(limits::frame_bytes_max + 8)),
                HasSubstr("a frame of 1048584 bytes is refused: at most 1048576 bytes"));
}

TEST(Codec, RefusesWhatIsCutOff) {
    EXPECT_THAT(error_of({}), HasSubstr("cut off"));
    Bytes bytes = plain(frame_of(Heartbeat{}));
    bytes.pop_back();
    EXPECT_THAT(error_of(bytes), HasSubstr("cut off"));
    bytes.resize(bytes.size() - 7);
    EXPECT_NE(error_of(bytes), "no error");
    for (Bytes packed = encode(frame_of(Heartbeat{})); !packed.empty();) {
        packed.pop_back();
        EXPECT_NE(error_of(packed), "no error") << packed.size();
    }
}

TEST(Codec, RefusesBytesAfterTheEnd) {
    Bytes bytes = encode(frame_of(Heartbeat{}));
    bytes.resize(bytes.size() + 8);
    EXPECT_THAT(error_of(bytes), HasSubstr("bytes after its end"));
    Bytes plain_bytes = plain(frame_of(Heartbeat{}));
    plain_bytes.resize(plain_bytes.size() + 8);
    EXPECT_THAT(error_of(plain_bytes), HasSubstr("bytes after its end"));
}

TEST(Codec, RefusesNumbersThatAreNotFinite) {
    for (const double value :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        const auto closed = [](Accumulator accumulator) {
            Partial partial;
            partial.groups[{}] = {.hosts = 1, .folds = {std::move(accumulator)}};
            return WindowClosed{.partial = std::move(partial)};
        };
        const Message bodies[] = {Register{.resources = {{"load", value}}},
                                  closed(Moments{.count = 1, .sum = value}),
                                  closed(Moments{.count = 1, .min = value}),
                                  closed(Moments{.count = 1, .max = value}),
                                  closed(Variance{.count = 1, .mean = value}),
                                  closed(Variance{.count = 1, .squares = value}),
                                  closed(Ranking{.count = 1, .best = {{HostId{1}, value}}})};
        for (const Message& body : bodies)
            EXPECT_THAT(error_of(encode(frame_of(body))), HasSubstr("not a finite number"));
    }
}

TEST(Codec, AsManyGroupsAsAPartialHoldsFitIntoHalfAFrame) {
    const Inquiry inquiry{.folds = {{.name = "load1"}},
                          .by = {"host", "none", "nothing", "naught"}};
    Partial partial;
    for (std::uint32_t host = 1; host <= 8000; ++host) {
        const testing::HostWithValues one{.name = "n" + std::to_string(host)};
        ASSERT_TRUE(fold(partial, partial_of(inquiry, HostId{host}, one.values()), inquiry));
    }
    ASSERT_TRUE(partial.cut.has_value());
    const Frame frame = frame_of(WindowClosed{.partial = partial});
    EXPECT_LT(encode(frame).size(), limits::frame_bytes_max * 6 / 10);
    EXPECT_GT(encode(frame).size(), limits::frame_bytes_max * 4 / 10);
    EXPECT_EQ(decode_frame(encode(frame)).value(), frame);
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
    EXPECT_TRUE(fits(LocalMessage{.channel = std::string(limits::channel_bytes_max, 'c'),
                                  .body = Bytes(limits::local_message_bytes_max)}));
    EXPECT_FALSE(fits(LocalMessage{.channel = std::string(limits::channel_bytes_max + 1, 'c')}));
    EXPECT_FALSE(fits(LocalMessage{.body = Bytes(limits::local_message_bytes_max + 1)}));
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
    Bytes bytes = plain(frame_of(Welcome{.path = {HostId{1}, HostId{2}}}));
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

TEST(Conditions, CanBeWhateverARecordCanBe) {
    for (int number = 0; number < 256; ++number) {
        const HostRecord as_state{.state = static_cast<HostState>(number)};
        const HostRecord as_cause{.cause = static_cast<Cause>(number)};
        const HostRecord as_role{.role = static_cast<Role>(number)};
        for (const HostRecord& host : {as_state, as_cause, as_role})
            EXPECT_EQ(
                decode_condition(encode(TimelineRow{host.id, host.since, condition_of(host, 1)}),
                                 host.since)
                    .ok(),
                decode_record(encode(Record{host})).ok())
                << number;
    }
}

}  // namespace
}  // namespace coppice
