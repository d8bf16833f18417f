#pragma once
// Timelines of hosts in memory, as a store has them, but for what is dropped for its age.

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/record.h"

namespace coppice::testing {

class MemoryTimelines final : public TimelineReader {
public:
    void take(std::span<const Write> writes) {
        for (const Write& write : writes) {
            if (const auto* begin = std::get_if<Begin>(&write)) {
                auto& rows = rows_[begin->row.host];
                UnixMillis from = begin->row.from;
                rows.erase(rows.lower_bound(from), rows.lower_bound(from + timeline_set_back_max));
                if (!rows.empty()) from = std::max(from, rows.rbegin()->first + UnixMillis{1});
                rows.emplace(from, begin->row.condition);
                ++begun_;
            } else if (const auto* inherit = std::get_if<Inherit>(&write)) {
                auto rows = rows_.extract(inherit->former);
                if (rows.empty() || inherit->heir == HostId{}) continue;
                rows.key() = inherit->heir;
                rows_.insert(std::move(rows));
            }
        }
    }

    [[nodiscard]] Result<std::vector<TimelineRow>> timeline(HostId host, UnixMillis time,
                                                            std::size_t count_max) override {
        if (failure_) return *failure_;
        std::vector<TimelineRow> found;
        const auto& rows = rows_[host];
        auto next = rows.upper_bound(time);
        if (next != rows.begin()) --next;
        for (; next != rows.end() && found.size() < count_max; ++next)
            found.push_back({host, next->first, next->second});
        return found;
    }

    [[nodiscard]] std::vector<TimelineRow> all(HostId host) {
        return *timeline(host, UnixMillis::min(), SIZE_MAX);
    }
    /// As a store on a disk that is gone: nothing can be read from now on.
    void fail(const std::string& why) { failure_ = Error{why}; }
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    [[nodiscard]] std::uint64_t begun() const { return begun_; }

private:
    std::map<HostId, std::map<UnixMillis, HostCondition>> rows_;
    std::uint64_t begun_ = 0;
    std::optional<Error> failure_;
};

}  // namespace coppice::testing
