// The invariants, each over one snapshot.
#include "simulator/checkers.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace coppice {

namespace {

using HostsById = std::map<HostId, const HostSnapshot*>;

void append(Sentences& all, Sentences more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

HostsById running_hosts(const Snapshot& snapshot) {
    HostsById hosts;
    for (const HostSnapshot& host : snapshot.hosts)
        if (host.is_running && host.id != manager_host) hosts[host.id] = &host;
    return hosts;
}

/// The host that `host` is attached to, when that is a running one.
const HostSnapshot* parent_of(const HostsById& hosts, const HostSnapshot& host) {
    if (!host.view.is_attached) return nullptr;
    const auto found = hosts.find(host.view.parent);
    return found == hosts.end() ? nullptr : found->second;
}

std::string push_text(PushId push) { return "push " + std::to_string(push.value); }

}  // namespace

Sentences check_no_cycle(const Snapshot& snapshot) {
    Sentences broken;
    const HostsById hosts = running_hosts(snapshot);
    for (const auto& [id, host] : hosts) {
        const HostSnapshot* above = parent_of(hosts, *host);
        for (std::size_t steps = 0; above != nullptr && steps < hosts.size(); ++steps) {
            if (above == host) {
                broken.push_back(host->name + " is above itself.");
                break;
            }
            above = parent_of(hosts, *above);
        }
    }
    return broken;
}

Sentences check_children(const Snapshot& snapshot) {
    Sentences broken;
    const std::uint32_t most = 2 * (snapshot.fanout + snapshot.slack);
    for (const HostSnapshot& host : snapshot.hosts)
        if (host.is_running && host.view.children > most)
            broken.push_back(host.name + " has " + std::to_string(host.view.children) +
                             " children, more than " + std::to_string(most) + ".");
    return broken;
}

Sentences check_nobody_lost(const Snapshot& snapshot) {
    Sentences broken;
    std::map<std::string, const HostSnapshot*> hosts;
    for (const HostSnapshot& host : snapshot.hosts) hosts[host.name] = &host;
    for (const HostView& view : snapshot.views) {
        if (view.state != HostState::lost && view.state != HostState::left) continue;
        const auto found = hosts.find(view.record.name);
        if (found == hosts.end()) continue;
        const HostSnapshot& host = *found->second;
        if (host.is_running && !host.is_disturbed && view.record.since >= host.calm_since)
            broken.push_back(view.record.name + " is called lost although nothing was done to it.");
    }
    return broken;
}

Sentences check_receipt_counts(const Snapshot& snapshot) {
    Sentences broken;
    for (const ReceiptView& receipt : snapshot.receipts) {
        const std::uint64_t sum =
            receipt.applied + receipt.refused + receipt.isolated + receipt.pending;
        if (sum != receipt.target)
            broken.push_back("The counts of " + push_text(receipt.push) + " give " +
                             std::to_string(sum) + ", its target has " +
                             std::to_string(receipt.target) + " hosts.");
        if (receipt.pending_hosts.size() != receipt.pending)
            broken.push_back("The pending hosts of " + push_text(receipt.push) + " are " +
                             std::to_string(receipt.pending_hosts.size()) + ", counted " +
                             std::to_string(receipt.pending) + ".");
        if (receipt.complete && receipt.applied != receipt.target)
            broken.push_back("The receipt of " + push_text(receipt.push) +
                             " is called complete at " + std::to_string(receipt.applied) + " of " +
                             std::to_string(receipt.target) + " hosts.");
    }
    return broken;
}

Sentences check_applied(const Snapshot& snapshot) {
    Sentences broken;
    std::map<HostId, const HostSnapshot*> hosts;
    for (const HostSnapshot& host : snapshot.hosts)
        if (host.id != manager_host) hosts[host.id] = &host;
    std::map<PushId, const PushRecord*> pushes;
    for (const PushRecord& push : snapshot.pushes) pushes[push.push] = &push;
    for (const ReceiptRecord& report : snapshot.reports) {
        const auto push = pushes.find(report.push);
        if (push == pushes.end()) {
            broken.push_back("There is a receipt of " + push_text(report.push) + " but no push.");
            continue;
        }
        for (const HostId id : report.applied.to_vector()) {
            const auto host = hosts.find(id);
            if (host == hosts.end()) continue;  // not yet told its id in this run
            const auto file = host->second->disk.find(push->second->topic);
            if (file == host->second->disk.end() || file->second < push->second->version)
                broken.push_back(host->second->name + " is said to have applied " +
                                 push_text(report.push) + " but its disk does not have it.");
        }
    }
    return broken;
}

Sentences check_always(const Snapshot& snapshot) {
    Sentences broken = check_no_cycle(snapshot);
    append(broken, check_children(snapshot));
    append(broken, check_nobody_lost(snapshot));
    append(broken, check_receipt_counts(snapshot));
    append(broken, check_applied(snapshot));
    return broken;
}

Sentences StampChecker::check(const Snapshot& snapshot) {
    Sentences broken;
    for (const HostSnapshot& host : snapshot.hosts) {
        if (!host.is_running || host.view.stamp == Stamp{}) continue;
        Stamp& newest = newest_[host.name];
        if (host.view.stamp < newest)
            broken.push_back(host.name + " obeys an order that is older than the one before it.");
        newest = std::max(newest, host.view.stamp);
    }
    return broken;
}

Sentences check_idle(std::uint64_t writes_before, std::uint64_t writes_after) {
    if (writes_before == writes_after) return {};
    return {"An idle fleet wrote " + std::to_string(writes_after - writes_before) +
            " times to its stores."};
}

}  // namespace coppice
