#include "common/hub.h"

#include <utility>

#include "common/overloaded.h"

namespace coppice {

Hub::Hub(const Notary& notary, Timing timing, Relay::Retention retention)
    : notary_{notary}, links_{timing}, relay_{timing, retention}, gather_{timing} {}

void Hub::set_timing(Timing timing) {
    links_.set_timing(timing);
    relay_.set_timing(timing);
    gather_.set_timing(timing);
}

void Hub::on_frame(const Received& received, const Standing& standing, Instant now, Outputs& out) {
    if (std::holds_alternative<Join>(received.frame.body))
        return on_join(received, standing, now, out);
    Child* child = links_.accept(received, now, out);
    if (child == nullptr) return;
    std::visit(Overloaded{
                   [&](const Heartbeat& heartbeat) {
                       links_.on_heartbeat(*child, heartbeat, standing, out);
                   },
                   [&](const Leave& leave) { links_.on_leave(*child, leave); },
                   [&](const WindowClosed& answer) { gather_.on_child_answer(*child, answer); },
                   [&](const LocalMessage& message) {
                       out.heard.push_back({.from = child->host, .message = message});
                   },
                   [&](const NotUnderstood&) {},
                   [&](const auto&) { links_.send(*child, NotUnderstood{}, out); },
               },
               received.frame.body);
}

void Hub::on_join(const Received& received, const Standing& standing, Instant now, Outputs& out) {
    const Result<Statement> ticket = notary_.open(std::get<Join>(received.frame.body).order);
    const Order* order = ticket.ok() ? std::get_if<Order>(&ticket.value()) : nullptr;
    if (order == nullptr) return links_.refuse(received, Refusal::bad_ticket, out);
    links_.on_join(received, *order, standing, now, out);
}

void Hub::on_probe_finished(const ProbeFinished& finished, Instant now) {
    links_.on_probe_finished(finished.probe, finished.result, now);
}

void Hub::on_deadline(const Standing& standing, Instant now, Outputs& out) {
    links_.on_deadline(standing, now, out);
    gather_.on_deadline(links_, now, out);
}

DownlinkChanges Hub::settle(const NamedSets& own, const std::vector<SetKey>& own_changed,
                            Instant now, Outputs& out) {
    DownlinkChanges changes = links_.take_changes();
    for (const SetKey& key : own_changed) changes.sets.push_back({.key = key, .added = {}});
    for (const HostId child : changes.gone) gather_.on_child_gone(child);
    const bool is_due = now >= relay_.next_deadline();
    const bool is_changed =
        !changes.sets.empty() || !changes.gone.empty() || !changes.refreshed.empty();
    if (is_changed) relay_.fold_changes(changes, links_, own);
    if (is_changed || is_due) relay_.deliver(links_, changes.refreshed, now, out);
    return changes;
}

bool Hub::pass_on(const Ordered& order, Outputs& out) {
    bool is_sent = false;
    for (auto& [host, child] : links_.children()) {
        if (!child.leads_to(order.destination)) continue;
        links_.send(child, order, out);
        is_sent = true;
    }
    return is_sent;
}

Instant Hub::next_deadline() const {
    return std::min({links_.next_deadline(), relay_.next_deadline(), gather_.next_deadline()});
}

}  // namespace coppice
