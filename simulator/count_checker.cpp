#include "simulator/count_checker.h"

#include <algorithm>

namespace coppice {

void CountChecker::on_commit(VirtualStore& store, std::span<const Write> writes) {
    const Begin* newest = nullptr;
    for (const Write& write : writes)
        if (const auto* begin = std::get_if<Begin>(&write)) newest = begin;
    if (newest == nullptr) return;
    const UnixMillis time = newest->row.from;
    first_ = std::min(first_, time);
    check(store, time);
    check(store, time - UnixMillis{1});
    const auto length = static_cast<std::uint64_t>((time - first_).count());
    check(store, first_ + UnixMillis{static_cast<std::int64_t>(random_.below(length + 1))});
}

void CountChecker::check(VirtualStore& store, UnixMillis time) {
    const auto counts = store.counts(time);
    const bool is_right = counts.ok() && *counts == store.counted_one_by_one(time);
    if (!is_right)
        complaints_.add("counts", "The counts of hosts at " + std::to_string(time.count()) +
                                      " ms are not what the rows of their timelines give.");
}

}  // namespace coppice
