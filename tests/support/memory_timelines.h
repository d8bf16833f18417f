#pragma once
// Timelines of hosts in memory, as a store has them, but for what is dropped for its age.

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/record.h"
#include "common/state_counts.h"

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

    /// Once counts are kept: of all hosts that have rows.
    [[nodiscard]] Result<std::optional<StateCounts>> counts(UnixMillis time) override {
        if (failure_) return *failure_;
        if (time < counts_since_) return std::optional<StateCounts>{};
        Tally tally;
        for (const auto& [host, rows] : rows_) {
            const auto next = rows.upper_bound(time);
            if (next != rows.begin())
                tally.move(counted_as_nothing, counted_as(std::prev(next)->second), 1);
        }
        return tally.counts();
    }
    void keep_counts_since(UnixMillis time) { counts_since_ = time; }

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
    UnixMillis counts_since_ = UnixMillis::max();
    std::optional<Error> failure_;
};

}  // namespace coppice::testing
