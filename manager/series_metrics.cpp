// What Prometheus is told of series.

#include <algorithm>
#include <chrono>

#include "manager/series_book.h"

namespace coppice {
namespace {

/// As prometheus.io/docs/concepts/data_model has it.
std::string label_name(const std::string& key) {
    std::string name = key;
    for (char& letter : name) {
        const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
        if (!is_letter && !(letter >= '0' && letter <= '9')) letter = '_';
    }
    const bool is_taken = name == "series" || name == "of" || name.starts_with("__");
    const bool begins_wrong = name.empty() || (name.front() >= '0' && name.front() <= '9');
    return is_taken || begins_wrong ? "by_" + name : name;
}

std::string label(const std::string& name, const std::string& value) {
    std::string text = name + "=\"";
    for (const char letter : value) {
        if (letter == '\\' || letter == '"') text += '\\';
        text += letter == '\n' ? std::string{"\\n"} : std::string{letter};
    }
    return text + '"';
}

/// In the order of the keys; two keys that look alike here are told apart by their place.
std::string group_labels(const std::vector<std::string>& by, const GroupKey& key) {
    std::vector<std::string> names;
    std::string text;
    for (std::size_t at = 0; at < by.size() && at < key.size(); ++at) {
        std::string name = label_name(by[at]);
        if (std::find(names.begin(), names.end(), name) != names.end())
            name += "_" + std::to_string(at + 1);
        names.push_back(name);
        text += "," + label(name, key[at]);
    }
    return text;
}

}  // namespace

void add_metrics(const SeriesView& series, const Sample& newest, std::vector<MetricView>& views) {
    const std::string of_series = "{" + label("series", series.record.name);
    const auto gauge = [&](const char* name, const char* help, const std::string& labels,
                           double value) {
        views.push_back({name + labels + "}", help, false, value});
    };
    gauge("coppice_series_asked_hosts", "hosts that the newest window of a series asked", of_series,
          static_cast<double>(newest.asked));
    gauge("coppice_series_missing_hosts", "those of them that are not in its values", of_series,
          static_cast<double>(newest.missing.size()));
    gauge("coppice_series_opened_timestamp_seconds", "when the newest window of a series opened",
          of_series, std::chrono::duration_cast<std::chrono::duration<double>>(newest.at).count());
    for (const Sample::Row& row : newest.rows) {
        const std::string of_group = group_labels(series.by, row.key);
        gauge("coppice_series_hosts", "hosts in the values of the newest window, by group",
              of_series + of_group, static_cast<double>(row.hosts));
        for (std::size_t at = 0; at < row.values.size() && at < series.columns.size(); ++at)
            if (row.values[at])
                gauge("coppice_series_value", "values of the newest window of a series",
                      of_series + "," + label("of", series.columns[at]) + of_group,
                      *row.values[at]);
    }
}

}  // namespace coppice
