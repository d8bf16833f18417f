#pragma once
// Orders that no fact has confirmed yet: sent again, doubling the pause, until one does.

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "common/ids.h"
#include "common/timing.h"

namespace coppice {

class OrderBook {
public:
    explicit OrderBook(Timing timing) : timing_{timing} {}

    /// A new order: due at `at`, for the first time. `tries`: give up after that many; zero: never.
    void expect(HostId host, Instant at, std::uint32_t tries = 0);
    /// It was sent: due again after a pause that doubles.
    void on_sent(HostId host, Instant now);
    /// Due now, if it waits at all.
    void hurry(HostId host, Instant now);
    void forget(HostId host);

    [[nodiscard]] bool contains(HostId host) const { return open_.contains(host); }
    /// At most `count_max` hosts whose order is due.
    [[nodiscard]] std::vector<HostId> due(Instant now, std::size_t count_max) const;
    [[nodiscard]] Instant next_deadline() const {
        return queue_.empty() ? never : queue_.begin()->first;
    }
    [[nodiscard]] std::size_t size() const { return open_.size(); }

private:
    struct Open {
        Instant at{};
        Duration pause{};
        std::uint32_t tries = 0;
    };
    void move(HostId host, Open& open, Instant at);

    Timing timing_;
    std::map<HostId, Open> open_;
    std::set<std::pair<Instant, HostId>> queue_;
};

}  // namespace coppice
