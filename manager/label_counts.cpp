// Two maps, and the sum of their sizes.

#include "manager/label_counts.h"

#include <algorithm>

#include "common/limits.h"

namespace coppice {

namespace {

constexpr std::size_t paired_max = 4;
constexpr const char* release_key = "release";

}  // namespace

std::vector<std::pair<std::string, std::string>> shared_by(const HostRecord& host) {
    std::vector<std::pair<std::string, std::string>> shared{host.labels.begin(), host.labels.end()};
    const std::size_t paired = std::min(shared.size(), paired_max);
    for (std::size_t first = 0; first < paired; ++first)
        for (std::size_t second = first + 1; second < paired; ++second)
            shared.emplace_back(shared[first].first + ',' + shared[second].first,
                                shared[first].second + ',' + shared[second].second);
    if (!host.release.empty() && !host.labels.contains(release_key))
        shared.emplace_back(release_key, host.release);
    return shared;
}

void LabelCounts::add(const HostRecord& host) {
    for (const auto& [key, value] : shared_by(host)) add(key, value);
}

void LabelCounts::remove(const HostRecord& host) {
    for (const auto& [key, value] : shared_by(host)) remove(key, value);
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
