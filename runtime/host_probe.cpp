#include "runtime/host_probe.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

namespace coppice {
namespace {

using Values = std::map<std::string, double>;

void read_load(const std::filesystem::path& proc, Values& values) {
    std::ifstream file{proc / "loadavg"};
    double load1 = 0;
    double load5 = 0;
    double load15 = 0;
    if (!(file >> load1 >> load5 >> load15)) return;
    values["load1"] = load1;
    values["load5"] = load5;
    values["load15"] = load15;
}

void read_memory(const std::filesystem::path& proc, Values& values) {
    constexpr double kib = 1024;
    std::ifstream file{proc / "meminfo"};
    std::string line;
    while (std::getline(file, line)) {
        std::istringstream words{line};
        std::string name;
        double amount = 0;
        if (!(words >> name >> amount)) continue;
        if (name == "MemTotal:") values["mem_total"] = amount * kib;
        if (name == "MemAvailable:") values["mem_available"] = amount * kib;
    }
    if (values.contains("mem_total") && values.contains("mem_available"))
        values["mem_used"] = values["mem_total"] - values["mem_available"];
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

void read_cores(const std::filesystem::path& proc, Values& values) {
    std::ifstream file{proc / "cpuinfo"};
    std::string line;
    double cores = 0;
    while (std::getline(file, line)) cores += line.starts_with("processor") ? 1 : 0;
    if (cores > 0) values["cores"] = cores;
}

/// Lines are "  eth0: received_bytes and 7 more columns, sent_bytes ...".
void read_network(const std::filesystem::path& proc, Values& values) {
    constexpr int columns_between = 7;
    std::ifstream file{proc / "net" / "dev"};
    std::string line;
    double received = 0;
    double sent = 0;
    bool is_found = false;
    while (std::getline(file, line)) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        std::istringstream name_words{line.substr(0, colon)};
        std::istringstream columns{line.substr(colon + 1)};
        std::string name;
        double rx = 0;
        double skipped = 0;
        double tx = 0;
        name_words >> name;
        columns >> rx;
        for (int column = 0; column < columns_between; ++column) columns >> skipped;
        if (!(columns >> tx) || name == "lo") continue;
        received += rx;
        sent += tx;
        is_found = true;
    }
    if (!is_found) return;
    values["net_rx"] = received;
    values["net_tx"] = sent;
}

void read_disk(const std::filesystem::path& root, Values& values) {
    struct statvfs system {};
    if (::statvfs(root.c_str(), &system) != 0 || system.f_blocks == 0) return;
    const auto block = static_cast<double>(system.f_frsize);
    values["disk_total"] = static_cast<double>(system.f_blocks) * block;
    values["disk_used"] = static_cast<double>(system.f_blocks - system.f_bfree) * block;
}

std::vector<Measurement> to_measurements(const Values& values) {
    std::vector<Measurement> measurements;
    for (const auto& [name, value] : values)
        if (std::isfinite(value)) measurements.push_back({.name = name, .value = value});
    return measurements;
}

}  // namespace

std::vector<Measurement> HostProbe::measure() const {
    const std::filesystem::path proc = root_ / "proc";
    Values values;
    read_load(proc, values);
    read_memory(proc, values);
    read_free_part(control_group(), values);
    read_uptime(proc, values);
    read_cores(proc, values);
    read_network(proc, values);
    read_disk(root_, values);
    return to_measurements(values);
}

std::vector<Measurement> HostProbe::resources() const {
    std::vector<Measurement> all = measure();
    std::erase_if(all, [](const Measurement& measurement) {
        const std::string& name = measurement.name;
        return name != "cores" && name != "disk_total" && name != "mem_total";
    });
    return all;
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
