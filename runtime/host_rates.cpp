#include "runtime/host_rates.h"

#include <algorithm>
#include <array>
#include <utility>

namespace coppice {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 4> rates{
    {{"disk_read", "disk_read_rate"},
     {"disk_written", "disk_write_rate"},
     {"net_rx", "net_rx_rate"},
     {"net_tx", "net_tx_rate"}}};

std::optional<double> value_of(const HostRates::Values& values, const char* name) {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional{found->second};
}

/// How much was counted between; none when it cannot be told.
std::optional<double> growth(const HostRates::Values& before, const HostRates::Values& after,
                             const char* name) {
    const std::optional<double> from = value_of(before, name);
    const std::optional<double> to = value_of(after, name);
    if (!from || !to || *to < *from) return std::nullopt;
    return *to - *from;
}

}  // namespace

std::span<const std::string> HostRates::names() {
    static const std::array<std::string, 5> names{"cpu_used", "disk_read_rate", "disk_write_rate",
                                                  "net_rx_rate", "net_tx_rate"};
    return names;
}

const HostRates::Reading* HostRates::base(Instant now) const {
    for (const std::optional<Reading>* reading : {&newer_, &older_})
        if (*reading && now - (*reading)->time >= age_min)
            return now - (*reading)->time <= age_max ? &**reading : nullptr;
    return nullptr;
}

void HostRates::add(Values& values, std::optional<double> cpu_all, std::optional<double> cpu_idle,
                    Instant now) {
    Reading reading{.time = now, .counters = {}};
    for (const auto& [counter, rate] : rates)
        if (const auto value = value_of(values, counter)) reading.counters[counter] = *value;
    if (cpu_all) reading.counters["cpu_all"] = *cpu_all;
    if (cpu_idle) reading.counters["cpu_idle"] = *cpu_idle;
    if (const Reading* before = base(now)) {
        const double seconds = std::chrono::duration<double>(now - before->time).count();
        for (const auto& [counter, rate] : rates)
            if (const auto more = growth(before->counters, reading.counters, counter))
                values[rate] = *more / seconds;
        const auto all = growth(before->counters, reading.counters, "cpu_all");
        const auto idle = growth(before->counters, reading.counters, "cpu_idle");
        if (all && idle && *all > 0) values["cpu_used"] = std::max(0.0, 1 - *idle / *all);
    }
    if (newer_ && now - newer_->time < age_min) return;
    older_ = std::exchange(newer_, std::move(reading));
}

}  // namespace coppice
