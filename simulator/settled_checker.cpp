// What must hold once a fleet has come to rest.
#include <algorithm>

#include "simulator/checkers.h"

namespace coppice {

namespace {

const HostSnapshot* find_host(const Snapshot& snapshot, HostId id) {
    const auto found =
        std::find_if(snapshot.hosts.begin(), snapshot.hosts.end(),
                     [id](const HostSnapshot& host) { return host.is_running && host.id == id; });
    return found == snapshot.hosts.end() ? nullptr : &*found;
}

const HostView* find_view(const Snapshot& snapshot, const std::string& name) {
    const auto found =
        std::find_if(snapshot.views.begin(), snapshot.views.end(),
                     [&name](const HostView& view) { return view.record.name == name; });
    return found == snapshot.views.end() ? nullptr : &*found;
}

/// What is wrong with the place of one running host, or nothing.
std::string fault_of(const Snapshot& snapshot, const HostSnapshot& host) {
    if (!host.view.is_attached) return "has no parent";
    if (host.view.parent == manager_host && host.view.role != Role::root)
        return "is attached to the manager without being root";
    if (host.view.parent != manager_host && host.view.role == Role::root)
        return "is root with a parent";
    const HostSnapshot* parent = find_host(snapshot, host.view.parent);
    if (parent == nullptr && host.view.parent != manager_host)
        return "is attached to a host that does not run";
    Path expected = parent == nullptr ? Path{} : parent->view.path;
    expected.push_back(host.id);
    const bool is_interior = host.view.role != Role::leaf;
    if (is_interior && host.view.path != expected) return "does not know its path to the root";
    const HostView* view = find_view(snapshot, host.name);
    if (view == nullptr) return "is not registered";
    if (view->state != HostState::live) return "runs but is not live";
    if (view->record.is_placed && view->record.parent != host.view.parent)
        return "is not where the manager has it";
    if (view->record.role != host.view.role) return "has another role than the manager gave it";
    return {};
}

}  // namespace

Sentences check_settled(const Snapshot& snapshot) {
    Sentences broken;
    if (!snapshot.is_manager_running) broken.emplace_back("The manager is down.");
    std::uint64_t roots = 0;
    std::uint64_t running = 0;
    std::map<HostId, std::uint32_t> children;
    for (const HostSnapshot& host : snapshot.hosts) {
        if (!host.is_running) continue;
        ++running;
        const std::string fault = fault_of(snapshot, host);
        if (!fault.empty()) broken.push_back(host.name + ' ' + fault + '.');
        if (host.view.role == Role::root) ++roots;
        ++children[host.view.parent];
    }
    if (running > 0 && roots != 1)
        broken.push_back("There are " + std::to_string(roots) + " roots.");
    const std::uint32_t most = snapshot.fanout + snapshot.slack;
    for (const HostSnapshot& host : snapshot.hosts)
        if (host.is_running && host.view.children > most)
            broken.push_back(host.name + " keeps " + std::to_string(host.view.children) +
                             " children, more than " + std::to_string(most) + ".");
    for (const HostSnapshot& host : snapshot.hosts)
        if (host.is_running && host.view.children != children[host.id])
            broken.push_back(host.name + " counts " + std::to_string(host.view.children) +
                             " children, " + std::to_string(children[host.id]) +
                             " are attached to it.");
    for (const HostView& view : snapshot.views) {
        const bool runs = std::any_of(snapshot.hosts.begin(), snapshot.hosts.end(),
                                      [&view](const HostSnapshot& host) {
                                          return host.is_running && host.name == view.record.name;
                                      });
        if (!runs && view.state != HostState::lost && view.state != HostState::left)
            broken.push_back(view.record.name + " does not run but is not called lost.");
    }
    for (const TreeFault& fault : snapshot.tree_faults) broken.push_back("Tree: " + fault);
    return broken;
}

}  // namespace coppice
