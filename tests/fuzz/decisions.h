#pragma once
// What all fuzz targets share: their entry, and bytes that are read as a sequence of decisions.
//
// A target is one file that defines LLVMFuzzerTestOneInput. It feeds the bytes to the code under
// test and stops the process (COPPICE_ENSURE) when a promise of a header is broken. The `asan`
// preset links it with libFuzzer; every other preset links it with replay.cpp.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/ensure.h"
#include "common/ids.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace coppice::fuzz {

/// Takes bytes from the front. At the end every decision is zero, so that short inputs are
/// harmless.
class Decisions {
public:
    Decisions(const std::uint8_t* data, std::size_t size) : rest_{data, size} {}

    [[nodiscard]] bool is_over() const { return rest_.empty(); }

    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const std::uint8_t first = rest_.front();
        rest_ = rest_.subspan(1);
        return first;
    }
    /// Less than `bound`, which is 1 to 256.
    std::uint8_t below(std::uint32_t bound) { return static_cast<std::uint8_t>(byte() % bound); }
    bool flag() { return (byte() & 1U) != 0; }
    /// Mostly small; now and then near the limits of its type, or anything.
    std::uint64_t number() {
        const std::uint8_t kind = byte();
        if (kind < 0xf0) return kind;
        if (kind < 0xf8) return ~std::uint64_t{0} - (kind & 7U);
        std::uint64_t value = 0;
        for (int i = 0; i < 8; ++i) value = value << 8U | byte();
        return value;
    }
    Bytes bytes(std::size_t size_max) {
        const std::size_t size = std::min<std::size_t>({byte(), size_max, rest_.size()});
        const Bytes taken{rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(size)};
        rest_ = rest_.subspan(size);
        return taken;
    }
    std::string text(std::size_t size_max) {
        const Bytes taken = bytes(size_max);
        return {taken.begin(), taken.end()};
    }
    /// All that is left.
    std::span<const std::uint8_t> rest() {
        const std::span<const std::uint8_t> all = rest_;
        rest_ = {};
        return all;
    }
    std::string_view rest_text() {
        const std::span<const std::uint8_t> all = rest();
        return {reinterpret_cast<const char*>(all.data()), all.size()};
    }

private:
    std::span<const std::uint8_t> rest_;
};

}  // namespace coppice::fuzz
