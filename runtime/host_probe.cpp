#include "runtime/host_probe.h"

#include <sys/statvfs.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <numeric>
#include <optional>
#include <sstream>
#include <system_error>

#include "common/limits.h"

namespace coppice {
namespace {

using Values = HostRates::Values;

/// "1 min, 5 min, 15 min, running/all threads, newest process".
void read_load(const std::filesystem::path& proc, Values& values) {
    std::ifstream file{proc / "loadavg"};
    double load1 = 0;
    double load5 = 0;
    double load15 = 0;
    if (!(file >> load1 >> load5 >> load15)) return;
    values["load1"] = load1;
    values["load5"] = load5;
    values["load15"] = load15;
    double running = 0;
    double threads = 0;
    char slash = 0;
    if (file >> running >> slash >> threads) values["threads"] = threads;
}

/// `whole` less `rest`, when both are known.
void subtract(Values& values, const char* name, const char* whole, const char* rest) {
    if (values.contains(whole) && values.contains(rest))
        values[name] = values[whole] - values[rest];
}

void read_memory(const std::filesystem::path& proc, Values& values) {
    static const std::map<std::string, const char*> names{
        {"MemTotal:", "mem_total"},         {"MemFree:", "mem_free"},
        {"MemAvailable:", "mem_available"}, {"Cached:", "mem_cached"},
        {"SwapTotal:", "swap_total"},       {"SwapFree:", "swap_free"}};
    constexpr double kib = 1024;
    std::ifstream file{proc / "meminfo"};
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream words{line};
        std::string name;
        double amount = 0;
        if (!(words >> name >> amount)) continue;
        if (const auto known = names.find(name); known != names.end())
            values[known->second] = amount * kib;
    }
    subtract(values, "mem_used", "mem_total", "mem_available");
    subtract(values, "swap_used", "swap_total", "swap_free");
    values.erase("swap_free");
}

/// What a control group may still use of its limit; it has none when memory.max is "max".
void read_free_part(const std::filesystem::path& group, Values& values) {
    if (!values.contains("mem_available") || values["mem_total"] <= 0) return;
    double& part = values["mem_free_part"] = values["mem_available"] / values["mem_total"];
    std::ifstream limit_file{group / "memory.max"};
    std::ifstream use_file{group / "memory.current"};
    double limit = 0;
    double use = 0;
    if (limit_file >> limit && use_file >> use && limit > 0)
        part = std::min(part, std::max(0.0, limit - use) / limit);
}

void read_uptime(const std::filesystem::path& proc, Values& values) {
    std::ifstream file{proc / "uptime"};
    double seconds = 0;
    if (file >> seconds) values["uptime"] = seconds;
}

/// Time of all processors since the start: "cpu user nice system idle iowait irq softirq steal".
/// What guests take is in that of users.
struct ProcessorTimes {
    std::optional<double> all;
    std::optional<double> idle;
};

ProcessorTimes read_processor_times(const std::filesystem::path& proc) {
    std::ifstream file{proc / "stat"};
    std::string name;
    std::array<double, 8> column{};
    if (!(file >> name) || name != "cpu") return {};
    for (double& one : column)
        if (!(file >> one)) return {};
    return {.all = std::accumulate(column.begin(), column.end(), 0.0),
            .idle = column[3] + column[4]};
}

void read_cores(const std::filesystem::path& proc, Values& values) {
    std::ifstream file{proc / "cpuinfo"};
    std::string line;
    double cores = 0;
    while (std::getline(file, line)) cores += line.starts_with("processor") ? 1 : 0;
    if (cores > 0) values["cores"] = cores;
}

/// Lines are "  eth0: received_bytes packets errors drops and 4 more, sent_bytes packets errors
/// drops and 4 more".
void read_network(const std::filesystem::path& proc, Values& values) {
    std::ifstream file{proc / "net" / "dev"};
    std::string line;
    while (std::getline(file, line)) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        std::istringstream name_words{line.substr(0, colon)};
        std::istringstream columns{line.substr(colon + 1)};
        std::string name;
        name_words >> name;
        std::array<double, 12> column{};
        for (double& one : column) columns >> one;
        if (!columns || name == "lo") continue;
        values["net_rx"] += column[0];
        values["net_tx"] += column[8];
        values["net_errors"] += column[2] + column[10];
        values["net_dropped"] += column[3] + column[11];
    }
}

