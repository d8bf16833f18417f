#pragma once
// A store in memory that outlives the process that writes to it, as a disk does.

#include <cstdint>
#include <map>
#include <vector>

#include "common/ports.h"
#include "common/time.h"

namespace coppice {

class VirtualStore final : public Store {
public:
    [[nodiscard]] Result<Done> commit(std::span<const Write> writes) override;

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

    [[nodiscard]] const std::map<RecordKey, Record>& records() const { return records_; }
    /// Writes committed since the store was made.
    [[nodiscard]] std::uint64_t writes() const { return writes_; }

private:
    std::map<RecordKey, Record> records_;
    std::map<std::uint64_t, Event> events_;  // by id; a story that grows replaces itself
    std::uint64_t term_ = 0;
    std::uint64_t writes_ = 0;
    Duration commit_time_{};
    bool is_failing_ = false;
    bool is_full_ = false;
};

/// Every record of one type, in order of key.
template <class T>
[[nodiscard]] std::vector<T> records_of(const VirtualStore& store) {
    std::vector<T> found;
    for (const auto& [key, record] : store.records())
        if (const T* typed = std::get_if<T>(&record)) found.push_back(*typed);
    return found;
}

}  // namespace coppice
