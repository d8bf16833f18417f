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
    for (const HostId spare : before)
        if (!contains(after, spare) && spare.value < users_.size()) users_[spare.value].erase(user);
    for (const HostId spare : after) {
        if (contains(before, spare)) continue;
        if (spare.value >= users_.size()) users_.resize(std::size_t{spare.value} + 1);
        users_[spare.value].insert(user);
    }
}

const HostSet& SpareUsers::of(HostId spare) const {
    static const HostSet none;
    return spare.value < users_.size() ? users_[spare.value] : none;
}

}  // namespace coppice
