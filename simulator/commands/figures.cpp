#include "simulator/commands/figures.h"

#include <sys/resource.h>

#include <sstream>

namespace coppice {

std::vector<Figure> run_figures(const RunSize& size) {
    const double simulated_s = std::chrono::duration<double>{size.simulated}.count();
    std::ostringstream hash;
    hash << std::hex << size.hash;
    return {{"hosts", "hosts", size.hosts, Unit::none, true},
            {"simulated_s", "virtual time", simulated_s, Unit::seconds, true},
            {"wall_s", "real time", size.wall_s, Unit::seconds, false},
            {"speed", "times real time", size.wall_s > 0 ? simulated_s / size.wall_s : 0.0,
             Unit::none, true},
            {"events", "events", size.events},
            {"hash", "hash", hash.str()}};
}

void add_memory(Report& report, std::uint64_t hosts) {
    constexpr double kibibyte = 1024;
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0) return;
    report.figures.push_back(
        {"memory_bytes_per_host", "memory per host",
         static_cast<double>(usage.ru_maxrss) * kibibyte / static_cast<double>(hosts),
         Unit::bytes});
}

}  // namespace coppice
