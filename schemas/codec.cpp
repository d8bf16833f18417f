#include "schemas/codec.h"

#include <capnp/message.h>
#include <capnp/serialize-packed.h>
#include <capnp/serialize.h>
#include <kj/exception.h>
#include <kj/io.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "schemas/convert.h"

namespace coppice {
namespace {

/// A message builder that needs no heap for the first 8 KiB, more than nearly every frame takes.
/// Only one can live in a thread at a time; it leaves the memory zeroed, as the next one needs it.
class Builder : public capnp::MallocMessageBuilder {
public:
    Builder() : capnp::MallocMessageBuilder{kj::ArrayPtr<capnp::word>{scratch}} {}

private:
    static constexpr std::size_t scratch_words = 1024;
    static thread_local capnp::word scratch[scratch_words];
};
thread_local capnp::word Builder::scratch[scratch_words];

/// The segment table of the stream framing, then the segments.
Bytes to_bytes(kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) {
    Bytes bytes(capnp::computeSerializedSizeInWords(segments) * sizeof(capnp::word));
    kj::ArrayOutputStream out{{bytes.data(), bytes.size()}};
    capnp::writeMessage(out, segments);
    return bytes;
}

/// Canonical (capnproto.org/encoding.html): one segment, trailing zeros cut off.
template <class Schema, class Value>
Bytes encode_canonical(const Value& value) {
    Builder message;
    auto root = message.initRoot<Schema>();
    wire::write(value, root);
    const kj::Array<capnp::word> words = capnp::canonicalize(root.asReader());
    const kj::ArrayPtr<const capnp::word> segment = words;
    return to_bytes({&segment, 1});
}

/// Debian's Cap'n Proto refuses data that is not aligned, as most small messages of a socket are.
class AlignedWords {
public:
    explicit AlignedWords(std::span<const std::uint8_t> bytes)
        : copy_{is_aligned(bytes) ? nullptr : kj::heapArray<capnp::word>(bytes.size() / word)},
          words_{reinterpret_cast<const capnp::word*>(bytes.data()), bytes.size() / word} {
        if (copy_ == nullptr) return;
        std::memcpy(copy_.begin(), bytes.data(), bytes.size());
        words_ = copy_;
    }
    [[nodiscard]] kj::ArrayPtr<const capnp::word> get() const { return words_; }

private:
    static constexpr std::size_t word = sizeof(capnp::word);
    static bool is_aligned(std::span<const std::uint8_t> bytes) {
        return reinterpret_cast<std::uintptr_t>(bytes.data()) % word == 0;
    }

    kj::Array<capnp::word> copy_;
    kj::ArrayPtr<const capnp::word> words_;
};

// --- packing ------------------------------------------------------------------------------------

// Messages of up to so many bytes may be packed (capnproto.org/encoding.html#packing). Frames are:
// most of a quiet heartbeat is zeros, and larger ones carry bitmaps, keys and payloads, which do
// not shrink. Rows of timelines are, for there are many.
constexpr std::size_t packed_bytes_max = 512;
constexpr std::size_t packed_words_max = packed_bytes_max / sizeof(capnp::word);
static_assert(packed_words_max <= 255, "the size takes one byte, as is_packed() relies on");

/// The first word of a message of one segment and at most 255 words is zero but for its fifth byte,
/// and so packed begins with this tag. A message that is not packed begins with the number of its
/// further segments: the encoder never makes as many.
constexpr std::uint8_t packed_begin = 1U << 4U;

bool is_packed(std::span<const std::uint8_t> bytes) {
    return !bytes.empty() && bytes.front() == packed_begin;
}

Bytes packed(kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) {
    std::array<std::uint8_t, packed_bytes_max * 2> room;  // packing adds a quarter at most
    kj::ArrayOutputStream out{{room.data(), room.size()}};
    capnp::writePackedMessage(out, segments);
    const auto written = out.getArray();
    return {written.begin(), written.end()};
}

/// What all rows of timelines begin with, of four words of data and no pointers: one byte stands
/// for it, which no other form begins with.
constexpr std::array<std::uint8_t, 4> row_head{packed_begin, 5, packed_begin, 4};
constexpr std::uint8_t short_row_begin = 1;

Bytes without_head(Bytes row) {
    const auto differs = std::mismatch(row_head.begin(), row_head.end(), row.begin(), row.end());
    if (differs.first != row_head.end()) return row;
    row.erase(row.begin(), row.begin() + row_head.size() - 1);
    row.front() = short_row_begin;
    return row;
}

struct Kind {
    const char* name;
    std::size_t bytes_max;
};

Error refusal(const Kind& kind, std::span<const std::uint8_t> bytes, const std::string& why) {
    return {"a " + std::string{kind.name} + " of " + std::to_string(bytes.size()) +
            " bytes is refused: " + why};
}

constexpr int nesting_max = 12;

/// Reads the root of a message with wire::read, which may need more to know.
template <class Schema, class... More>
auto read_root(std::span<const std::uint8_t> bytes, More... more) {
    const AlignedWords words{bytes};
    capnp::ReaderOptions options;
    options.traversalLimitInWords = 4 * words.get().size() + 64;
    options.nestingLimit = nesting_max;
    capnp::FlatArrayMessageReader reader{words.get(), options};
    if (reader.getEnd() != words.get().end()) throw wire::Malformed{"it has bytes after its end"};
    return wire::read(reader.getRoot<Schema>(), more...);
}

template <class Schema, class... More>
auto read_packed_root(std::span<const std::uint8_t> bytes, More... more) {
    constexpr capnp::ReaderOptions options{.traversalLimitInWords = 4 * packed_words_max + 64,
                                           .nestingLimit = nesting_max};
    std::array<capnp::word, packed_words_max> words;  // without the heap, as a rule
    kj::ArrayInputStream in{{bytes.data(), bytes.size()}};
    capnp::PackedMessageReader reader{in, options, {words.data(), words.size()}};
    if (in.tryGetReadBuffer().size() != 0) throw wire::Malformed{"it has bytes after its end"};
    return wire::read(reader.getRoot<Schema>(), more...);
}

/// What `read` makes of the bytes; an error when it throws.
template <class Read>
auto guarded(const Kind& kind, std::span<const std::uint8_t> bytes, Read read)
    -> Result<decltype(read())> {
    try {
        return read();
    } catch (const wire::Malformed& malformed) {
        return refusal(kind, bytes, malformed.what);
    } catch (const kj::Exception& exception) {
        return refusal(kind, bytes, exception.getDescription().cStr());
    }
}

template <class Schema, class Value, class... More>
Result<Value> decode(const Kind& kind, std::span<const std::uint8_t> bytes, More... more) {
    if (bytes.size() > kind.bytes_max)
        return refusal(kind, bytes,
                       "at most " + std::to_string(kind.bytes_max) + " bytes are allowed");
    if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0)
        return refusal(kind, bytes, "it is cut off (the size is not a multiple of 8)");
    return guarded(kind, bytes, [&]() -> Value { return read_root<Schema>(bytes, more...); });
}

}  // namespace

