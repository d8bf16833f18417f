#include "manager/absences.h"

namespace coppice {

void Absences::add(HostId host, Instant until) {
    if (!until_.emplace(host, until).second) return;
    queue_.emplace(until, host);
    hosts_.insert(host);
}

void Absences::remove(HostId host) {
    const auto found = until_.find(host);
    if (found == until_.end()) return;
    queue_.erase({found->second, host});
    until_.erase(found);
    hosts_.erase(host);
}

void Absences::clear() {
    until_.clear();
    queue_.clear();
    hosts_.clear();
}

std::vector<HostId> Absences::over(Instant now) const {
    std::vector<HostId> hosts;
    for (const auto& [until, host] : queue_) {
        if (until > now) break;
        hosts.push_back(host);
    }
    return hosts;
}

}  // namespace coppice
