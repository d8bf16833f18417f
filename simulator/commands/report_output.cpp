#include "simulator/commands/report_output.h"

#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "simulator/commands/command.h"

namespace coppice {

namespace {

using Json = nlohmann::ordered_json;

double millis(Duration time) { return std::chrono::duration<double, std::milli>{time}.count(); }

double seconds(Duration time) { return std::chrono::duration<double>{time}.count(); }

/// Three digits behind the point at most, so that 0.1 is not 0.09999.
double rounded(double value) { return std::round(value * 1000) / 1000; }
/// Some shares are of seconds in a month.
double rounded_share(double value) { return std::round(value * 1e6) / 1e6; }

Json json_of(const Figure& figure) {
    return std::visit(
        [&figure](const auto& value) {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, double>)
                return Json(figure.unit == Unit::share ? rounded_share(value) : rounded(value));
            else
                return Json(value);
        },
        figure.value);
}

Json json_of(const Distribution& some) {
    Json json{{"count", some.times.size()},
              {"p50", rounded(millis(quantile(some.times, 0.5)))},
              {"p90", rounded(millis(quantile(some.times, 0.9)))},
              {"p99", rounded(millis(quantile(some.times, 0.99)))},
              {"p999", rounded(millis(quantile(some.times, 0.999)))},
              {"max", rounded(millis(quantile(some.times, 1)))}};
    if (some.bound.has_value()) json["bound"] = rounded(millis(*some.bound));
    return json;
}

Json json_of(const Load& load, const MeterReadings& meter) {
    const double window_s = seconds(meter.window);
    const auto rate = [](std::uint64_t count, double time_s) {
        return time_s > 0 ? rounded(static_cast<double>(count) / time_s) : 0;
    };
    return {{"messages", load.frames},
            {"bytes", load.bytes},
            {"messages_per_host_s", rate(load.frames, load.host_seconds)},
            {"messages_per_host_s_max", rate(load.frames_most, window_s)},
            {"bytes_per_host_s", rate(load.bytes, load.host_seconds)},
            {"bytes_per_host_s_max", rate(load.bytes_most, window_s)}};
}

Json series_of(const MeterReadings& meter) {
    Json series{{"width_s", seconds(meter.point_width)}};
    for (const LoadPoint& point : meter.points) {
        series["lived_s"].push_back(seconds(point.lived));
        series["up"].push_back(point.up);
        series["live"].push_back(point.live);
        series["moves"].push_back(point.moves);
        series["bytes"].push_back(point.bytes);
        for (std::size_t i = 0; i < senders; ++i)
            series["messages_" + std::string{sender_names[i]}].push_back(point.frames[i]);
    }
    return series;
}

void add_meter(Json& json, const MeterReadings& meter) {
    if (!json.contains("moves")) json["moves"] = meter.moves;
    json["moves_per_death"] = meter.moves_per_death;
    if (meter.leapt > Duration{}) json["leapt_s"] = seconds(meter.leapt);
    if (meter.measured == Duration{}) return;
    const RootInbound inbound = root_inbound(meter);
    json["root_inbound_per_interval"] = {
        {"median", inbound.median}, {"mean", rounded(inbound.mean)}, {"max", inbound.most}};
    json["interior_inbound_per_interval_max"] = meter.interior_inbound_most;
    for (std::size_t i = 0; i < senders; ++i)
        json["load"][sender_names[i]] = json_of(meter.by_role[i], meter);
    for (const Load& load : meter.by_level) json["load_by_level"].push_back(json_of(load, meter));
    json["series"] = series_of(meter);
}

bool write_page(const std::string& path, const Report& report) {
    std::ofstream file{path, std::ios::binary};
    file << report_page(report);
    file.close();
    if (file) return true;
    std::cerr << "coppice-sim: cannot write the page " << path
              << "; is its folder there, and not full?\n";
    return false;
}

bool wants_colours() { return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

std::string quoted(const std::string& text) {
    static constexpr const char* plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./,:%+@";
    if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
    std::string out = "'";
    for (const char letter : text) out += letter == '\'' ? "'\\''" : std::string(1, letter);
    return out + '\'';
}

}  // namespace

std::vector<OptionSpec> output_options() {
    return flags_only({{"json", "", "", "one JSON document on standard output"},
                       {"html", "FILE", "", "write a page with plots, which needs no network"},
                       {"help", "", "", "print this and end"}});
}

std::string report_json(const Report& report) {
    Json json;
    for (const Figure& figure : report.figures) json[figure.key] = json_of(figure);
    for (const Distribution& some : report.distributions) json[some.key] = json_of(some);
    if (report.meter.has_value()) add_meter(json, *report.meter);
    json["command"] = report.command;
    json["broken"] = report.broken;
    std::string text = "{";
    for (const auto& [key, value] : json.items())
        text += (text.size() == 1 ? "\n  " : ",\n  ") + Json(key).dump() + ": " + value.dump();
    return text + "\n}\n";
}

int give(const Report& report, const Options& options) {
    std::cout << (options.is_set("json") ? report_json(report)
                                         : report_text(report, wants_colours()))
              << std::flush;
    const bool is_written = !options.is_set("html") || write_page(options.text("html"), report);
    return report.broken.empty() && is_written ? 0 : exit_broken;
}

std::string command_text(const std::string& program, const std::vector<std::string>& arguments) {
    std::string text = program;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--json" || arguments[i].rfind("--html=", 0) == 0) continue;
        if (arguments[i] == "--html")
            ++i;
        else
            text += ' ' + quoted(arguments[i]);
    }
    return text;
}

}  // namespace coppice
