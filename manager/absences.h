#pragma once
// Hosts that should be there and are not, each with the instant when patience ends.

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "common/host_set.h"
#include "common/time.h"

namespace coppice {

class Absences {
public:
    /// Keeps watching a host that is watched already.
    void add(HostId host, Instant until);
    void remove(HostId host);
    /// Everybody gets new patience by adding them again.
    void clear();
    [[nodiscard]] bool contains(HostId host) const { return until_.contains(host); }
    [[nodiscard]] const HostSet& hosts() const { return hosts_; }
    /// Hosts whose patience has ended.
    [[nodiscard]] std::vector<HostId> over(Instant now) const;
    [[nodiscard]] Instant next_deadline() const {
        return queue_.empty() ? never : queue_.begin()->first;
    }

private:
    std::map<HostId, Instant> until_;
    std::set<std::pair<Instant, HostId>> queue_;
    HostSet hosts_;
};

}  // namespace coppice
