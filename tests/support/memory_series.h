#pragma once
// What the windows of series gave, in memory.

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "common/record.h"

namespace coppice::testing {

class MemorySeries final : public SeriesReader {
public:
    void take(std::span<const Write> writes) {
        for (const Write& write : writes) {
            if (const auto* keep = std::get_if<Keep>(&write))
                windows_[keep->series].insert_or_assign(keep->sample.at, keep->sample);
            if (const auto* forget = std::get_if<ForgetSeries>(&write))
                windows_.erase(forget->series);
        }
    }

    [[nodiscard]] Result<std::vector<Sample>> samples(std::string_view series, UnixMillis after,
                                                      std::size_t count_max) override {
        std::vector<Sample> found;
        const auto known = windows_.find(series);
        if (known == windows_.end()) return found;
        for (auto next = known->second.upper_bound(after);
             next != known->second.end() && found.size() < count_max; ++next)
            found.push_back(next->second);
        return found;
    }

private:
    std::map<std::string, std::map<UnixMillis, Sample>, std::less<>> windows_;
};

}  // namespace coppice::testing