/// Lines are "8 0 sda reads merged sectors_read ms writes merged sectors_written ...". Whole disks
/// alone: what a partition or a mapped volume moves is counted with its disk.
void read_disks(const std::filesystem::path& root, Values& values) {
    constexpr double sector = 512;  // whatever the disk has
    std::ifstream file{root / "proc" / "diskstats"};
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream words{line};
        std::string skipped;
        std::string name;
        words >> skipped >> skipped >> name;
        std::array<double, 7> column{};
        for (double& one : column) words >> one;
        std::error_code ignored;
        if (!words || !std::filesystem::exists(root / "sys" / "block" / name / "device", ignored))
            continue;
        values["disk_read"] += column[2] * sector;
        values["disk_written"] += column[6] * sector;
    }
}

void read_file_system(const std::filesystem::path& root, Values& values) {
    struct statvfs system {};
    if (::statvfs(root.c_str(), &system) != 0 || system.f_blocks == 0) return;
    const auto block = static_cast<double>(system.f_frsize);
    values["disk_total"] = static_cast<double>(system.f_blocks) * block;
    values["disk_used"] = static_cast<double>(system.f_blocks - system.f_bfree) * block;
    values["disk_free"] = static_cast<double>(system.f_bavail) * block;
    if (system.f_files > 0) values["inodes_free"] = static_cast<double>(system.f_favail);
}

/// Zones give thousandths of a degree.
void read_temperature(const std::filesystem::path& root, Values& values) {
    std::error_code error;
    for (const auto& zone :
         std::filesystem::directory_iterator{root / "sys" / "class" / "thermal", error}) {
        std::ifstream file{zone.path() / "temp"};
        double thousandths = 0;
        if (!zone.path().filename().string().starts_with("thermal_zone") || !(file >> thousandths))
            continue;
        const double degrees = thousandths / 1000;
        const auto known = values.emplace("temperature", degrees).first;
        known->second = std::max(known->second, degrees);
    }
}

/// The value of a line KEY=VALUE or KEY="VALUE" (os-release).
std::string setting_of(const std::filesystem::path& path, const std::string& key) {
    std::ifstream file{path};
    std::string line;
    while (std::getline(file, line)) {
        if (!line.starts_with(key + '=')) continue;
        std::string value = line.substr(key.size() + 1);
        std::erase(value, '"');
        return value;
    }
    return {};
}

std::vector<Measurement> to_measurements(const Values& values) {
    std::vector<Measurement> measurements;
    for (const auto& [name, value] : values)
        if (std::isfinite(value)) measurements.push_back({.name = name, .value = value});
    return measurements;
}

}  // namespace

std::vector<Measurement> HostProbe::measure(Instant now) {
    Values values = read();
    const ProcessorTimes times = read_processor_times(root_ / "proc");
    rates_.add(values, times.all, times.idle, now);
    return to_measurements(values);
}

HostRates::Values HostProbe::read() const {
    const std::filesystem::path proc = root_ / "proc";
    Values values;
    read_load(proc, values);
    read_memory(proc, values);
    read_free_part(control_group(), values);
    read_uptime(proc, values);
    read_cores(proc, values);
    read_network(proc, values);
    read_file_system(root_, values);
    read_disks(root_, values);
    read_temperature(root_, values);
    return values;
}

std::vector<Measurement> HostProbe::resources() const {
    std::vector<Measurement> all = to_measurements(read());
    std::erase_if(all, [](const Measurement& measurement) {
        const std::string& name = measurement.name;
        return name != "cores" && name != "disk_total" && name != "mem_total";
    });
    return all;
}

Facts HostProbe::facts() const {
    Facts facts;
    std::ifstream kernel{root_ / "proc" / "sys" / "kernel" / "osrelease"};
    kernel >> facts["kernel"];
    const std::filesystem::path os = root_ / "etc" / "os-release";
    const std::string version = setting_of(os, "VERSION_ID");
    facts["os"] = setting_of(os, "ID") + (version.empty() ? "" : " " + version);
    struct utsname machine {};
    if (::uname(&machine) == 0) facts["arch"] = machine.machine;
    std::erase_if(facts, [](const auto& fact) {
        return fact.second.empty() || fact.second.size() > limits::fact_bytes_max;
    });
    return facts;
}

/// The line of cgroup v2 in /proc/self/cgroup is "0::/path".
std::filesystem::path HostProbe::control_group() const {
    std::ifstream file{root_ / "proc" / "self" / "cgroup"};
    std::string line;
    while (std::getline(file, line))
        if (line.starts_with("0::/")) return root_ / "sys" / "fs" / "cgroup" / line.substr(4);
    return {};
}

std::uint64_t HostProbe::oom_kills() const {
    std::ifstream file{control_group() / "memory.events"};
    std::string name;
    std::uint64_t count = 0;
    while (file >> name >> count)
        if (name == "oom_kill") return count;
    return 0;
}

std::string HostProbe::machine_id() const {
    std::ifstream file{root_ / "etc" / "machine-id"};
    std::string id;
    file >> id;
    return id;
}

}  // namespace coppice
