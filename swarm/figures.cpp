#include "swarm/figures.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace coppice {
namespace {

using Json = nlohmann::ordered_json;

double share(std::uint64_t sum, std::uint64_t count) {
    return count == 0 ? 0.0 : static_cast<double>(sum) / static_cast<double>(count);
}

Json seconds_or_null(double seconds) { return seconds < 0 ? Json{} : Json(seconds); }

Json figures_of(const SwarmReport& report) {
    const SwarmFigures& sums = report.sums;
    return {{"agents", sums.agents},
            {"running", sums.running},
            {"live", sums.live},
            {"roles", {{"root", sums.roots}, {"branch", sums.branches}, {"leaf", sums.leaves}}},
            {"connected_s", seconds_or_null(report.connected_s)},
            {"recovered_s", seconds_or_null(report.recovered_s)},
            {"processes", report.processes},
            {"descriptors", sums.descriptors},
            {"descriptors_per_agent", share(sums.descriptors, sums.agents)},
            {"rss_bytes", sums.resident_bytes},
            {"rss_bytes_per_agent", share(sums.resident_bytes, sums.agents)},
            {"cpu_s", static_cast<double>(sums.cpu_us) / 1e6},
            {"heartbeats", sums.heartbeats},
            {"cpu_us_per_heartbeat", share(report.steady_cpu_us, report.steady_heartbeats)},
            {"frames", sums.frames},
            {"dropped_frames", sums.dropped_frames},
            {"bad_frames", sums.bad_frames},
            {"applied", sums.applied},
            {"statements_opened", sums.statements_opened},
            {"signatures_checked", sums.signatures_checked},
            {"killed", sums.killed},
            {"paused", sums.paused},
            {"returned", sums.returned}};
}

std::string rounded(double value) {
    char text[32];
    std::snprintf(text, sizeof text, value < 100 ? "%.2f" : "%.0f", value);
    return text;
}

}  // namespace

SwarmFigures& SwarmFigures::operator+=(const SwarmFigures& other) {
    static constexpr std::uint64_t SwarmFigures::*fields[] = {&SwarmFigures::agents,
                                                              &SwarmFigures::running,
                                                              &SwarmFigures::live,
                                                              &SwarmFigures::roots,
                                                              &SwarmFigures::branches,
                                                              &SwarmFigures::leaves,
                                                              &SwarmFigures::descriptors,
                                                              &SwarmFigures::resident_bytes,
                                                              &SwarmFigures::cpu_us,
                                                              &SwarmFigures::heartbeats,
                                                              &SwarmFigures::frames,
                                                              &SwarmFigures::dropped_frames,
                                                              &SwarmFigures::bad_frames,
                                                              &SwarmFigures::applied,
                                                              &SwarmFigures::statements_opened,
                                                              &SwarmFigures::signatures_checked,
                                                              &SwarmFigures::killed,
                                                              &SwarmFigures::paused,
                                                              &SwarmFigures::returned};
    static_assert(sizeof fields / sizeof *fields == sizeof(SwarmFigures) / sizeof(std::uint64_t));
    for (const auto field : fields) this->*field += other.*field;
    return *this;
}

std::string report_json(const SwarmReport& report) { return figures_of(report).dump(); }

std::string report_line(const SwarmReport& report) {
    const SwarmFigures& sums = report.sums;
    return std::to_string(sums.live) + " of " + std::to_string(sums.agents) + " live (" +
           std::to_string(sums.roots) + " root, " + std::to_string(sums.branches) + " branches), " +
           std::to_string(sums.heartbeats) + " heartbeats, " + std::to_string(sums.applied) +
           " applied, " + rounded(static_cast<double>(sums.cpu_us) / 1e6) + " s CPU";
}

std::string report_text(const SwarmReport& report) {
    std::string text;
    const Json figures = figures_of(report);
    for (const auto& [name, value] : figures.items()) {
        std::string shown = value.is_number_float() ? rounded(value.get<double>()) : value.dump();
        if (value.is_null()) shown = "not yet";
        if (value.is_object()) {
            shown.clear();
            for (const auto& [role, count] : value.items())
                shown += (shown.empty() ? "" : ", ") + count.dump() + ' ' + role;
        }
        text += "  " + name + std::string(24 - std::min<std::size_t>(name.size(), 23), ' ') +
                shown + '\n';
    }
    return text;
}

}  // namespace coppice
