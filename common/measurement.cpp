#include "common/measurement.h"

#include <array>

namespace coppice {

std::span<const std::string> known_measurements() {
    static const std::array<std::string, 30> known{
        "cores",      "cpu_used",      "disk_free",       "disk_read",     "disk_read_rate",
        "disk_total", "disk_used",     "disk_write_rate", "disk_written",  "inodes_free",
        "load1",      "load15",        "load5",           "mem_available", "mem_cached",
        "mem_free",   "mem_free_part", "mem_total",       "mem_used",      "net_dropped",
        "net_errors", "net_rx",        "net_rx_rate",     "net_tx",        "net_tx_rate",
        "swap_total", "swap_used",     "temperature",     "threads",       "uptime"};
    return known;
}

}  // namespace coppice
