#include "common/host_set.h"

#include <roaring/roaring.h>

#include <utility>

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
HostSet::HostSet(HostSet&& other) noexcept
    : bitmap_{std::move(other.bitmap_)},
      only_{std::exchange(other.only_, std::nullopt)},
      digest_{std::exchange(other.digest_, 0)} {}

HostSet& HostSet::operator=(HostSet&& other) noexcept {
    bitmap_ = std::move(other.bitmap_);
    only_ = std::exchange(other.only_, std::nullopt);
    digest_ = std::exchange(other.digest_, 0);
    return *this;
}

HostSet::~HostSet() = default;

HostSet::HostSet(std::initializer_list<HostId> hosts) {
    for (const HostId host : hosts) insert(host);
}

HostSet::HostSet(const HostSet& other)
    : bitmap_{other.bitmap_ ? roaring_bitmap_copy(other.get()) : nullptr},
      only_{other.only_},
      digest_{other.digest_} {}

HostSet& HostSet::operator=(const HostSet& other) {
    if (this != &other) *this = HostSet{other};
    return *this;
}

HostSet::Handle HostSet::to_bitmap() const {
    Handle bitmap{bitmap_ ? roaring_bitmap_copy(get()) : roaring_bitmap_create()};
    if (only_) roaring_bitmap_add(bitmap.get(), only_->value);
    return bitmap;
}

void HostSet::take_bitmap(Handle bitmap) {
    clear();
    if (roaring_bitmap_get_cardinality(bitmap.get()) == 1)
        only_ = HostId{roaring_bitmap_minimum(bitmap.get())};
    else
        bitmap_ = std::move(bitmap);
}

void HostSet::insert(HostId host) {
    if (empty()) {
        clear();
        only_ = host;
        return;
    }
    if (!bitmap_) {
        if (only_ == host) return;
        bitmap_ = to_bitmap();
        only_.reset();
    }
    roaring_bitmap_add(get(), host.value);
    digest_ = 0;
}

void HostSet::erase(HostId host) {
    if (only_ == host) return clear();
    if (!bitmap_) return;
    roaring_bitmap_remove(get(), host.value);
    digest_ = 0;
}

void HostSet::clear() {
    bitmap_.reset();
    only_.reset();
    digest_ = 0;
}

bool HostSet::contains(HostId host) const {
    return bitmap_ ? roaring_bitmap_contains(get(), host.value) : only_ == host;
}

bool HostSet::empty() const { return bitmap_ ? roaring_bitmap_is_empty(get()) : !only_; }

std::uint64_t HostSet::size() const {
    return bitmap_ ? roaring_bitmap_get_cardinality(get()) : only_ ? 1 : 0;
}

bool HostSet::intersects(const HostSet& other) const {
    if (only_) return other.contains(*only_);
    if (other.only_) return contains(*other.only_);
    return bitmap_ && other.bitmap_ && roaring_bitmap_intersect(get(), other.get());
}

bool HostSet::includes(const HostSet& other) const {
    if (other.only_) return contains(*other.only_);
    if (other.empty()) return true;
    if (bitmap_) return roaring_bitmap_is_subset(other.get(), get());
    return only_ && other.size() == 1 && other.contains(*only_);
}

std::vector<HostId> HostSet::to_vector() const {
    if (only_) return {*only_};
    std::vector<HostId> hosts;
    if (!bitmap_) return hosts;
    std::vector<std::uint32_t> values(size());
    roaring_bitmap_to_uint32_array(get(), values.data());
    hosts.reserve(values.size());
    for (const std::uint32_t value : values) hosts.push_back(HostId{value});
    return hosts;
}

HostSet& HostSet::operator|=(const HostSet& other) {
    if (other.only_) {
        insert(*other.only_);
    } else if (bitmap_ && other.bitmap_) {
        roaring_bitmap_or_inplace(get(), other.get());
        digest_ = 0;
    } else if (other.bitmap_) {
        const std::optional<HostId> before = only_;
        *this = other;
        if (before) insert(*before);
    }
    return *this;
}

HostSet& HostSet::operator&=(const HostSet& other) {
    if (bitmap_ && other.bitmap_) {
        roaring_bitmap_and_inplace(get(), other.get());
        digest_ = 0;
        return *this;
    }
    const std::optional<HostId> one = only_ ? only_ : other.only_;
    const bool is_in_both = one && contains(*one) && other.contains(*one);
    clear();
    if (is_in_both) only_ = one;
    return *this;
}

HostSet& HostSet::operator-=(const HostSet& other) {
    if (this == &other || (only_ && other.contains(*only_))) {
        clear();  // which the library does not take of itself
    } else if (other.only_) {
        erase(*other.only_);
    } else if (bitmap_ && other.bitmap_) {
        roaring_bitmap_andnot_inplace(get(), other.get());
        digest_ = 0;
    }
    return *this;
}

bool operator==(const HostSet& left, const HostSet& right) {
    if (left.bitmap_ && right.bitmap_) return roaring_bitmap_equals(left.get(), right.get());
    return left.size() == right.size() && left.includes(right);
}

std::uint64_t HostSet::digest() const {
    if (digest_ != 0 || empty()) return digest_;
    std::uint64_t sum = only_ ? mix(only_->value) : 0;
    if (bitmap_)
        roaring_iterate(
            get(),
            [](std::uint32_t value, void* total) {
                *static_cast<std::uint64_t*>(total) += mix(value);
                return true;
            },
            &sum);
    digest_ = sum == 0 ? 1 : sum;
    return digest_;
}

std::size_t HostSet::byte_size() const {
    if (empty()) return 0;
    return roaring_bitmap_portable_size_in_bytes(bitmap_ ? get() : to_bitmap().get());
}

Bytes HostSet::to_bytes() const {
    if (empty()) return {};
    const Handle compact = to_bitmap();
    roaring_bitmap_run_optimize(compact.get());
    Bytes bytes(roaring_bitmap_portable_size_in_bytes(compact.get()));
    roaring_bitmap_portable_serialize(compact.get(), reinterpret_cast<char*>(bytes.data()));
    return bytes;
}

Result<HostSet> HostSet::from_bytes(std::span<const std::uint8_t> bytes) {
    HostSet set;
    if (bytes.empty()) return set;
    Handle bitmap;
    if (is_portable_bitmap(bytes))
        bitmap.reset(roaring_bitmap_portable_deserialize_safe(
            reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    if (!bitmap) return Error{"a host set is not in the portable roaring format; it is dropped"};
    set.take_bitmap(std::move(bitmap));
    if (set.size() > limits::hosts_max)
        return Error{"a host set has more than " + std::to_string(limits::hosts_max) +
                     " hosts; it is dropped"};
    return set;
}

}  // namespace coppice
