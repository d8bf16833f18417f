#pragma once
// A set of hosts as a compressed bitmap: unions cannot count a host twice.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "common/ids.h"
#include "common/result.h"

struct roaring_bitmap_s;

namespace coppice {

/// A value type. Memory is about 2 bytes a host when sparse, 1 bit when dense, a few bytes a run; a
/// set of one host has no memory but its own.
class HostSet {
public:
    HostSet();
    HostSet(std::initializer_list<HostId> hosts);
    HostSet(const HostSet& other);
    HostSet(HostSet&& other) noexcept;
    HostSet& operator=(const HostSet& other);
    HostSet& operator=(HostSet&& other) noexcept;
    ~HostSet();

    void insert(HostId host);
    void erase(HostId host);
    void clear();

    [[nodiscard]] bool contains(HostId host) const;
    [[nodiscard]] bool empty() const;
    [[nodiscard]] std::uint64_t size() const;
    [[nodiscard]] bool intersects(const HostSet& other) const;
    /// True when every host of `other` is in this set.
    [[nodiscard]] bool includes(const HostSet& other) const;
    [[nodiscard]] std::vector<HostId> to_vector() const;  // ascending

    HostSet& operator|=(const HostSet& other);
    HostSet& operator&=(const HostSet& other);
    HostSet& operator-=(const HostSet& other);
    friend HostSet operator|(HostSet left, const HostSet& right) { return left |= right; }
    friend HostSet operator&(HostSet left, const HostSet& right) { return left &= right; }
    friend HostSet operator-(HostSet left, const HostSet& right) { return left -= right; }
    friend bool operator==(const HostSet& left, const HostSet& right);

    /// Equal sets have equal digests; 0 only for the empty set. Not a defence against forgery.
    /// Computed once for each content, so that asking again, or of a copy, costs nothing.
    [[nodiscard]] std::uint64_t digest() const;

    /// What to_bytes() takes at most.
    [[nodiscard]] std::size_t byte_size() const;
    /// The portable roaring format (github.com/RoaringBitmap/RoaringFormatSpec), run-length
    /// optimised.
    [[nodiscard]] Bytes to_bytes() const;
    /// Refuses bytes that are not a well-formed set, without reading past their end.
    [[nodiscard]] static Result<HostSet> from_bytes(std::span<const std::uint8_t> bytes);

private:
    struct Free {
        void operator()(roaring_bitmap_s* bitmap) const;
    };
    using Handle = std::unique_ptr<roaring_bitmap_s, Free>;
    [[nodiscard]] roaring_bitmap_s* get() const { return bitmap_.get(); }

    /// The set as a bitmap, whatever its size.
    [[nodiscard]] Handle to_bitmap() const;
    void take_bitmap(Handle bitmap);

    // Most sets have one host or none, as a leaf's receipts, and cost no allocation: when there is
    // no bitmap, the set is `only_`.
    Handle bitmap_;
    std::optional<HostId> only_;
    mutable std::uint64_t digest_ = 0;  // zero when it is not known
};

}  // namespace coppice
