// What must hold once a fleet has come to rest.
#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "manager/domains.h"
#include "simulator/checkers.h"

namespace coppice {

namespace {

/// Ways to what a snapshot holds.
struct Index {
    explicit Index(const Snapshot& snapshot) {
        for (const HostSnapshot& host : snapshot.hosts)
            if (host.is_running) hosts.emplace(host.id, &host);
        for (const HostView& view : snapshot.views) views.emplace(view.record.name, &view);
    }
    [[nodiscard]] const HostSnapshot* host(HostId id) const {
        const auto found = hosts.find(id);
        return found == hosts.end() ? nullptr : found->second;
    }
    [[nodiscard]] const HostView* view(const std::string& name) const {
        const auto found = views.find(name);
        return found == views.end() ? nullptr : found->second;
    }

    std::map<HostId, const HostSnapshot*> hosts;  // running
    std::map<std::string_view, const HostView*> views;
};

/// What is wrong with the place of one running host, or nothing.
std::string fault_of(const Index& index, const HostSnapshot& host) {
    if (!host.view.is_attached) return "has no parent";
    if (host.view.parent == manager_host && host.view.role != Role::root)
        return "is attached to the manager without being root";
    if (host.view.parent != manager_host && host.view.role == Role::root)
        return "is root with a parent";
    const HostSnapshot* parent = index.host(host.view.parent);
    if (parent == nullptr && host.view.parent != manager_host)
        return "is attached to a host that does not run";
    Path expected = parent == nullptr ? Path{} : parent->view.path;
    expected.push_back(host.id);
    const bool is_interior = host.view.role != Role::leaf;
    if (is_interior && host.view.path != expected) return "does not know its path to the root";
    const HostView* view = index.view(host.name);
    if (view == nullptr) return "is not registered";
    if (view->state != HostState::live) return "runs but is not live";
    if (view->record.is_placed && view->record.parent != host.view.parent)
        return "is not where the manager has it";
    if (view->record.role != host.view.role) return "has another role than the manager gave it";
    return {};
}

void check_children_at_rest(const Snapshot& snapshot, Sentences& broken) {
    std::map<HostId, std::uint32_t> children;
    for (const HostSnapshot& host : snapshot.hosts)
        if (host.is_running) ++children[host.view.parent];
    const std::uint32_t most = snapshot.fanout + snapshot.slack;
    for (const HostSnapshot& host : snapshot.hosts) {
        if (!host.is_running) continue;
        const std::uint32_t counted = host.view.children;
        if (counted > most)
            broken.push_back(host.name + " keeps " + std::to_string(counted) +
                             " children, more than " + std::to_string(most) + ".");
        if (counted != children[host.id])
            broken.push_back(host.name + " counts " + std::to_string(counted) + " children, " +
                             std::to_string(children[host.id]) + " are attached to it.");
    }
}

void check_dead_at_rest(const Snapshot& snapshot, Sentences& broken) {
    std::set<std::string> running;
    for (const HostSnapshot& host : snapshot.hosts)
        if (host.is_running) running.insert(host.name);
    for (const HostView& view : snapshot.views) {
        const bool is_gone = view.state == HostState::lost || view.state == HostState::left;
        if (!is_gone && !running.contains(view.record.name))
            broken.push_back(view.record.name + " does not run but is not called lost.");
    }
}

/// The manager knows the failure domain of each host by its labels, and which links leave it.
void check_domains_at_rest(const Snapshot& snapshot, const Index& index, Sentences& broken) {
    if (snapshot.domain_path.empty()) return;
    Domains domains{snapshot.domain_path};
    for (const HostView& view : snapshot.views) {
        if (view.state != HostState::live) continue;
        const Domains::Id own = domains.of(view.record.labels);
        if (view.domain != domains.text(own))
            broken.push_back(view.record.name + " is taken to be in " + view.domain +
                             ", its labels say " + domains.text(own) + ".");
        const HostView* parent = index.view(view.parent);
        if (parent == nullptr) continue;
        const bool is_crossing =
            domains.common(own, domains.of(parent->record.labels)) < domains.level(own);
        if (is_crossing == view.crossing.empty())
            broken.push_back(view.record.name + (is_crossing ? " crosses" : " does not cross") +
                             " into another failure domain, the manager has it otherwise.");
    }
}

}  // namespace

Sentences check_settled(const Snapshot& snapshot) {
    Sentences broken;
    if (!snapshot.is_manager_running) broken.emplace_back("The manager is down.");
    const Index index{snapshot};
    std::uint64_t roots = 0;
    bool is_any_running = false;
    for (const HostSnapshot& host : snapshot.hosts) {
        if (!host.is_running) continue;
        is_any_running = true;
        const std::string fault = fault_of(index, host);
        if (!fault.empty()) broken.push_back(host.name + ' ' + fault + '.');
        if (host.view.role == Role::root) ++roots;
    }
    if (is_any_running && roots != 1)
        broken.push_back("There are " + std::to_string(roots) + " roots.");
    check_children_at_rest(snapshot, broken);
    check_dead_at_rest(snapshot, broken);
    check_domains_at_rest(snapshot, index, broken);
    for (const TreeFault& fault : snapshot.tree_faults) broken.push_back("Tree: " + fault);
    return broken;
}

}  // namespace coppice
