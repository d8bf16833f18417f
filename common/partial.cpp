#include "common/partial.h"

#include <algorithm>
#include <iterator>

#include "common/limits.h"

namespace coppice {
namespace {

void fold_group(Aggregate& into, const Aggregate& other, const Inquiry& inquiry) {
    if (other.hosts == 0) return;
    if (into.hosts == 0) {
        into = other;
        return;
    }
    into.hosts += other.hosts;
    for (std::size_t at = 0; at < inquiry.folds.size(); ++at)
        fold(into.folds[at], other.folds[at], inquiry.folds[at]);
}

std::size_t byte_size(const Aggregate& group) {
    std::size_t bytes = 0;
    for (const Accumulator& accumulator : group.folds) bytes += byte_size(accumulator);
    return bytes;
}

std::size_t byte_size(const GroupKey& key, const Aggregate& group) {
    constexpr std::size_t fixed = 32;  // as accumulators, what it takes in a frame, about
    constexpr std::size_t fixed_of_text = 16;
    std::size_t bytes = fixed + byte_size(group);
    for (const std::string& text : key) bytes += fixed_of_text + text.size();
    return bytes;
}

/// Everything from this key on goes into `other`.
void cut_at(Partial& partial, const GroupKey& key, const Inquiry& inquiry) {
    const auto first = partial.groups.lower_bound(key);
    for (auto group = first; group != partial.groups.end(); ++group)
        fold_group(partial.other, group->second, inquiry);
    partial.groups.erase(first, partial.groups.end());
    partial.cut = key;
}

void keep_within_limit(Partial& partial, const Inquiry& inquiry) {
    if (inquiry.by.empty()) return;
    std::size_t bytes = byte_size(partial.other);
    for (const auto& [key, group] : partial.groups) bytes += byte_size(key, group);
    while (bytes > limits::groups_bytes_max && !partial.groups.empty()) {
        const auto last = std::prev(partial.groups.end());
        bytes -= byte_size(last->first, last->second) + byte_size(partial.other);
        cut_at(partial, GroupKey{last->first}, inquiry);
        bytes += byte_size(partial.other);
    }
}

bool is_sound_group(const Aggregate& group, const Inquiry& inquiry, const HostSet& coverage) {
    if (group.hosts == 0 || group.folds.size() != inquiry.folds.size()) return false;
    const auto is_inside = [&](const Ranking::Entry& entry) {
        return coverage.contains(entry.host);
    };
    for (std::size_t at = 0; at < group.folds.size(); ++at) {
        const Accumulator& fold = group.folds[at];
        if (!is_sound(fold, inquiry.folds[at], group.hosts)) return false;
        const auto* ranking = std::get_if<Ranking>(&fold);
        if (ranking && !std::all_of(ranking->best.begin(), ranking->best.end(), is_inside))
            return false;
    }
    return true;
}

}  // namespace

Partial partial_of(const Inquiry& inquiry, HostId host, const HostValues& values) {
    GroupKey key;
    for (const std::string& name : inquiry.by) {
        const std::string* text = values.text(name);
        key.push_back(text == nullptr ? std::string{} : *text);
    }
    Aggregate group{.hosts = 1, .folds = {}};
    for (const FoldSpec& spec : inquiry.folds) group.folds.push_back(value_of(spec, host, values));
    Partial partial;
    partial.groups.emplace(std::move(key), std::move(group));
    partial.coverage.insert(host);
    return partial;
}

bool fold(Partial& into, const Partial& other, const Inquiry& inquiry) {
    if (into.coverage.intersects(other.coverage)) return false;
    into.coverage |= other.coverage;
    for (const auto& [key, group] : other.groups) fold_group(into.groups[key], group, inquiry);
    fold_group(into.other, other.other, inquiry);
    const bool is_cut_lower = other.cut && (!into.cut || *other.cut < *into.cut);
    if (is_cut_lower || into.cut) cut_at(into, is_cut_lower ? *other.cut : *into.cut, inquiry);
    keep_within_limit(into, inquiry);
    return true;
}

bool is_sound(const Partial& partial, const Inquiry& inquiry) {
    std::uint64_t hosts = partial.other.hosts;
    for (const auto& [key, group] : partial.groups) {
        const bool is_kept = !partial.cut || key < *partial.cut;
        if (!is_kept || key.size() != inquiry.by.size()) return false;
        if (!is_sound_group(group, inquiry, partial.coverage)) return false;
        hosts += group.hosts;
    }
    const bool has_other = partial.other.hosts > 0;
    return hosts == partial.coverage.size() && has_other == partial.cut.has_value() &&
           (!has_other || is_sound_group(partial.other, inquiry, partial.coverage));
}

}  // namespace coppice
