// Reads a bitmap container by container without building it.
#include "common/bitmap_format.h"

#include <bit>
#include <optional>
#include <vector>

namespace coppice {
namespace {

constexpr std::uint32_t cookie_without_runs = 12346;
constexpr std::uint32_t cookie_with_runs = 12347;
constexpr std::size_t containers_max = 65536;
constexpr std::size_t containers_without_offsets = 4;  // fewer have none, if there are runs
constexpr std::uint32_t array_size_max = 4096;
constexpr std::size_t bitset_bytes = 8192;
constexpr std::uint32_t value_max = 65535;

struct Container {
    std::uint32_t size = 0;  // values in it
    bool has_runs = false;
};

class Reader {
public:
    explicit Reader(std::span<const std::uint8_t> bytes) : bytes_{bytes} {}

    bool is_bitmap() {
        if (!read_cookie() || !read_headers()) return false;
        const std::size_t offsets = at_;
        if (has_offsets_) at_ += containers_.size() * 4;
        for (std::size_t i = 0; i < containers_.size(); ++i) {
            if (has_offsets_ && number(offsets + i * 4, 4) != at_) return false;
            if (!read_container(containers_[i])) return false;
        }
        return at_ == bytes_.size();
    }

private:
    bool read_cookie() {
        const std::optional<std::uint32_t> cookie = next(4);
        if (!cookie) return false;
        if ((*cookie & value_max) == cookie_with_runs) return read_flags((*cookie >> 16U) + 1);
        const std::size_t count = next(4).value_or(containers_max + 1);
        if (*cookie != cookie_without_runs || count > containers_max) return false;
        containers_.resize(count);
        return true;
    }

    bool read_flags(std::size_t count) {
        const std::size_t flags = at_;
        at_ += (count + 7) / 8;
        if (at_ > bytes_.size()) return false;
        has_offsets_ = count >= containers_without_offsets;
        containers_.resize(count);
        for (std::size_t i = 0; i < count; ++i)
            containers_[i].has_runs = (bytes_[flags + i / 8] >> (i % 8) & 1U) != 0;
        return true;
    }

    bool read_headers() {
        std::int64_t before = -1;
        for (Container& container : containers_) {
            const std::optional<std::uint32_t> key = next(2);
            const std::optional<std::uint32_t> size = next(2);
            if (!key || !size || *key <= before) return false;
            container.size = *size + 1;
            before = *key;
        }
        return true;
    }

    bool read_container(const Container& container) {
        if (container.has_runs) return read_runs(container.size);
        return container.size <= array_size_max ? read_array(container.size)
                                                : read_bitset(container.size);
    }

    /// Runs ascend with a gap between them: touching ones would be one run.
    bool read_runs(std::uint32_t size) {
        const std::optional<std::uint32_t> count = next(2);
        if (!count || *count == 0) return false;
        std::int64_t before = -2;
        std::uint32_t total = 0;
        for (std::uint32_t i = 0; i < *count; ++i) {
            const std::optional<std::uint32_t> first = next(2);
            const std::optional<std::uint32_t> length = next(2);  // less one
            if (!first || !length || *first <= before + 1 || *first + *length > value_max)
                return false;
            before = *first + *length;
            total += *length + 1;
        }
        return total == size;
    }

    bool read_array(std::uint32_t size) {
        std::int64_t before = -1;
        for (std::uint32_t i = 0; i < size; ++i) {
            const std::optional<std::uint32_t> value = next(2);
            if (!value || *value <= before) return false;
            before = *value;
        }
        return true;
    }

    bool read_bitset(std::uint32_t size) {
        if (at_ > bytes_.size() || bytes_.size() - at_ < bitset_bytes) return false;
        int total = 0;
        for (const std::uint8_t byte : bytes_.subspan(at_, bitset_bytes))
            total += std::popcount(byte);
        at_ += bitset_bytes;
        return total == static_cast<int>(size);
    }

    /// Little endian; nothing when the bytes end before.
    [[nodiscard]] std::optional<std::uint32_t> number(std::size_t place, std::size_t width) const {
        if (place > bytes_.size() || bytes_.size() - place < width) return std::nullopt;
        std::uint32_t number = 0;
        for (std::size_t i = width; i > 0; --i) number = number << 8U | bytes_[place + i - 1];
        return number;
    }

    std::optional<std::uint32_t> next(std::size_t width) {
        const std::optional<std::uint32_t> result = number(at_, width);
        at_ += width;
        return result;
    }

    std::span<const std::uint8_t> bytes_;
    std::size_t at_ = 0;
    bool has_offsets_ = true;
    std::vector<Container> containers_;
};

}  // namespace

bool is_portable_bitmap(std::span<const std::uint8_t> bytes) { return Reader{bytes}.is_bitmap(); }

}  // namespace coppice
