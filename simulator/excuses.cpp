#include "simulator/excuses.h"

namespace coppice {

namespace {

constexpr int recovery_intervals = 5;

}  // namespace

Instant Excuses::recovered() const {
    return fleet_.world().now() + fleet_.options().interval * recovery_intervals;
}

void Excuses::sample() {
    if (!fleet_.is_anything_disturbed()) return;
    for (HostIndex host = 1; host < until_.size(); ++host)
        if (suffers(host)) until_[host] = recovered();
}

void Excuses::on_left(HostIndex host, HostId parent) {
    const std::optional<HostIndex> former = model_.index_of(parent);
    if (former.has_value() && suffers(*former)) until_[host] = recovered();
}

bool Excuses::covers(HostIndex host) const {
    return until_[host] > fleet_.world().now() || suffers(host);
}

bool Excuses::nobody_admits() const {
    const std::optional<HostIndex> root = model_.index_of(model_.root());
    return fleet_.is_disturbed(Fleet::manager_index) ||
           (root.has_value() && fleet_.is_disturbed(*root));
}

bool Excuses::suffers(HostIndex host) const {
    HostIndex above = host;
    for (std::size_t steps = 0; steps < until_.size(); ++steps) {
        const bool is_down = fleet_.world().host(above).phase() != VirtualHost::Phase::running;
        if (is_down || fleet_.is_disturbed(above)) return true;
        const AgentGlance& glance = model_.glance(above);
        if (!glance.is_attached) return nobody_admits();
        if (glance.parent == manager_host) return false;
        const std::optional<HostIndex> next = model_.index_of(glance.parent);
        if (!next.has_value()) return false;
        above = *next;
    }
    return true;
}

}  // namespace coppice
