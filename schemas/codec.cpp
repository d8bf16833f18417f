#include "schemas/codec.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>
#include <kj/io.h>

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

struct Kind {
    const char* name;
    std::size_t bytes_max;
};

Error refusal(const Kind& kind, std::span<const std::uint8_t> bytes, const std::string& why) {
    return {"a " + std::string{kind.name} + " of " + std::to_string(bytes.size()) +
            " bytes is refused: " + why};
}

template <class Schema>
auto read_root(std::span<const std::uint8_t> bytes) {
    const AlignedWords words{bytes};
    capnp::ReaderOptions options;
    options.traversalLimitInWords = 4 * words.get().size() + 64;
    options.nestingLimit = 12;
    capnp::FlatArrayMessageReader reader{words.get(), options};
    if (reader.getEnd() != words.get().end()) throw wire::Malformed{"it has bytes after its end"};
    return wire::read(reader.getRoot<Schema>());
}

template <class Schema, class Value>
Result<Value> decode(const Kind& kind, std::span<const std::uint8_t> bytes) {
    if (bytes.size() > kind.bytes_max)
        return refusal(kind, bytes,
                       "at most " + std::to_string(kind.bytes_max) + " bytes are allowed");
    if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0)
        return refusal(kind, bytes, "it is cut off (the size is not a multiple of 8)");
    try {
        return Value{read_root<Schema>(bytes)};
    } catch (const wire::Malformed& malformed) {
        return refusal(kind, bytes, malformed.what);
    } catch (const kj::Exception& exception) {
        return refusal(kind, bytes, exception.getDescription().cStr());
    }
}

}  // namespace

Bytes encode(const Frame& frame) {
    Builder message;
    wire::write(frame, message.initRoot<schema::Frame>());
    return to_bytes(message.getSegmentsForOutput());
}

Bytes encode(const Statement& statement) { return encode_canonical<schema::Statement>(statement); }

Bytes encode(const Record& record) { return encode_canonical<schema::Record>(record); }

Bytes encode(const Event& event) { return encode_canonical<schema::Event>(event); }

Result<Frame> decode_frame(std::span<const std::uint8_t> bytes) {
    return decode<schema::Frame, Frame>({"frame", limits::frame_bytes_max}, bytes);
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

}  // namespace coppice
