#include "cli/values.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "cli/render.h"

namespace coppice::cli {

std::string key_text(const Json& group) {
    if (group.contains("other")) return "(other)";
    std::string text;
    for (const auto& [name, label] : group.at("key").items()) {
        const auto value = label.get<std::string>();
        text += (text.empty() ? "" : ", ") + name + "=" + (value.empty() ? "-" : value);
    }
    return text;
}

std::string covered_text(const Json& coverage) {
    const std::string missing = coverage.value("missing", "");
    return std::to_string(coverage.at("included").get<std::uint64_t>()) + " of " +
           counted(coverage.at("target").get<std::uint64_t>(), "host") + " inside" +
           (missing.empty() ? "" : "; missing: " + missing);
}

std::string sparkline(const std::vector<std::optional<double>>& values, std::size_t width) {
    constexpr std::array<const char*, 8> bars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const std::size_t first = values.size() - std::min(values.size(), width);
    std::optional<double> least;
    std::optional<double> greatest;
    for (std::size_t at = first; at < values.size(); ++at) {
        if (!values[at]) continue;
        least = std::min(least.value_or(*values[at]), *values[at]);
        greatest = std::max(greatest.value_or(*values[at]), *values[at]);
    }
    std::string text;
    for (std::size_t at = first; at < values.size(); ++at) {
        if (!values[at]) {
            text += ' ';
            continue;
        }
        const double span = *greatest - *least;
        const double share = span > 0 ? (*values[at] - *least) / span : 0;
        text += bars[static_cast<std::size_t>(std::lround(share * (bars.size() - 1)))];
    }
    return text;
}

}  // namespace coppice::cli
