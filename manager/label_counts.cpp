// Two maps, and the sum of their sizes.

#include "manager/label_counts.h"

#include <algorithm>

#include "common/limits.h"

namespace coppice {

bool shows_release(const HostRecord& host) {
    return !host.release.empty() && !host.labels.contains(release_key);
}

void LabelCounts::add(const HostRecord& host) {
    for (const auto& [key, value] : host.labels) add(key, value);
    if (shows_release(host)) add(release_key, host.release);
}

void LabelCounts::remove(const HostRecord& host) {
    for (const auto& [key, value] : host.labels) remove(key, value);
    if (shows_release(host)) remove(release_key, host.release);
}

std::uint64_t LabelCounts::hosts_with(const std::string& key, const std::string& value) const {
    const auto values = counts_.find(key);
    if (values == counts_.end()) return 0;
    const auto count = values->second.find(value);
    return count == values->second.end() ? 0 : count->second;
}

void LabelCounts::add(const std::string& key, const std::string& value) {
    if (too_various_.contains(key)) return;
    if (++counts_[key][value] > 1) return;
    if (++values_ > limits::label_values_counted_max) drop_the_most_various();
}

void LabelCounts::remove(const std::string& key, const std::string& value) {
    const auto values = counts_.find(key);
    if (values == counts_.end()) return;
    const auto count = values->second.find(value);
    if (count == values->second.end() || --count->second > 0) return;
    values->second.erase(count);
    --values_;
    if (values->second.empty()) counts_.erase(values);
}

void LabelCounts::drop_the_most_various() {
    const auto most = std::max_element(counts_.begin(), counts_.end(), [](auto& left, auto& right) {
        return left.second.size() < right.second.size();
    });
    values_ -= most->second.size();
    too_various_.insert(most->first);
    counts_.erase(most);
}

}  // namespace coppice
