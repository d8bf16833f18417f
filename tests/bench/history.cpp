// What a long history of many hosts costs: bytes a row in the file, and CPU time of what people ask
// of it, through the API of a manager with a store of its own.
//
//   bench_history [--hosts N] [--rows N] [--days N]
//
// Hosts fail and return in turns over 80 days, or so many; each failure is four rows: lost,
// joining, live, and live below another parent. Ids, generations and times are as long as in a
// fleet of a million. Then all of it is too old, and each host gets a row more: commits while rows
// are dropped.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "api/api.h"
#include "runtime/clock.h"
#include "runtime/sqlite_store.h"
#include "tests/bench/flags.h"
#include "tests/bench/folder.h"
#include "tests/support/fake_notary.h"

namespace coppice {
namespace {

constexpr std::uint32_t first_host = 500'001;
constexpr std::uint32_t children_max = 32;
constexpr std::uint64_t first_generation = 500'000;
constexpr UnixMillis day = std::chrono::hours{24};
constexpr std::size_t commit_size = 512;

struct Options {
    std::uint32_t hosts = 20'000;
    std::uint32_t rows = 150;
    std::uint32_t days = 80;
};

struct Seconds {
    double cpu = 0;
    double clock = 0;
};

double seconds(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

template <class Work>
Seconds measure(Work work) {
    const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    const double clock = seconds(CLOCK_MONOTONIC);
    work();
    return {seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, seconds(CLOCK_MONOTONIC) - clock};
}

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

HostId id_of(std::uint32_t index) { return HostId{first_host + index}; }

HostId parent_of(std::uint32_t index) {
    return index == 0 ? HostId{} : id_of((index - 1) / children_max);
}

Loaded fleet_of(std::uint32_t hosts, UnixMillis now) {
    Loaded loaded{.term = 1,
                  .records = {FleetRecord{.fleet = "bench", .next_host = id_of(hosts)},
                              CellRecord{.name = "main", .generation = 1, .root = id_of(0)}},
                  .has_timelines = true,
                  .has_roles = true};
    for (std::uint32_t index = 0; index < hosts; ++index) {
        const bool is_parent = index * children_max + 1 < hosts;
        HostRecord host{.id = id_of(index),
                        .name = "n" + std::to_string(first_host + index),
                        .labels = {{"rack", "r" + std::to_string(index / 128)}},
                        .state = HostState::live,
                        .since = now,
                        .incarnation = Incarnation{1},
                        .role = is_parent ? Role::branch : Role::leaf,
                        .parent = parent_of(index),
                        .is_placed = true};
        if (index == 0) host.role = Role::root;
        const std::string key = host.name;
        std::copy(key.begin(), key.end(), host.key.begin());
        loaded.records.emplace_back(std::move(host));
    }
    return loaded;
}

/// The row with that number of a host.
TimelineRow row_of(std::uint32_t index, std::uint32_t number, UnixMillis from, UnixMillis since) {
    constexpr HostState states[] = {HostState::live, HostState::lost, HostState::joining,
                                    HostState::live};
    constexpr Cause causes[] = {Cause::joined, Cause::silent, Cause::none, Cause::joined};
    const std::uint32_t step = number % 4;
    return {id_of(index),
            from,
            {.state = states[step],
             .cause = causes[step],
             .since = step == 0 ? since : from,
             .parent = parent_of(index),
             .generation = first_generation + number,
             .role = Role::leaf}};
}

/// What commits took, one by one.
struct Commits {
    std::size_t count = 0;
    Seconds sum;
    Seconds max;

    void add(const Seconds& one) {
        ++count;
        sum.cpu += one.cpu;
        sum.clock += one.clock;
        max.cpu = std::max(max.cpu, one.cpu);
        max.clock = std::max(max.clock, one.clock);
    }
    void print(const char* what) const {
        const auto mean = 1e3 / static_cast<double>(count);
        std::printf("  %-34s %10.2f ms of CPU, %10.2f ms by the clock; at most %.2f and %.2f\n",
                    what, sum.cpu * mean, sum.clock * mean, max.cpu * 1e3, max.clock * 1e3);
    }
};

void commit(SqliteStore& store, std::vector<Write>& writes, Commits& commits) {
    commits.add(measure([&] {
        if (const auto done = store.commit(writes); !done.ok()) fail(done.error().message);
    }));
    writes.clear();
}

/// Rows in the order of time, of hosts that are far from each other in the file.
Commits fill(SqliteStore& store, const Options& options, UnixMillis now) {
    const std::uint64_t all = std::uint64_t{options.hosts} * options.rows;
    const UnixMillis past = options.days * day;
    constexpr std::uint64_t stride = 7919;  // a prime
    std::vector<Write> writes;
    std::vector<UnixMillis> since(options.hosts);
    Commits commits;
    for (std::uint64_t row = 0; row < all; ++row) {
        const auto index = static_cast<std::uint32_t>(row * stride % options.hosts);
        const auto number = static_cast<std::uint32_t>(row / options.hosts);
        const UnixMillis from =
            now - past + UnixMillis{static_cast<std::uint64_t>(past.count()) * row / all};
        writes.emplace_back(Begin{row_of(index, number, from, since[index])});
        since[index] = from;
        if (writes.size() == commit_size || row + 1 == all) commit(store, writes, commits);
    }
    return commits;
}

/// All rows but the newest of a host are too old, and go with the one that it gets.
Commits change_later(SqliteStore& store, const Options& options, UnixMillis now,
                     std::uint32_t first, std::uint32_t count, std::size_t size) {
    std::vector<Write> writes;
    Commits commits;
    for (std::uint32_t index = first; index < first + count; ++index) {
        const UnixMillis from = now + timeline_age_max + day + UnixMillis{index};
        writes.emplace_back(Begin{row_of(index, 4 * options.rows, from, from)});
        if (writes.size() == size || index + 1 == first + count) commit(store, writes, commits);
    }
    return commits;
}

class Bench {
public:
    explicit Bench(const Options& options) : options_{options} {}

    void run() {
        Commits filled;
        const Seconds filling = measure([&] { filled = fill(*store_, options_, now_); });
        const double all = static_cast<double>(options_.hosts) * options_.rows;
        store_.reset();  // which empties its log into the file
        const auto bytes = static_cast<double>(std::filesystem::file_size(folder_.file()));
        std::printf("%u hosts with %u rows each: %.1f bytes a row, %.2f us of CPU to write one\n",
                    options_.hosts, options_.rows, bytes / all, filling.cpu / all * 1e6);
        print_counts(all);
        filled.print("a commit of 512 rows");
        store_ = std::move(*SqliteStore::open(folder_.file()));
        ask_all();
        const std::uint32_t some = options_.hosts / 4;
        change_later(*store_, options_, now_, 0, some, commit_size)
            .print("a commit of 512 that drops rows");
        change_later(*store_, options_, now_, some, std::min(some, 1000U), 1)
            .print("a commit of one row, the same");
    }

private:
    void print_counts(double rows) const {
        sqlite::Database file;
        if (const auto opened = file.open(folder_.file()); !opened.ok())
            fail(opened.error().message);
        const auto bytes = file.number("SELECT sum(length(value) + 6) FROM host_count");
        if (!bytes.ok()) fail(bytes.error().message);
        std::printf("  %-34s %10.2f bytes a row of a host\n", "of these for the counts",
                    static_cast<double>(*bytes) / rows);
    }

    void ask_all() {
        Manager manager{{.addresses = {"tcp://127.0.0.1:7400"}, .fanout = children_max},
                        fleet_of(options_.hosts, now_),
                        notary_};
        ManagerAccess access{{.manager = manager,
                              .post =
                                  [](const std::function<void()>& task) {
                                      task();
                                      return true;
                                  },
                              .submit = [](const Input&) {}}};
        const Api api{access, {*store_, *store_}, {}};
        const std::string host = "n" + std::to_string(first_host + options_.hosts / 2);
        const double hosts = options_.hosts;
        const double rows = hosts * options_.rows;
        const std::string at = std::to_string(options_.days * 12) + "h";
        ask(api, "one host at a time", "/v1/hosts/" + host, {{"at", at}}, 1, "host");
        ask(api, "1,000 hosts at a time", "/v1/hosts", {{"at", at}}, 1000, "host");
        ask(api, "one host of a selector at a time", "/v1/hosts",
            {{"at", at}, {"where", "host in " + host}}, hosts, "host of the fleet");
        ask(api, "the lost hosts at a time", "/v1/hosts",
            {{"at", at}, {"state", "lost"}, {"limit", "10000"}}, hosts, "host of the fleet");
        ask(api, "hosts by state at a time", "/v1/status", {{"at", at}}, 1, "answer");
        ask(api, "the same of a selector", "/v1/status", {{"at", at}, {"where", "has(rack)"}},
            hosts, "host of the fleet");
        ask(api, "the tree at a time", "/v1/tree", {{"at", at}}, hosts, "host");
        ask(api, "a report over all rows", "/v1/reports/availability", {{"since", "85d"}}, rows,
            "row");
        ask(api, "the same by racks", "/v1/reports/availability",
            {{"since", "85d"}, {"by", "rack"}}, rows, "row");
        ask(api, "a report over the last day", "/v1/reports/availability", {{"since", "24h"}},
            hosts, "host");
    }

    static void ask(const Api& api, const char* what, const std::string& path,
                    const std::map<std::string, std::string>& query, double things,
                    const char* thing) {
        HttpResponse response;
        const Seconds taken = measure(
            [&] { response = api.handle({.method = "GET", .path = path, .query = query}); });
        if (response.status != 200) fail(response.body);
        std::printf("  %-34s %10.1f ms of CPU, %10.1f ms by the clock; %.2f us a %s\n", what,
                    taken.cpu * 1e3, taken.clock * 1e3, taken.cpu / things * 1e6, thing);
    }

    const Options options_;
    const UnixMillis now_ = unix_now();
    const Folder folder_;
    testing::FakeNotary notary_;
    std::unique_ptr<SqliteStore> store_ = std::move(*SqliteStore::open(folder_.file()));
};

Options read_options(int count, char** words) {
    Options options;
    read_flags(count, words,
               {{"--hosts", "N", Flag::Number{&options.hosts}},
                {"--rows", "N", Flag::Number{&options.rows}},
                {"--days", "N", Flag::Number{&options.days}}});
    return options;
}

}  // namespace
}  // namespace coppice

int main(int count, char** words) {
    coppice::Bench{coppice::read_options(count, words)}.run();
    return 0;
}
