#pragma once
// A store in memory that outlives the process that writes to it, as a disk does. It holds the real
// bytes of its rows.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/count_book.h"
#include "common/ports.h"
#include "common/time.h"

namespace coppice {

class VirtualStore final : public Store, public TimelineReader, public SeriesReader {
public:
    [[nodiscard]] Result<Done> commit(std::span<const Write> writes) override;
    [[nodiscard]] Result<std::vector<TimelineRow>> timeline(HostId host, UnixMillis time,
                                                            std::size_t count_max) override;
    [[nodiscard]] Result<std::optional<StateCounts>> counts(UnixMillis time) override {
        return CountBook::at(count_table_, time);
    }

    [[nodiscard]] Result<std::vector<Sample>> samples(std::string_view series, UnixMillis after,
                                                      std::size_t count_max) override;

    /// Opens the store for a new process: the term grows with every opening.
    [[nodiscard]] Loaded load();
    /// From now on every commit fails, or none.
    void set_failing(bool is_failing) { is_failing_ = is_failing; }
    /// From now on nothing can be added or made longer, only erased.
    void set_full(bool is_full) { is_full_ = is_full; }
    /// A commit takes so long, and nothing that follows from it leaves before.
    void set_commit_time(Duration time) { commit_time_ = time; }
    [[nodiscard]] Duration commit_time() const { return commit_time_; }
    /// As after an installation.
    void wipe() { *this = VirtualStore{}; }

    /// The record with the key of `like`, when there is one.
    template <class T>
    [[nodiscard]] std::optional<T> find(const T& like) const {
        const auto row = rows_.find(key_of(Record{like}));
        if (row == rows_.end()) return std::nullopt;
        return std::get<T>(read(row->second));
    }
    /// Every record of one type, in order of key.
    template <class T>
    [[nodiscard]] std::vector<T> all() const {
        std::vector<T> found;
        const auto kind = static_cast<std::uint8_t>(Record{T{}}.index());
        for (auto row = rows_.lower_bound({kind, {}});
             row != rows_.end() && row->first.kind == kind; ++row)
            found.push_back(std::get<T>(read(row->second)));
        return found;
    }
    /// What the timeline of a host ends with, when it has one.
    [[nodiscard]] std::optional<HostCondition> newest(HostId host) const;
    /// As if rows had been written without counting them: a bug, for a test.
    void forget_counts() { count_table_ = {}; }
    /// What `counts` has to be: the rows of the hosts, one by one.
    [[nodiscard]] StateCounts counted_one_by_one(UnixMillis time) const;
    /// Writes committed since the store was made.
    [[nodiscard]] std::uint64_t writes() const { return writes_; }

private:
    using Timeline = std::map<UnixMillis, Bytes>;  // by the begin of each row

    class Counts final : public CountTable {
    public:
        [[nodiscard]] Result<std::vector<Row>> rows(int level, std::int64_t first, std::int64_t end,
                                                    std::size_t count_max) override;
        [[nodiscard]] Result<Done> put(int level, std::int64_t slot, const Bytes& value) override;

    private:
        std::map<std::pair<int, std::int64_t>, Bytes> rows_;  // by level and slot
    };

    [[nodiscard]] static Record read(const Bytes& row);
    void begin(const TimelineRow& row);
    /// Rows that go, from the first to `end`, are taken off the counts.
    void erase(Timeline& rows, Timeline::iterator first, Timeline::iterator end);
    void inherit(const Inherit& inherit);
    void keep(const Keep& keep);

    std::map<RecordKey, Bytes> rows_;
    std::map<std::uint64_t, Bytes> events_;  // by id; a story that grows replaces itself
    std::map<HostId, Timeline> timelines_;
    std::map<std::string, std::map<UnixMillis, Bytes>, std::less<>> series_;  // by name, by begin
    Counts count_table_;
    CountBook counts_;
    UnixMillis newest_begin_{};  // of the commit
    std::uint64_t term_ = 0;
    std::uint64_t writes_ = 0;
    Duration commit_time_{};
    bool is_failing_ = false;
    bool is_full_ = false;
};

}  // namespace coppice
