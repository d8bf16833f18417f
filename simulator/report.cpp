#include "simulator/report.h"

#include <algorithm>
#include <cmath>

#include "common/overloaded.h"
#include "simulator/number_text.h"

namespace coppice {

namespace {

std::string with_unit(double value, Unit unit) {
    switch (unit) {
        case Unit::seconds:
            return time_text(Duration{std::llround(value * 1e9)});
        case Unit::millis:
            return time_text(Duration{std::llround(value * 1e6)});
        case Unit::bytes:
            return bytes_text(value);
        case Unit::share:
            return share_text(value);
        case Unit::none:
            break;
    }
    return rate_text(value);
}

constexpr std::size_t byte_columns = 2;  // the last ones of a load table

double per_second(std::uint64_t count, double seconds) {
    return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

std::vector<std::string> load_row(const std::string& name, const Load& load,
                                  const MeterReadings& meter) {
    const double window_s = std::chrono::duration<double>{meter.window}.count();
    const double measured_s = std::chrono::duration<double>{meter.measured}.count();
    return {name,
            rate_text(measured_s > 0 ? load.host_seconds / measured_s : 0),
            rate_text(per_second(load.frames, measured_s)),
            rate_text(per_second(load.frames, load.host_seconds)),
            rate_text(static_cast<double>(load.frames_most) / window_s),
            bytes_text(per_second(load.bytes, load.host_seconds)) + "/s",
            bytes_text(static_cast<double>(load.bytes_most) / window_s) + "/s"};
}

}  // namespace

Duration quantile(const std::vector<Duration>& ascending, double share) {
    if (ascending.empty()) return Duration{};
    const double rank = std::ceil(share * static_cast<double>(ascending.size()) - 1e-9);
    const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
    return ascending[std::min(index, ascending.size() - 1)];
}

std::string value_text(const Figure& figure) {
    const auto of_count = [&figure](std::uint64_t value) {
        return figure.unit == Unit::none ? grouped(value)
                                         : with_unit(static_cast<double>(value), figure.unit);
    };
    const auto of_number = [&figure](double value) { return with_unit(value, figure.unit); };
    const auto of_text = [](const std::string& text) { return text; };
    return std::visit(Overloaded{of_count, of_number, of_text}, figure.value);
}

std::string heading_of(const Distribution& some) {
    if (some.times.size() == 1) return some.title;
    return some.title + " of " + grouped(some.times.size()) + ' ' + some.things;
}

std::vector<Slot> histogram(const std::vector<std::uint64_t>& values, std::uint64_t slots_max) {
    if (values.empty()) return {};
    const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
    std::uint64_t width = 1;
    const auto slots_of = [least = *least, greatest = *greatest](std::uint64_t wide) {
        return greatest / wide - least / wide + 1;
    };
    for (std::uint64_t power = 1; slots_of(width) > slots_max; power *= 10)
        for (const std::uint64_t factor : {1UL, 2UL, 5UL})
            if (slots_of(width) > slots_max) width = power * factor;
    std::vector<Slot> slots;
    const std::uint64_t first_slot = *least / width;
    for (std::uint64_t slot = first_slot; slot <= *greatest / width; ++slot)
        slots.push_back({.first = slot * width, .last = slot * width + width - 1});
    for (const std::uint64_t value : values) ++slots[value / width - first_slot].count;
    return slots;
}

std::string slot_text(const Slot& slot) {
    return slot.first == slot.last ? grouped(slot.first)
                                   : grouped(slot.first) + "–" + grouped(slot.last);
}

std::vector<std::vector<std::string>> load_table(const MeterReadings& meter) {
    std::vector<std::vector<std::string>> rows{
        {"sent", "hosts", "all/s", "each/s", "busiest/s", "each", "busiest"}};
    for (std::size_t i = 0; i < senders; ++i)
        rows.push_back(load_row(sender_names[i], meter.by_role[i], meter));
    for (std::size_t i = 1; i < meter.by_level.size(); ++i)
        rows.push_back(load_row("level " + std::to_string(i), meter.by_level[i], meter));
    const bool has_bytes = std::any_of(meter.by_role.begin(), meter.by_role.end(),
                                       [](const Load& load) { return load.bytes > 0; });
    for (auto& row : rows)
        if (!has_bytes) row.resize(row.size() - byte_columns);
    return rows;
}

RootInbound root_inbound(const MeterReadings& meter) {
    RootInbound found;
    std::uint64_t windows = 0;
    std::uint64_t messages = 0;
    for (const auto& [heard, times] : meter.root_inbound) {
        windows += times;
        messages += heard * times;
        found.most = heard;
    }
    if (windows == 0) return found;
    found.mean = static_cast<double>(messages) / static_cast<double>(windows);
    std::uint64_t below = 0;
    for (const auto& [heard, times] : meter.root_inbound) {
        found.median = heard;
        if ((below += times) * 2 >= windows) break;
    }
    return found;
}

std::string verdict_of(const Report& report) {
    return report.verdict.empty() ? "All invariants held." : report.verdict;
}

}  // namespace coppice
