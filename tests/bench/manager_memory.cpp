// What a registered host costs a manager in memory: hosts with labels, addresses, keys and
// resources as agents have them, all placed and live.
//
//   bench_manager_memory [--hosts N] [--store FILE] [--json]
//
// With --store the hosts are also put into that store, which `coppice init` made, for a manager to
// start from (see manager_restart.py).

#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "runtime/sqlite_store.h"
#include "simulator/virtual_notary.h"
#include "tests/bench/flags.h"
#include "tests/support/large_cell.h"

namespace coppice {
namespace {

struct Options {
    std::uint32_t hosts = 100'000;
    std::string store;
    bool is_json = false;
};

double heap_bytes() {
    const struct mallinfo2 info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
}

/// Resident memory of this process that no file backs.
double resident_bytes() {
    constexpr double kib = 1024;
    std::ifstream status{"/proc/self/status"};
    std::string word;
    double amount = 0;
    while (status >> word)
        if (word == "RssAnon:" && status >> amount) break;
    return amount * kib;
}

/// The store keeps its fleet, and knows the cell and its hosts then.
Result<Done> fill(const std::string& file, const testing::LargeCell& cell) {
    auto store = SqliteStore::open(file);
    if (!store.ok()) return store.error();
    const Result<Loaded> loaded = (*store)->load();
    if (!loaded.ok()) return loaded.error();
    std::vector<Write> writes;
    for (const Record& record : loaded->records) {
        const auto* fleet = std::get_if<FleetRecord>(&record);
        if (fleet == nullptr) continue;
        FleetRecord filled = cell.fleet();
        filled.fleet = fleet->fleet;
        writes.emplace_back(Put{filled});
    }
    writes.emplace_back(Put{cell.cell()});
    const auto hosts = cell.manager().hosts("");
    for (const HostView& host : *hosts) {
        const HostRecord& record = host.record;
        writes.emplace_back(Put{record});
        writes.emplace_back(Begin{{record.id, record.since, condition_of(record, 1)}});
    }
    return (*store)->commit(writes);
}

int run(const Options& options) {
    const VirtualNotary notary{1};
    const double resident_before = resident_bytes();
    testing::LargeCell cell{notary};
    cell.join(options.hosts);
    if (!cell.settle()) {
        std::fprintf(stderr, "the fleet does not come to rest within ten minutes of its time\n");
        return 1;
    }
    const double resident = resident_bytes() - resident_before;
    if (!options.store.empty()) {
        if (const Result<Done> filled = fill(options.store, cell); !filled.ok()) {
            std::fprintf(stderr, "%s\n", filled.error().message.c_str());
            return 1;
        }
    }
    const double heap_before_end = heap_bytes();
    cell.end_manager();
    const double heap = heap_before_end - heap_bytes();
    const char* const format =
        options.is_json
            ? "{\"hosts\": %u, \"heap_bytes_per_host\": %.0f, \"resident_bytes_per_host\": %.0f}\n"
            : "%u hosts: %.0f bytes of heap a host, %.0f bytes resident a host\n";
    std::printf(format, options.hosts, heap / options.hosts, resident / options.hosts);
    return 0;
}

Options read_options(int count, char** words) {
    Options options;
    read_flags(count, words,
               {{"--hosts", "N", Flag::Number{&options.hosts}},
                {"--store", "FILE", &options.store},
                {"--json", "", &options.is_json}});
    return options;
}

}  // namespace
}  // namespace coppice

int main(int count, char** words) { return coppice::run(coppice::read_options(count, words)); }
