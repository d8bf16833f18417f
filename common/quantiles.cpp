#include "common/quantiles.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/limits.h"

namespace coppice {
namespace {

using Bin = Quantiles::Bin;

constexpr int bins_per_doubling = Quantiles::bins_per_doubling;
/// Doublings, as std::frexp counts them: of the smallest magnitude that is not nothing, and of the
/// greatest, which limits::measurement_magnitude_max is the first of.
constexpr int doubling_min = -63;
constexpr int doubling_max = 65;
static_assert(limits::measurement_magnitude_max == 0x1p64);
static_assert(Quantiles::index_max == (doubling_max - doubling_min + 1) * bins_per_doubling);

std::int32_t index_of(double value) {
    int doubling = 0;
    const double fraction = std::frexp(std::abs(value), &doubling);  // from 1/2 to below 1
    if (fraction == 0 || doubling < doubling_min) return 0;
    const int part = std::clamp(static_cast<int>((std::log2(fraction) + 1) * bins_per_doubling), 0,
                                bins_per_doubling - 1);
    const int index = (doubling - doubling_min) * bins_per_doubling + part + 1;
    return value < 0 ? -index : index;
}

int doubling_of(std::int32_t index) {
    return (std::abs(index) - 1) / bins_per_doubling + doubling_min;
}

/// The value that is as far, relatively, from the least as from the greatest of its bin.
double middle(std::int32_t index) {
    if (index == 0) return 0;
    const int part = (std::abs(index) - 1) % bins_per_doubling;
    const double least =
        std::exp2(doubling_of(index) - 1 + static_cast<double>(part) / bins_per_doubling);
    const double middle = least * (1 + Quantiles::relative_error);
    return index < 0 ? -middle : middle;
}

Quantiles::Bucket bucket_of(std::int32_t index) {
    if (index == 0) return {};
    const double least = std::ldexp(0.5, doubling_of(index));
    return index < 0 ? Quantiles::Bucket{.from = -2 * least, .to = -least}
                     : Quantiles::Bucket{.from = least, .to = 2 * least};
}

bool has_lower_index(const Bin& left, const Bin& right) { return left.index < right.index; }

}  // namespace

void Quantiles::add(double value) {
    const Bin bin{.index = index_of(value), .count = 1};
    const auto place = std::lower_bound(bins.begin(), bins.end(), bin, has_lower_index);
    if (place != bins.end() && place->index == bin.index) {
        ++place->count;
    } else {
        bins.insert(place, bin);
    }
}

void Quantiles::fold(const Quantiles& other) {
    auto mine = bins.begin();
    std::vector<Bin> further;
    for (const Bin& bin : other.bins) {
        while (mine != bins.end() && mine->index < bin.index) ++mine;
        if (mine != bins.end() && mine->index == bin.index) {
            mine->count += bin.count;
        } else {
            further.push_back(bin);
        }
    }
    if (further.empty()) return;
    const auto middle = static_cast<std::ptrdiff_t>(bins.size());
    bins.insert(bins.end(), further.begin(), further.end());
    std::inplace_merge(bins.begin(), bins.begin() + middle, bins.end(), has_lower_index);
}

std::uint64_t Quantiles::count() const {
    std::uint64_t count = 0;
    for (const Bin& bin : bins) count += bin.count;
    return count;
}

double Quantiles::quantile(double share) const {
    const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(count() - 1));
    std::uint64_t passed = 0;
    for (const Bin& bin : bins) {
        passed += bin.count;
        if (passed > rank) return middle(bin.index);
    }
    return std::numeric_limits<double>::quiet_NaN();  // of nothing
}

std::vector<Quantiles::Bucket> Quantiles::histogram() const {
    std::vector<Bucket> buckets;
    for (const Bin& bin : bins) {
        const Bucket bucket = bucket_of(bin.index);
        if (buckets.empty() || buckets.back().from != bucket.from || buckets.back().to != bucket.to)
            buckets.push_back(bucket);
        buckets.back().count += bin.count;
    }
    return buckets;
}

bool Quantiles::is_sound() const {
    std::int32_t lowest = -index_max;
    for (const Bin& bin : bins) {
        if (bin.index < lowest || bin.index > index_max || bin.count == 0) return false;
        lowest = bin.index + 1;
    }
    return true;
}

}  // namespace coppice
