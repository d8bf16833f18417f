#include "common/close_name.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace coppice {
namespace {

/// With more changes than this a candidate is another word.
std::size_t changes_max(std::string_view word) { return 1 + word.size() / 3; }

std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t at = 0; at < row.size(); ++at) row[at] = at;
    for (std::size_t line = 1; line <= left.size(); ++line) {
        std::size_t diagonal = std::exchange(row[0], line);
        for (std::size_t at = 1; at < row.size(); ++at) {
            const std::size_t change = diagonal + (left[line - 1] == right[at - 1] ? 0 : 1);
            diagonal = row[at];
            row[at] = std::min({change, row[at] + 1, row[at - 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
    const std::string* closest = nullptr;
    std::size_t fewest = changes_max(word) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t changes = distance(word, candidate);
        if (changes >= fewest) continue;
        fewest = changes;
        closest = &candidate;
    }
    return closest == nullptr || fewest == 0 ? std::string{}
                                             : "; did you mean \"" + *closest + "\"?";
}

}  // namespace coppice
