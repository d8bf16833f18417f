#pragma once
// The counts of a store by state are what counting the rows of its hosts one by one gives.

#include <cstdint>
#include <span>
#include <string>

#include "common/random.h"
#include "simulator/complaints.h"
#include "simulator/virtual_store.h"

namespace coppice {

class CountChecker {
public:
    explicit CountChecker(Complaints& complaints) : complaints_{complaints} {}

    /// After the store has taken these writes: counts at the newest change, just before it, and at
    /// a time that chance gives.
    void on_commit(VirtualStore& store, std::span<const Write> writes);

private:
    void check(VirtualStore& store, UnixMillis time);

    Complaints& complaints_;
    Random random_{1};
    UnixMillis first_ = UnixMillis::max();
};

}  // namespace coppice
