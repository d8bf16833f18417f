#pragma once
// How many present hosts have each value of each label, and each release.

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "common/record.h"

namespace coppice {

/// Counts at most `limits::label_values_counted_max` values in all. When there are more, the label
/// with the most values is counted no longer: what differs from host to host, such as a serial
/// number, is nothing that hosts share.
class LabelCounts {
public:
    /// The labels of a host, and its release as if it were one.
    void add(const HostRecord& host);
    /// Requires the same labels and release as when it was added.
    void remove(const HostRecord& host);
    /// Zero for what is not counted.
    [[nodiscard]] std::uint64_t hosts_with(const std::string& key, const std::string& value) const;

private:
    void add(const std::string& key, const std::string& value);
    void remove(const std::string& key, const std::string& value);
    void drop_the_most_various();

    std::map<std::string, std::map<std::string, std::uint64_t>> counts_;
    std::size_t values_ = 0;
    std::set<std::string> too_various_;
};

inline constexpr const char* release_key = "release";
/// A release is a label too, unless the host has a label of that name.
[[nodiscard]] bool shows_release(const HostRecord& host);

}  // namespace coppice
