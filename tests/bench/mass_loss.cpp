// What the loss of very many hosts at once costs a manager: to mark them, to tell their deaths
// together, to find places for the orphans and to commit all of it.
//
//   bench_mass_loss [--hosts N] [--lost N] [--random] [--folder DIR] [--json]
//
// The lost are whole racks or, with --random, hosts of all racks and roles. The store is a new file
// in --folder. Time is CPU of this process, from the first word of a loss until the window of the
// deaths has closed.

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "common/random.h"
#include "runtime/sqlite_store.h"
#include "simulator/virtual_notary.h"
#include "tests/bench/flags.h"
#include "tests/support/large_cell.h"

namespace coppice {
namespace {

struct Options {
    std::uint32_t hosts = 1'000'000;
    std::uint32_t lost = 100'000;
    std::string folder = ".";
    bool is_random = false;
    bool is_json = false;
};

double cpu_seconds() {
    constexpr double nanoseconds = 1e9;
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / nanoseconds;
}

/// Consecutive numbers share racks.
HostSet racks_of(const Options& options) {
    HostSet hosts;
    for (std::uint32_t number = 0; number < options.lost; ++number)
        hosts.insert(HostId{options.hosts / 2 + number});
    return hosts;
}

/// All but the root, which tells of them.
HostSet random_hosts(const Options& options, HostId root) {
    Random random{1};
    HostSet hosts;
    while (hosts.size() < options.lost) {
        const HostId host{static_cast<std::uint32_t>(1 + random.below(options.hosts))};
        if (host != root) hosts.insert(host);
    }
    return hosts;
}

int run(const Options& options) {
    const VirtualNotary notary{1};
    testing::LargeCell cell{notary};
    cell.join(options.hosts);
    if (!cell.settle()) {
        std::fprintf(stderr, "the fleet does not come to rest within ten minutes of its time\n");
        return 1;
    }
    const std::filesystem::path file = std::filesystem::path{options.folder} / "mass_loss.db";
    auto store = SqliteStore::open(file);
    if (!store.ok()) {
        std::fprintf(stderr, "%s\n", store.error().message.c_str());
        return 1;
    }
    double committing = 0;
    std::size_t rows = 0;
    bool is_committed = true;
    cell.on_writes([&](const std::vector<Write>& writes) {
        const double start = cpu_seconds();
        is_committed = is_committed && (*store)->commit(writes).ok();
        committing += cpu_seconds() - start;
        rows += writes.size();
    });
    const HostSet lost =
        options.is_random ? random_hosts(options, cell.cell().root) : racks_of(options);
    constexpr std::chrono::seconds window{61};
    const double start = cpu_seconds();
    cell.lose(lost);
    const double marked = cpu_seconds() - start;
    cell.run_for(window);
    const double all = cpu_seconds() - start;
    for (const char* end : {"", "-wal", "-shm"})
        std::filesystem::remove(std::filesystem::path{file} += end);
    const HostCounts counts = cell.manager().status().hosts;
    const bool is_right = is_committed && counts.lost == options.lost &&
                          counts.live + counts.lost == counts.registered;
    const char* const format =
        options.is_json ? "{\"hosts\": %u, \"lost\": %u, \"cpu_s\": %.2f, \"marked_cpu_s\": %.2f, "
                          "\"commit_cpu_s\": %.2f, \"rows\": %zu}\n"
                        : "%u hosts, %u lost at once: %.2f s of CPU, %.2f s until all were marked, "
                          "%.2f s of all "
                          "for commits of %zu rows\n";
    std::printf(format, options.hosts, options.lost, all, marked, committing, rows);
    if (!is_right)
        std::fprintf(stderr, "the manager counts %llu lost and %llu live\n",
                     static_cast<unsigned long long>(counts.lost),
                     static_cast<unsigned long long>(counts.live));
    return is_right ? 0 : 1;
}

Options read_options(int count, char** words) {
    Options options;
    read_flags(count, words,
               {{"--hosts", "N", Flag::Number{&options.hosts}},
                {"--lost", "N", Flag::Number{&options.lost}},
                {"--random", "", &options.is_random},
                {"--folder", "DIR", &options.folder},
                {"--json", "", &options.is_json}});
    return options;
}

}  // namespace
}  // namespace coppice

int main(int count, char** words) { return coppice::run(coppice::read_options(count, words)); }
