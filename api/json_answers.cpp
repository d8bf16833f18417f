// Answers to questions as JSON; docs/questions.md has the fields.
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "common/overloaded.h"

namespace coppice {
namespace {

using Row = QueryAnswered::Row;

Json value_json(const QueryValue& value, const NameOf& name) {
    return std::visit(
        Overloaded{
            [](std::monostate) { return Json(nullptr); },
            [](double number) { return Json(number); },
            [](const std::vector<Quantiles::Bucket>& buckets) {
                Json list = Json::array();
                for (const Quantiles::Bucket& bucket : buckets)
                    list.push_back(
                        {{"from", bucket.from}, {"to", bucket.to}, {"count", bucket.count}});
                return list;
            },
            [&](const std::vector<Ranking::Entry>& ranking) {
                Json list = Json::array();
                for (const Ranking::Entry& entry : ranking)
                    list.push_back({{"host", name(entry.host)}, {"value", entry.value}});
                return list;
            },
            [](const Parts& parts) { return json_of(parts); },
        },
        value);
}

Json key_json(const std::vector<std::string>& by, const GroupKey& key) {
    Json object = Json::object();
    for (std::size_t at = 0; at < by.size(); ++at) object[by[at]] = key.at(at);
    return object;
}

Json row_json(const Row& row, const NameOf& name) {
    Json json = Json::object();
    if (row.values.size() > 1)
        for (const QueryValue& value : row.values)
            json["values"].push_back(value_json(value, name));
    else
        json["value"] = row.values.empty() ? Json() : value_json(row.values.front(), name);
    json["hosts"] = row.hosts;
    if (!row.without_value.empty()) json["without_value"] = row.without_value;
    return json;
}

Json groups_json(const QueryAnswered& answer, const NameOf& name) {
    Json groups = Json::array();
    for (const Row& row : answer.rows) {
        groups.push_back({{"key", key_json(answer.by, row.key)}});
        groups.back().update(row_json(row, name));
    }
    if (answer.other) {
        groups.push_back({{"key", Json::object()},
                          {"other", true},
                          {"from", key_json(answer.by, answer.other->key)}});
        groups.back().update(row_json(*answer.other, name));
    }
    return groups;
}

/// What the values are of; of one value only its unit is news.
void update_columns(Json& json, const std::vector<QueryAnswered::Column>& columns) {
    if (columns.size() == 1) {
        if (const std::string& unit = columns.front().measurement; !unit.empty())
            json["measurement"] = unit;
        return;
    }
    for (const QueryAnswered::Column& column : columns)
        json["columns"].push_back({{"of", column.formula}, {"measurement", column.measurement}});
}

Json errors_json(const std::vector<Uncertainty>& uncertainties) {
    Json list = Json::array();
    for (const Uncertainty& one : uncertainties)
        list.push_back(
            {{"of", one.call},
             {"relative", one.relative},
             {"kind", one.kind == Uncertainty::Kind::bound ? "bound" : "standard_error"}});
    return list;
}

}  // namespace

Json json_of(const QueryAnswered& answer, const NamesOf& names, const NameOf& name) {
    const HostSet missing = answer.target - answer.included;
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(answer.age);
    Json json = Json::object();
    if (answer.by.empty()) {
        json = row_json(answer.rows.front(), name);
        json.erase("hosts");  // those of the coverage
    } else {
        json["groups"] = groups_json(answer, name);
    }
    update_columns(json, answer.columns);
    if (!answer.uncertainties.empty()) json["errors"] = errors_json(answer.uncertainties);
    if (!answer.notes.empty()) json["notes"] = answer.notes;
    json["coverage"] = {{"target", answer.target.size()},
                        {"included", answer.included.size()},
                        {"missing", names(missing)},
                        {"missing_count", missing.size()}};
    json["window"] = window_text(answer.window);
    json["age_ms"] = age.count();
    return json;
}

}  // namespace coppice
