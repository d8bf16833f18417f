// The fleet at a glance, its tokens and its metrics, for people and machines.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "runtime/time_text.h"

namespace coppice {

Json json_of(const StatusView& status) {
    Json cells = Json::array();
    for (const CellView& cell : status.cells)
        cells.push_back({{"name", cell.name},
                         {"owner", cell.owner},
                         {"term", cell.term},
                         {"generation", cell.generation},
                         {"root", cell.root},
                         {"root_heard", cell.is_root_heard},
                         {"understudy", cell.understudy},
                         {"hosts", cell.hosts},
                         {"live", cell.live},
                         {"depth", cell.depth}});
    const HostCounts& hosts = status.hosts;
    return {{"fleet", status.fleet},
            {"managers", status.managers},
            {"cells", std::move(cells)},
            {"hosts",
             {{"registered", hosts.registered},
              {"live", hosts.live},
              {"suspect", hosts.suspect},
              {"lost", hosts.lost},
              {"left", hosts.left},
              {"drained", hosts.drained},
              {"unplaced", hosts.unplaced},
              {"isolated", hosts.isolated},
              {"unseen", hosts.unseen}}}};
}

Json json_of(const TokenView& token) {
    const TokenRecord& record = token.record;
    Json labels = Json::object();
    for (const auto& [key, value] : record.labels) labels[key] = value;
    return {{"id", record.id},
            {"state", token.state},
            {"created", time_text(record.created)},
            {"expires", record.expires == UnixMillis::zero() ? Json(nullptr)
                                                             : Json(time_text(record.expires))},
            {"uses", record.uses},
            {"uses_max", record.uses_max},
            {"labels", std::move(labels)}};
}

std::string metrics_text(std::vector<MetricView> metrics) {
    const auto family_of = [](const MetricView& metric) {
        return metric.name.substr(0, metric.name.find('{'));
    };
    std::stable_sort(metrics.begin(), metrics.end(),
                     [&](const MetricView& left, const MetricView& right) {
                         return family_of(left) < family_of(right);
                     });
    std::string text;
    std::string family;
    for (const MetricView& metric : metrics) {
        const std::string base = family_of(metric);
        if (base != family) {
            family = base;
            text += "# HELP " + base + " " + metric.help + "\n";
            text += "# TYPE " + base + (metric.is_counter ? " counter\n" : " gauge\n");
        }
        text += metric.name + " " + nlohmann::json(metric.value).dump() + "\n";
    }
    return text;
}

}  // namespace coppice
