// Bytes of any origin: frames, statements, records and events. The first byte chooses which.
#include "schemas/codec.h"

#include "tests/fuzz/decisions.h"

namespace coppice::fuzz {
namespace {

/// What comes out can be used: it is encoded, read again as the same, and is not much larger.
template <class Value>
void check(const Result<Value>& decoded, std::size_t size) {
    // A reader follows each word four times, and 64 more (read_root): parts may be shared. Each
    // such word may be a struct of a list that leaves its fields out, which take their place here;
    // the largest, an order, has 16 words.
    constexpr std::size_t struct_words_max = 16;
    constexpr std::size_t growth_max = 4 * struct_words_max;
    constexpr std::size_t overhead = 64 * struct_words_max * sizeof(std::uint64_t);
    if (!decoded.ok()) {
        COPPICE_ENSURE(!decoded.error().message.empty(), "an error is a sentence");
        return;
    }
    const Bytes bytes = encode(*decoded);
    COPPICE_ENSURE(bytes.size() <= growth_max * size + overhead, "a value outgrows its bytes");
    Result<Value> again = Error{};
    if constexpr (std::is_same_v<Value, Frame>) again = decode_frame(bytes);
    if constexpr (std::is_same_v<Value, Statement>) again = decode_statement(bytes);
    if constexpr (std::is_same_v<Value, Record>) again = decode_record(bytes);
    if constexpr (std::is_same_v<Value, Event>) again = decode_event(bytes);
    COPPICE_ENSURE(again.ok(), "an encoded value is read again");
    COPPICE_ENSURE(*again == *decoded, "as the same");
    COPPICE_ENSURE(encode(*again) == bytes, "equal values have equal bytes");
}

}  // namespace
}  // namespace coppice::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace coppice;
    fuzz::Decisions decisions{data, size};
    const std::uint8_t kind = decisions.below(4);
    const std::span<const std::uint8_t> bytes = decisions.rest();
    if (kind == 0) fuzz::check(decode_frame(bytes), size);
    if (kind == 1) fuzz::check(decode_statement(bytes), size);
    if (kind == 2) fuzz::check(decode_record(bytes), size);
    if (kind == 3) fuzz::check(decode_event(bytes), size);
    return 0;
}
