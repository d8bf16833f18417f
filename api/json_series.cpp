// Series and what their windows gave, as JSON; docs/series.md has the fields.
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "runtime/time_text.h"

namespace coppice {
namespace {

Json row_json(const std::vector<std::string>& by, const Sample::Row& row) {
    Json key = Json::object();
    for (std::size_t at = 0; at < by.size() && at < row.key.size(); ++at) key[by[at]] = row.key[at];
    Json values = Json::array();
    for (const std::optional<double>& value : row.values)
        values.push_back(value ? Json(*value) : Json());
    return {{"key", std::move(key)}, {"hosts", row.hosts}, {"values", std::move(values)}};
}

}  // namespace

Json json_of(const Sample& sample, const std::vector<std::string>& by, const NamesOf& names) {
    Json json{{"at", time_text(sample.at)},
              {"took_ms", sample.took.count()},
              {"window", window_text(sample.window)},
              {"coverage",
               {{"target", sample.asked},
                {"included", sample.asked - sample.missing.size()},
                {"missing", names(sample.missing)},
                {"missing_count", sample.missing.size()}}}};
    for (const Sample::Row& row : sample.rows) json["groups"].push_back(row_json(by, row));
    if (sample.groups_more > 0) json["groups_more"] = sample.groups_more;
    return json;
}

Json json_of(const SeriesView& series, const NamesOf& names) {
    Json columns = Json::array();
    for (std::size_t at = 0; at < series.columns.size(); ++at)
        columns.push_back({{"of", series.columns[at]}, {"measurement", series.units[at]}});
    Json json{{"name", series.record.name},
              {"question", series.record.question},
              {"every_ms", series.record.every.count()},
              {"keep_ms", series.record.keep.count()},
              {"columns", std::move(columns)},
              {"by", series.by}};
    if (!series.problem.empty()) json["problem"] = series.problem;
    if (series.newest) json["newest"] = json_of(*series.newest, series.by, names);
    return json;
}

std::string window_text(const WindowId& window) {
    return std::to_string(window.root.term) + "." + std::to_string(window.root.generation) + "." +
           std::to_string(window.number);
}

}  // namespace coppice
