#include "common/host_set.h"

#include <roaring/roaring.h>

#include "common/bitmap_format.h"
#include "common/limits.h"

namespace coppice {
namespace {

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that spreads every bit.
std::uint64_t mix(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31U);
}

}  // namespace

void HostSet::Free::operator()(roaring_bitmap_s* bitmap) const { roaring_bitmap_free(bitmap); }

HostSet::HostSet() = default;
HostSet::HostSet(HostSet&& other) noexcept = default;
HostSet& HostSet::operator=(HostSet&& other) noexcept = default;
HostSet::~HostSet() = default;

HostSet::HostSet(std::initializer_list<HostId> hosts) {
    for (const HostId host : hosts) insert(host);
}

HostSet::HostSet(const HostSet& other)
    : bitmap_{other.bitmap_ ? roaring_bitmap_copy(other.get()) : nullptr} {}

HostSet& HostSet::operator=(const HostSet& other) {
    if (this != &other) bitmap_.reset(other.bitmap_ ? roaring_bitmap_copy(other.get()) : nullptr);
    return *this;
}

void HostSet::insert(HostId host) {
    if (!bitmap_) bitmap_.reset(roaring_bitmap_create());
    roaring_bitmap_add(get(), host.value);
}

void HostSet::erase(HostId host) {
    if (bitmap_) roaring_bitmap_remove(get(), host.value);
}

void HostSet::clear() { bitmap_.reset(); }

bool HostSet::contains(HostId host) const {
    return bitmap_ && roaring_bitmap_contains(get(), host.value);
}

bool HostSet::empty() const { return !bitmap_ || roaring_bitmap_is_empty(get()); }

std::uint64_t HostSet::size() const { return bitmap_ ? roaring_bitmap_get_cardinality(get()) : 0; }

bool HostSet::intersects(const HostSet& other) const {
    return bitmap_ && other.bitmap_ && roaring_bitmap_intersect(get(), other.get());
}

bool HostSet::includes(const HostSet& other) const {
    return other.empty() || (bitmap_ && roaring_bitmap_is_subset(other.get(), get()));
}

std::vector<HostId> HostSet::to_vector() const {
    std::vector<HostId> hosts;
    if (!bitmap_) return hosts;
    std::vector<std::uint32_t> values(size());
    roaring_bitmap_to_uint32_array(get(), values.data());
    hosts.reserve(values.size());
    for (const std::uint32_t value : values) hosts.push_back(HostId{value});
    return hosts;
}

HostSet& HostSet::operator|=(const HostSet& other) {
    if (!other.bitmap_) return *this;
    if (!bitmap_) return *this = other;
    roaring_bitmap_or_inplace(get(), other.get());
    return *this;
}

HostSet& HostSet::operator&=(const HostSet& other) {
    if (!bitmap_) return *this;
    if (!other.bitmap_) {
        clear();
    } else {
        roaring_bitmap_and_inplace(get(), other.get());
    }
    return *this;
}

HostSet& HostSet::operator-=(const HostSet& other) {
    if (this == &other) {
        clear();  // which the library does not take
        return *this;
    }
    if (bitmap_ && other.bitmap_) roaring_bitmap_andnot_inplace(get(), other.get());
    return *this;
}

bool operator==(const HostSet& left, const HostSet& right) {
    if (left.empty() || right.empty()) return left.empty() == right.empty();
    return roaring_bitmap_equals(left.get(), right.get());
}

std::uint64_t HostSet::digest() const {
    if (empty()) return 0;
    std::uint64_t sum = 0;
    roaring_iterate(
        get(),
        [](std::uint32_t value, void* total) {
            *static_cast<std::uint64_t*>(total) += mix(value);
            return true;
        },
        &sum);
    return sum == 0 ? 1 : sum;
}

std::size_t HostSet::byte_size() const {
    return empty() ? 0 : roaring_bitmap_portable_size_in_bytes(get());
}

Bytes HostSet::to_bytes() const {
    if (empty()) return {};
    const Handle compact{roaring_bitmap_copy(get())};
    roaring_bitmap_run_optimize(compact.get());
    Bytes bytes(roaring_bitmap_portable_size_in_bytes(compact.get()));
    roaring_bitmap_portable_serialize(compact.get(), reinterpret_cast<char*>(bytes.data()));
    return bytes;
}

Result<HostSet> HostSet::from_bytes(std::span<const std::uint8_t> bytes) {
    HostSet set;
    if (bytes.empty()) return set;
    if (is_portable_bitmap(bytes))
        set.bitmap_.reset(roaring_bitmap_portable_deserialize_safe(
            reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    if (!set.bitmap_)
        return Error{"a host set is not in the portable roaring format; it is dropped"};
    if (set.size() > limits::hosts_max)
        return Error{"a host set has more than " + std::to_string(limits::hosts_max) +
                     " hosts; it is dropped"};
    return set;
}

}  // namespace coppice