Bytes encode(const Frame& frame) {
    Builder message;
    wire::write(frame, message.initRoot<schema::Frame>());
    const auto segments = message.getSegmentsForOutput();
    const bool is_small = segments.size() == 1 && segments[0].size() < packed_words_max;
    return is_small ? packed(segments) : to_bytes(segments);
}

Bytes encode(const Statement& statement) { return encode_canonical<schema::Statement>(statement); }

Bytes encode(const Record& record) { return encode_canonical<schema::Record>(record); }

Bytes encode(const Event& event) { return encode_canonical<schema::Event>(event); }

Bytes encode(const TimelineRow& row) {
    Builder message;
    wire::write(row, message.initRoot<schema::HostCondition>());
    return without_head(packed(message.getSegmentsForOutput()));
}

Bytes encode(const Sample& sample) { return encode_canonical<schema::Sample>(sample); }

Result<Frame> decode_frame(std::span<const std::uint8_t> bytes) {
    const Kind kind{"frame", limits::frame_bytes_max};
    if (is_packed(bytes))
        return guarded(kind, bytes, [&] { return read_packed_root<schema::Frame>(bytes); });
    return decode<schema::Frame, Frame>(kind, bytes);
}

Result<Statement> decode_statement(std::span<const std::uint8_t> bytes) {
    return decode<schema::Statement, Statement>({"statement", limits::frame_bytes_max}, bytes);
}

Result<Record> decode_record(std::span<const std::uint8_t> bytes) {
    return decode<schema::Record, Record>({"record", limits::record_bytes_max}, bytes);
}

Result<Event> decode_event(std::span<const std::uint8_t> bytes) {
    return decode<schema::Event, Event>({"event", limits::record_bytes_max}, bytes);
}

Result<Sample> decode_sample(std::span<const std::uint8_t> bytes, UnixMillis at) {
    return decode<schema::Sample, Sample>({"window of a series", limits::record_bytes_max}, bytes,
                                          at);
}

Result<HostCondition> decode_condition(std::span<const std::uint8_t> bytes, UnixMillis from) {
    const Kind kind{"row of a timeline", packed_bytes_max};
    const bool is_short =
        !bytes.empty() && bytes.front() == short_row_begin && bytes.size() <= kind.bytes_max;
    if (is_short) {
        std::array<std::uint8_t, packed_bytes_max + row_head.size()> whole;
        const auto rest = std::copy(row_head.begin(), row_head.end(), whole.begin());
        const auto end = std::copy(bytes.begin() + 1, bytes.end(), rest);
        return guarded(kind, bytes, [&] {
            return read_packed_root<schema::HostCondition>({whole.begin(), end}, from);
        });
    }
    if (is_packed(bytes))
        return guarded(kind, bytes,
                       [&] { return read_packed_root<schema::HostCondition>(bytes, from); });
    return decode<schema::HostCondition, HostCondition>(kind, bytes, from);
}

}  // namespace coppice
