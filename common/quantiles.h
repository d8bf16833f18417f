#pragma once
// Where the values of many hosts lie: counts by magnitude, for quantiles and histograms.
//
// DDSketch (Masson, Rim, Lee: "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with
// Relative-Error Guarantees", VLDB 2019): bins whose bounds grow by one factor. Here that is the
// 35th root of two, so that 35 bins make a doubling exactly, and a histogram of doublings needs no
// sketch of its own.

#include <cstdint>
#include <vector>

namespace coppice {

struct Quantiles {
    /// Of values that differ by 2 % at most. Zero counts what is nothing (below 2^-64, either
    /// sign), positive indices are positive values, ascending; negative ones mirror them.
    struct Bin {
        std::int32_t index = 0;
        std::uint32_t count = 0;
        friend bool operator==(const Bin&, const Bin&) = default;
    };

    /// Values from `from` to below `to`; of negative ones from above `from` to `to`.
    struct Bucket {
        double from = 0;
        double to = 0;
        std::uint64_t count = 0;
        friend bool operator==(const Bucket&, const Bucket&) = default;
    };

    static constexpr int bins_per_doubling = 35;
    /// Of a quantile that is answered, to the value that has that rank: (f - 1) / (f + 1) with the
    /// factor f, the 35th root of two, rounded up.
    static constexpr double relative_error = 0.009902;
    /// And its negative: from 2^-64 to limits::measurement_magnitude_max.
    static constexpr std::int32_t index_max = 129 * bins_per_doubling;

    std::vector<Bin> bins;  // ascending, none empty

    /// Requires a magnitude of limits::measurement_magnitude_max at most.
    void add(double value);
    void fold(const Quantiles& other);
    [[nodiscard]] std::uint64_t count() const;
    /// The value of rank floor(share * (count - 1)), ascending from zero, as near as
    /// `relative_error`. Requires a count above zero and a share from 0 to 1.
    [[nodiscard]] double quantile(double share) const;
    /// Exact counts of doublings, [2^n, 2^(n+1)), ascending, empty ones left out; zeros are
    /// [0, 0].
    [[nodiscard]] std::vector<Bucket> histogram() const;
    /// Bins ascend, are in range, and none is empty.
    [[nodiscard]] bool is_sound() const;
    friend bool operator==(const Quantiles&, const Quantiles&) = default;
};

}  // namespace coppice
