#include "manager/spare_users.h"

#include <algorithm>

namespace coppice {
namespace {

bool contains(const std::vector<HostId>& hosts, HostId host) {
    return std::find(hosts.begin(), hosts.end(), host) != hosts.end();
}

}  // namespace

void SpareUsers::change(HostId user, const std::vector<HostId>& before,
                        const std::vector<HostId>& after) {
    for (const HostId spare : before) {
        const auto found = contains(after, spare) ? users_.end() : users_.find(spare);
        if (found == users_.end()) continue;
        found->second.erase(user);
        if (found->second.empty()) users_.erase(found);
    }
    for (const HostId spare : after)
        if (!contains(before, spare)) users_[spare].insert(user);
}

const HostSet& SpareUsers::of(HostId spare) const {
    static const HostSet none;
    const auto found = users_.find(spare);
    return found == users_.end() ? none : found->second;
}

}  // namespace coppice
