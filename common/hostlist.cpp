// Host lists: expansion within a limit, and folding into ranges.
#include "common/hostlist.h"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <utility>

#include "common/host_pattern.h"
#include "common/limits.h"

namespace coppice {
namespace {

constexpr std::size_t digits_max = 18;  // longer runs of digits are kept as they are

/// What is left of a name without one of its runs of digits.
struct Frame {
    std::string before;
    std::string after;
    friend auto operator<=>(const Frame&, const Frame&) = default;
};

/// The digits taken out of a name. Fewer digits sort first, so unpadded numbers sort as numbers.
struct Number {
    std::size_t length = 0;
    std::uint64_t value = 0;
    friend auto operator<=>(const Number&, const Number&) = default;

    [[nodiscard]] std::string text() const { return padded_number(value, length); }
};

struct Split {
    Frame frame;
    Number number;
};

/// One split per run of digits, in order of the name.
std::vector<Split> splits_of(const std::string& name) {
    static const std::string digits = "0123456789";
    std::vector<Split> splits;
    std::size_t start = name.find_first_of(digits);
    while (start != std::string::npos) {
        const std::size_t end = std::min(name.find_first_not_of(digits, start), name.size());
        if (end - start <= digits_max)
            splits.push_back({.frame = {.before = name.substr(0, start), .after = name.substr(end)},
                              .number = {.length = end - start,
                                         .value = std::stoull(name.substr(start, end - start))}});
        start = name.find_first_of(digits, end);
    }
    return splits;
}

std::string fold_group(const Frame& frame, std::vector<Number>& numbers) {
    if (numbers.size() == 1) return frame.before + numbers.front().text() + frame.after;
    std::sort(numbers.begin(), numbers.end());
    std::string folded;
    for (std::size_t first = 0; first < numbers.size();) {
        const std::string start = numbers[first].text();
        const std::size_t width = start.front() == '0' ? start.size() : 1;
        std::size_t last = first;
        while (last + 1 < numbers.size() && numbers[last + 1].value == numbers[last].value + 1 &&
               padded_number(numbers[last + 1].value, width) == numbers[last + 1].text())
            ++last;
        if (!folded.empty()) folded += ',';
        folded += start;
        if (last > first) folded += '-' + numbers[last].text();
        first = last + 1;
    }
    return frame.before + '[' + folded + ']' + frame.after;
}

}  // namespace

Result<std::vector<std::string>> expand_host_list(std::string_view text) {
    const Result<std::vector<HostPattern>> patterns = HostPattern::parse_list(text, "host list", 0);
    if (!patterns.ok()) return patterns.error();
    std::uint64_t size = 0;
    for (const HostPattern& pattern : *patterns) size += pattern.size();
    if (size > limits::host_list_hosts_max)
        return Error{"the host list names more than " +
                     std::to_string(limits::host_list_hosts_max) + " hosts; write a shorter one"};
    std::vector<std::string> names;
    names.reserve(size);
    for (const HostPattern& pattern : *patterns) pattern.expand(names);
    return names;
}

std::string fold_host_list(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());

    std::map<Frame, std::size_t> members;
    for (const std::string& name : names)
        for (const Split& split : splits_of(name)) ++members[split.frame];

    std::vector<std::string> entries;
    std::map<Frame, std::vector<Number>> groups;
    for (const std::string& name : names) {
        const std::vector<Split> splits = splits_of(name);
        // The frame that most names share; the last one of equals.
        const auto best = std::max_element(splits.rbegin(), splits.rend(),
                                           [&](const Split& left, const Split& right) {
                                               return members[left.frame] < members[right.frame];
                                           });
        if (best == splits.rend() || members[best->frame] == 1) {
            entries.push_back(name);
        } else {
            groups[best->frame].push_back(best->number);
        }
    }
    for (auto& [frame, numbers] : groups) entries.push_back(fold_group(frame, numbers));
    std::sort(entries.begin(), entries.end());

    std::string folded;
    for (const std::string& entry : entries) folded += (folded.empty() ? "" : ",") + entry;
    return folded;
}

}  // namespace coppice
