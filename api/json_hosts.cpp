// Hosts and the tree of them as JSON.

#include <nlohmann/json.hpp>

#include "api/json.h"
#include "manager/registry.h"
#include "runtime/time_text.h"

namespace coppice {

const char* shown_state(HostState state) {
    return to_text(state == HostState::joining ? HostState::suspect : state);
}

const char* shown_role(const std::optional<Role>& role) {
    return role ? to_text(*role) : "unknown";
}

Json json_of(const HostView& host) {
    const HostRecord& record = host.record;
    const bool is_joining = host.state == HostState::joining;
    const bool is_isolated = host.isolation.has_value() && host.state == HostState::live;
    Json isolation;
    if (host.isolation)
        isolation = {{"since", time_text(host.isolation->since)},
                     {"cause", to_text(host.isolation->cause)},
                     {"reason", host.isolation->reason},
                     {"failures", host.isolation->failures}};
    Json resources = Json::object();
    for (const Measurement& resource : record.resources) resources[resource.name] = resource.value;
    Json labels = Json::object();
    for (const auto& [key, value] : record.labels) labels[key] = value;
    return {
        {"id", record.id.value},
        {"name", record.name},
        {"state", shown_state(host.state)},
        {"unseen", host.is_unseen},
        {"cause",
         is_joining ? "joining" : to_text(is_isolated ? host.isolation->cause : record.cause)},
        {"since", time_text(record.since)},
        {"role", to_text(record.role)},
        {"parent", host.parent},
        {"children", host.children},
        {"depth", host.depth},
        {"understudy", host.is_understudy},
        {"cell", record.cell.value},
        {"incarnation", record.incarnation.value},
        {"term", record.term},
        {"generation", record.generation},
        {"placed", record.is_placed},
        {"unplaced_reason", record.is_placed ? "" : record.unplaced_reason},
        {"domain", host.domain},
        {"crossing", host.crossing},
        {"drained", record.is_drained},
        {"drain_reason", record.drain_reason},
        {"unstable", record.unstable_since != UnixMillis{}},
        {"isolation", std::move(isolation)},
        {"short_of_memory", record.is_short_of_memory},
        {"labels", std::move(labels)},
        {"resources", std::move(resources)},
        {"addresses", record.addresses},
        {"machine_id", record.machine_id},
        {"token", record.token_id},
        {"release", record.release},
    };
}

Json json_of(const TreeView& tree) {
    Json nodes = Json::array();
    for (const TreeNodeView& node : tree.nodes)
        nodes.push_back({{"host", node.host},
                         {"role", to_text(node.role)},
                         {"parent", node.parent},
                         {"children", node.children},
                         {"state", shown_state(node.state)}});
    Json leaving = Json::object();
    for (std::size_t level = 0; level < tree.crossings.leaving.size(); ++level)
        leaving[tree.domain_path[level]] = tree.crossings.leaving[level];
    return {
        {"cell", tree.cell},
        {"generation", tree.generation},
        {"depth", tree.depth},
        {"depth_max", tree.depth_max},
        {"fanout", tree.fanout},
        {"slack", tree.slack},
        {"max_children", tree.max_children},
        {"root", tree.root},
        {"domain_path", tree.domain_path},
        {"crossings",
         {{"links", tree.crossings.edges},
          {"needless", tree.crossings.needless},
          {"leaving", std::move(leaving)}}},
        {"nodes", std::move(nodes)},
    };
}

Json json_of(const PastTree& tree) {
    Json nodes = Json::array();
    for (const auto& [host, children] : tree.nodes)
        nodes.push_back({{"host", host.name},
                         {"role", shown_role(host.condition.role)},
                         {"parent", host.parent},
                         {"children", children},
                         {"state", shown_state(host.condition.state)}});
    return {
        {"generation", tree.generation},     {"depth", tree.depth},
        {"max_children", tree.max_children}, {"root", tree.root},
        {"nodes", std::move(nodes)},
    };
}

}  // namespace coppice
