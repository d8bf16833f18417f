#pragma once
// Figures that every command has: the size of a run, its speed, its hash, its memory.

#include <chrono>
#include <cstdint>
#include <vector>

#include "simulator/report.h"

namespace coppice {

struct RunSize {
    std::uint64_t hosts = 0;
    Duration simulated{};
    double wall_s = 0;
    std::uint64_t events = 0;
    std::uint64_t hash = 0;
};

/// hosts, simulated_s, wall_s, speed, events, hash.
[[nodiscard]] std::vector<Figure> run_figures(const RunSize& size);

/// memory_bytes_per_host: the most that this process has held, shared out.
void add_memory(Report& report, std::uint64_t hosts);

/// Real time since it was made.
class Stopwatch {
public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>{std::chrono::steady_clock::now() - start_}.count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace coppice
