// From rows of availability to outages of hosts.
#include "simulator/fta_trace.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "common/names.h"
#include "simulator/table.h"

namespace coppice {

namespace {

using std::chrono::seconds;

std::optional<seconds> unix_time(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    constexpr std::int64_t year_9999 = 253'402'300'799;
    const bool is_time = error == std::errc{} && end == text.data() + text.size() && value >= 0 &&
                         value <= year_9999;
    return is_time ? std::optional{seconds{value}} : std::nullopt;
}

/// The last three parts of grid/site/cluster/node; empty when there are not so many.
std::vector<std::string> place_of(std::string_view node_name) {
    std::vector<std::string> parts(1);
    for (const char letter : node_name) {
        if (letter == '/')
            parts.emplace_back();
        else
            parts.back() += letter;
    }
    if (parts.size() < 3) return {};
    return {parts.end() - 3, parts.end()};
}

class Reader {
public:
    Reader(std::string_view text, const std::vector<std::string>& sites)
        : table_{text, TableForm::tab}, sites_{sites} {}

    Result<Outages> read() {
        const Result<std::vector<std::size_t>> columns =
            table_.columns({"node_name", "event_type", "event_start_time", "event_stop_time"});
        if (!columns.ok()) return columns.error();
        columns_ = columns.value();
        while (table_.next()) take_row();
        for (const std::string& site : sites_)
            if (!seen_.contains(site)) return Error{no_such(site)};
        return collector_.finish();
    }

private:
    enum class Column : std::uint8_t { node_name, type, start, stop };

    [[nodiscard]] const std::string& field(Column column) const {
        return table_.field(columns_[static_cast<std::size_t>(column)]);
    }

    void take_row() {
        if (!table_.is_whole()) return reject("the row has too few or too many fields");
        const std::vector<std::string> place = place_of(field(Column::node_name));
        if (place.empty()) return reject("'node_name' is not grid/site/cluster/node");
        const std::string& site = place[0];
        const std::string& cluster = place[1];
        seen_.insert(site);
        const bool is_wanted =
            sites_.empty() || std::find(sites_.begin(), sites_.end(), site) != sites_.end();
        if (!is_wanted) return;
        const std::string name = site + '-' + cluster + '-' + place[2];
        if (!validate_host_name(name).ok()) return reject("'node_name' makes no name of a host");
        const std::string& kind = field(Column::type);
        if (kind != "0" && kind != "1") return reject("'event_type' is neither 0 nor 1");
        if (field(Column::start) == "NULL" || field(Column::stop) == "NULL")
            return reject("a time is missing");
        const auto begin = unix_time(field(Column::start));
        const auto end = unix_time(field(Column::stop));
        if (!begin || !end) return reject("a time is not in Unix seconds");
        if (*end < *begin) return reject("the event stops before it starts");
        if (*end == *begin) return reject("the event has no length");
        collector_.count_row();
        collector_.add_host(name, {{"site", site}, {"cluster", cluster}}, site + '/' + cluster);
        collector_.add_word(name, *begin, *end);
        if (kind == "0") collector_.add_outage(name, *begin, *end);
    }

    void reject(const std::string& reason) {
        collector_.count_row();
        collector_.reject(reason, table_.line(), table_.text());
    }

    [[nodiscard]] std::string no_such(const std::string& name) const {
        std::string known;
        for (const std::string& other : seen_) known += (known.empty() ? "" : ", ") + other;
        return "the trace has no site '" + name + "'; it has " + known;
    }

    Table table_;
    const std::vector<std::string>& sites_;
    std::vector<std::size_t> columns_;
    std::set<std::string> seen_;
    OutageCollector collector_;
};

}  // namespace

Result<Outages> read_fta(std::string_view text, const std::vector<std::string>& sites) {
    return Reader{text, sites}.read();
}

}  // namespace coppice
