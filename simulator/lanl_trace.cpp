// From rows of problems to outages of nodes.
#include "simulator/lanl_trace.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/names.h"
#include "simulator/table.h"

namespace coppice {

namespace {

using std::chrono::seconds;

constexpr std::uint32_t nodes_max = 1'000'000;  // of one system, and of all
const std::string longest_number = "-n999999";

/// Takes a number off the front of the text, and the separator behind it.
std::optional<std::uint32_t> take_number(std::string_view& text, char separator) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (separator == '\0') return text.empty() ? std::optional{value} : std::nullopt;
    if (!text.starts_with(separator)) return std::nullopt;
    text.remove_prefix(1);
    return value;
}

std::optional<std::uint32_t> number(std::string_view text) { return take_number(text, '\0'); }

/// month/day/year hour:minute
std::optional<seconds> unix_time(std::string_view text) {
    const auto month = take_number(text, '/');
    const auto day = month ? take_number(text, '/') : std::nullopt;
    const auto year = day ? take_number(text, ' ') : std::nullopt;
    const auto hour = year ? take_number(text, ':') : std::nullopt;
    const auto minute = hour ? take_number(text, '\0') : std::nullopt;
    if (!minute || *hour > 23 || *minute > 59 || *year < 1970 || *year > 9999) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                           std::chrono::month{*month}, std::chrono::day{*day}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date}.time_since_epoch() + std::chrono::hours{*hour} +
           std::chrono::minutes{*minute};
}

struct Problem {
    std::string system;
    std::uint32_t node = 0;
    seconds begin{};
    seconds end{};
};

class Reader {
public:
    Reader(std::string_view text, const std::vector<std::string>& systems)
        : table_{text, TableForm::comma}, systems_{systems} {}

    Result<Outages> read() {
        const Result<std::vector<std::size_t>> columns =
            table_.columns({"System", "nodes", "nodenumz", "Prob Started", "Prob Fixed"});
        if (!columns.ok()) return columns.error();
        columns_ = columns.value();
        while (table_.next()) take_row();
        for (const std::string& system : systems_)
            if (!seen_.contains(system)) return Error{no_such(system)};
        std::uint64_t nodes = 0;
        for (const auto& [name, size] : seen_) nodes += size;
        if (nodes > nodes_max)
            return Error{"the systems of the trace have " + std::to_string(nodes) +
                         " nodes, more than " + std::to_string(nodes_max) +
                         "; choose some of the systems"};
        add_hosts();
        for (const Problem& problem : problems_)
            collector_.add_outage(name_of(problem.system, problem.node), problem.begin,
                                  problem.end);
        return collector_.finish();
    }

private:
    enum class Column : std::uint8_t { system, nodes, node, started, fixed };

    [[nodiscard]] const std::string& field(Column column) const {
        return table_.field(columns_[static_cast<std::size_t>(column)]);
    }

    void take_row() {
        if (!table_.is_whole()) return reject("the row has too few or too many fields");
        seen_[field(Column::system)];
        const bool is_wanted =
            systems_.empty() ||
            std::find(systems_.begin(), systems_.end(), field(Column::system)) != systems_.end();
        if (!is_wanted) return;
        if (!validate_host_name("s" + field(Column::system) + longest_number).ok())
            return reject("'System' makes no name of a host");
        const auto size = number(field(Column::nodes));
        const auto which = number(field(Column::node));
        if (!size || *size == 0 || *size > nodes_max)
            return reject("'nodes' is no size of a system");
        std::uint32_t& known = seen_[field(Column::system)];
        known = std::max(known, *size);
        if (!which || *which >= *size) return reject("'nodenumz' is no node of the system");
        if (field(Column::started).empty() || field(Column::fixed).empty())
            return reject("a time is missing");
        const auto begin = unix_time(field(Column::started));
        const auto end = unix_time(field(Column::fixed));
        if (!begin || !end) return reject("a time is not month/day/year hour:minute");
        if (*end < *begin) return reject("the problem was fixed before it started");
        if (*end == *begin) return reject("the outage has no length");
        collector_.count_row();
        problems_.push_back({field(Column::system), *which, *begin, *end});
    }

    void reject(const std::string& reason) {
        collector_.count_row();
        collector_.reject(reason, table_.line(), table_.text());
    }

    void add_hosts() {
        for (const auto& [name, size] : seen_)
            for (std::uint32_t which = 0; which < size; ++which)
                collector_.add_host(name_of(name, which), {{"system", name}}, name);
    }

    [[nodiscard]] std::string name_of(const std::string& of_system, std::uint32_t which) const {
        const std::size_t width =
            std::max<std::size_t>(3, std::to_string(seen_.at(of_system) - 1).size());
        std::string digits = std::to_string(which);
        digits.insert(0, width - digits.size(), '0');
        return "s" + of_system + "-n" + digits;
    }

    [[nodiscard]] std::string no_such(const std::string& name) const {
        std::string known;
        for (const auto& [other, size] : seen_) known += (known.empty() ? "" : ", ") + other;
        return "the trace has no system '" + name + "'; it has " + known;
    }

    Table table_;
    const std::vector<std::string>& systems_;
    std::vector<std::size_t> columns_;
    std::map<std::string, std::uint32_t> seen_;  // systems with their sizes, zero when not wanted
    std::vector<Problem> problems_;
    OutageCollector collector_;
};

}  // namespace

Result<Outages> read_lanl(std::string_view text, const std::vector<std::string>& systems) {
    return Reader{text, systems}.read();
}

}  // namespace coppice
