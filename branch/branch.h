#pragma once
// The role of an interior host below the root: what it says of itself, and how it stops.

#include "common/downlink.h"
#include "common/timing.h"
#include "common/uplink.h"

namespace coppice {

class Branch {
public:
    /// From a path through the parent and what it last heard of the root.
    [[nodiscard]] Standing standing(const Uplink& uplink, const Order& order, const Timing& timing,
                                    Instant now) const;

    /// Told to be a leaf: takes nobody in, serves those it has until they have moved or time is up.
    void drain(const Timing& timing, Instant now);
    [[nodiscard]] bool is_draining() const { return drained_by_ != never; }
    [[nodiscard]] bool is_drained(std::size_t children, Instant now) const {
        return is_draining() && (children == 0 || now >= drained_by_);
    }
    [[nodiscard]] Instant next_deadline() const { return drained_by_; }

private:
    Instant drained_by_ = never;
};

}  // namespace coppice
