#pragma once
// How many present hosts have each value of each label, of each two labels, and each release.

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/record.h"

namespace coppice {

/// Counts at most `limits::label_values_counted_max` values in all. When there are more, the label
/// with the most values is counted no longer: what differs from host to host, such as a serial
/// number, is nothing that hosts share.
class LabelCounts {
public:
    /// What hosts can share by their labels; see shared_by().
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

/// Keys and values: the labels of a host; each two of its first four, as "cluster,site" and
/// "c1,s2", since names such as c1 may be used in several places; and its release, unless it has a
/// label of that name.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> shared_by(const HostRecord& host);

}  // namespace coppice
