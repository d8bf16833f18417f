#include "simulator/obedience_checker.h"

#include <algorithm>

namespace coppice {

ObedienceChecker::ObedienceChecker(const Fleet& fleet, FleetModel& model, Complaints& complaints)
    : fleet_{fleet}, model_{model}, complaints_{complaints}, obeyed_(fleet.world().size()) {
    for (HostIndex host = 0; host < obeyed_.size(); ++host)
        obeyed_[host].newest = model.glance(host).stamp;
}

void ObedienceChecker::on_process(HostIndex host, bool is_up) {
    if (is_up) obeyed_[host].at_start = obeyed_[host].newest;
}

void ObedienceChecker::on_glance(HostIndex host, const AgentGlance& before,
                                 const AgentGlance& after) {
    if (after.stamp == Stamp{}) {
        if (after.role != Role::leaf)
            complaints_.add("role", fleet_.world().host(host).name() + " has a role by no order.");
        return;
    }
    Obeyed& obeyed = obeyed_[host];
    if (after.stamp < obeyed.newest)
        complaints_.add("stamp", fleet_.world().host(host).name() +
                                     " obeys an order that is older than the one before it.");
    obeyed.newest = std::max(obeyed.newest, after.stamp);
    const KnownOrder* order = model_.order(after.host, after.stamp);
    if (order == nullptr)
        return complaints_.add("order", fleet_.world().host(host).name() +
                                            " obeys an order that its manager never committed.");
    check_role(host, before, after, *order);
    const bool is_new_parent =
        after.is_attached && (!before.is_attached || before.parent != after.parent);
    // Several inputs may be one step here: admitted by one order, and told another one since.
    const Stamp first = before.stamp == Stamp{} ? after.stamp : before.stamp;
    if (is_new_parent && !model_.is_named(after.parent, after.host, first, after.stamp))
        complaints_.add("ticket", fleet_.world().host(host).name() + " hangs on " +
                                      model_.name_of(after.parent) +
                                      ", whom its order does not name.");
    model_.forget_orders_before(after.host, after.stamp);
}

void ObedienceChecker::check_role(HostIndex host, const AgentGlance& before,
                                  const AgentGlance& after, const KnownOrder& order) {
    if (after.role == Role::leaf) return;
    const std::string& name = fleet_.world().host(host).name();
    // Told to be a leaf, an interior host serves its children as a branch until they have left.
    const bool is_draining =
        order.role == Role::leaf && after.role == Role::branch && before.role != Role::leaf;
    if (order.role != after.role && !is_draining)
        complaints_.add("role", name + " has another role than it was ordered to have.");
    if (before.role == Role::leaf && after.stamp <= obeyed_[host].at_start)
        complaints_.add("role", name + " took back a role that it had in an earlier run.");
}

}  // namespace coppice
