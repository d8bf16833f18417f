// coppice-manager: the management node, with its store, its link to hosts and its HTTP API.

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "api/api.h"
#include "api/manager_access.h"
#include "common/names.h"
#include "manager/manager.h"
#include "options/manager_options.h"
#include "runtime/command_line.h"
#include "runtime/curve_keys.h"
#include "runtime/daemon.h"
#include "runtime/fleet_keys.h"
#include "runtime/http_server.h"
#include "runtime/log.h"
#include "runtime/process_limits.h"
#include "runtime/signals.h"
#include "runtime/sodium_notary.h"
#include "runtime/sqlite_store.h"
#include "runtime/tcp_address.h"

namespace {

using namespace coppice;

constexpr int cannot_start = 1;
constexpr int wrong_usage = 2;

int fail(int code, const std::string& sentence) {
    std::cerr << "coppice-manager: " << sentence << '\n';
    return code;
}

/// What hosts are told: what was asked for, or where the link listens.
Result<std::vector<std::string>> advertised(const Options& options, const std::string& endpoint) {
    const std::vector<std::string>& given = options.all("advertise");
    for (const std::string& address : given)
        if (const auto valid = validate_address(address); !valid.ok())
            return Error{"--advertise: " + valid.error().message};
    if (!given.empty()) return given;
    const Result<TcpAddress> listen = parse_tcp_address(options.text("listen"));
    if (!listen.ok()) return Error{"--listen: " + listen.error().message};
    if (listen->host == "*")
        return Error{
            "--listen names every interface; say with --advertise tcp://host:port where "
            "hosts reach this machine"};
    const Result<TcpAddress> bound = parse_tcp_address(endpoint);  // it has the port
    if (!bound.ok()) return bound.error();
    return std::vector{TcpAddress{.host = listen->host, .port = bound->port}.text()};
}

/// What `coppice init` made: nothing of it is made anew, for hosts hold the keys.
struct Fleet {
    std::string name;
    std::unique_ptr<SqliteStore> store;
    Loaded loaded;
    FleetKeys fleet_keys;
    CurveKeys manager_keys;
    std::string endpoint;  // the first address that hosts are told
};

Result<Fleet> open_fleet(const std::filesystem::path& folder) {
    for (const char* file : {"coppice.db", "fleet.key", "manager.key"})
        if (!std::filesystem::exists(folder / file))
            return Error{folder.string() + " holds no fleet (" + file +
                         " is missing); make one with coppice init " + folder.string()};
    const Result<FleetKeys> fleet_keys = load_fleet_keys(folder / "fleet.key");
    if (!fleet_keys.ok()) return fleet_keys.error();
    const Result<CurveKeys> manager_keys = load_or_create_curve_keys(folder / "manager.key");
    if (!manager_keys.ok()) return manager_keys.error();
    Result<std::unique_ptr<SqliteStore>> store = SqliteStore::open(folder / "coppice.db");
    if (!store.ok()) return store.error();
    Result<Loaded> loaded = (*store)->load();
    if (!loaded.ok()) return loaded.error();
    Fleet fleet{.name = {},
                .store = std::move(*store),
                .loaded = std::move(*loaded),
                .fleet_keys = *fleet_keys,
                .manager_keys = *manager_keys};
    for (const Record& record : fleet.loaded.records)
        if (const auto* found = std::get_if<FleetRecord>(&record)) fleet.name = found->fleet;
    if (fleet.name.empty())
        return Error{(folder / "coppice.db").string() +
                     " holds no fleet; make one in an empty folder with coppice init"};
    return fleet;
}

std::vector<MetricView> process_metrics(const SqliteStore& store, const ZmqLink& link,
                                        const HttpCounters& http) {
    const LinkCounters& counters = link.counters();
    const auto total = [](const char* name, const char* help, std::uint64_t value) {
        return MetricView{name, help, true, static_cast<double>(value)};
    };
    std::vector<MetricView> metrics{
        total("coppice_store_commits_total", "commits that wrote something", store.commits()),
        total("coppice_store_failures_total", "commits that failed; the process ends at the first",
              store.failures()),
        total("coppice_link_sent_total", "frames sent to hosts", counters.sent),
        total("coppice_link_received_total", "frames received from hosts", counters.received),
        total("coppice_link_dropped_unreachable_total", "frames for connections that are gone",
              counters.dropped_unreachable),
        total("coppice_link_dropped_full_total", "frames for hosts that do not keep up",
              counters.dropped_full),
        total("coppice_link_dropped_too_large_total", "frames above the size limit",
              counters.dropped_too_large),
        total("coppice_bad_frames_total{reason=\"malformed\"}",
              "frames of hosts that were not taken, by reason", counters.bad_frames),
        total("coppice_link_refused_connections_total",
              "connections of hosts that could not prove a key", counters.refused_connections),
        total("coppice_link_failed_accepts_total",
              "connections of hosts that were not accepted: too many files are open",
              counters.failed_accepts),
        total("coppice_link_disconnects_total",
              "connections of hosts that ended: left, lost, or sent more than a frame holds",
              counters.disconnects),
        total("coppice_http_requests_total", "HTTP requests that were served", http.requests),
        total("coppice_http_failed_accepts_total",
              "HTTP connections that were not accepted: too many files are open",
              http.failed_accepts),
        {"coppice_http_streams", "streams of events that are open", false,
         static_cast<double>(http.streams)},
    };
    for (const auto& [reason, count] : http.refused)
        metrics.push_back({"coppice_http_refused_total{reason=\"" + reason + "\"}",
                           "HTTP requests that were refused, by reason", true,
                           static_cast<double>(count)});
    return metrics;
}

TokenMint mint_of(const Fleet& fleet, const Notary& notary) {
    return {.fleet = fleet.name,
            .manager_key = fleet.manager_keys.public_key,
            .fleet_key = fleet.fleet_keys.public_key,
            .random_bytes = random_bytes,
            .hash = [&notary](const Bytes& bytes) { return notary.hash(bytes); }};
}

/// Runs the manager on this thread and its API on others, until a signal or a failed commit.
int serve(const Options& options, const Fleet& fleet, const Manager& manager, const Notary& notary,
          DaemonParts parts) {
    Daemon* running = nullptr;
    const HttpServer* http = nullptr;
    ManagerAccess access{
        {.manager = manager,
         .post = [&running](std::function<void()> task) { return running->post(std::move(task)); },
         .submit = [&running](Input input) { running->submit(std::move(input)); },
         .process_metrics =
             [&] { return process_metrics(*fleet.store, parts.link, http->counters()); }}};
    const Api api{access, {*fleet.store, *fleet.store}, mint_of(fleet, notary)};
    DaemonParts daemon_parts = parts;
    daemon_parts.reply = [&access](Reply reply) { access.on_reply(std::move(reply)); };
    Daemon daemon{std::move(daemon_parts)};
    running = &daemon;
    const auto server =
        HttpServer::start({.address = options.text("api")},
                          [&api](const HttpRequest& request) { return api.handle(request); });
    if (!server.ok()) return fail(cannot_start, "--api: " + server.error().message);
    http = server->get();
    std::cout << "manager " << options.text("name") << " of fleet " << fleet.name << ": hosts at "
              << fleet.endpoint << ", people at " << (*server)->url() << std::endl;
    const int code = daemon.run();
    access.close();
    return code;
}

int start(const Options& options, ManagerConfig config) {
    Signals signals;
    const auto format = parse_log_format(options.text("log"));
    if (!format.ok()) return fail(wrong_usage, "--log: " + format.error().message);
    const auto level = parse_log_level(options.text("log-level"));
    if (!level.ok()) return fail(wrong_usage, "--log-level: " + level.error().message);
    Log log{*format, *level, std::cerr};
    const auto notice = [&log](const Notice& one) { log.write(one); };

    Result<Fleet> fleet = open_fleet(options.text("dir"));
    if (!fleet.ok()) return fail(cannot_start, fleet.error().message);
    const SodiumNotary notary{fleet->fleet_keys};
    const auto link =
        ZmqLink::open({.keys = fleet->manager_keys, .listen = options.text("listen")}, notice);
    if (!link.ok()) return fail(cannot_start, link.error().message);
    Result<std::vector<std::string>> addresses = advertised(options, (*link)->endpoint());
    if (!addresses.ok()) return fail(wrong_usage, addresses.error().message);
    fleet->endpoint = addresses->front();
    config.addresses = std::move(*addresses);
    config.key = fleet->manager_keys.public_key;
    Manager manager{std::move(config), std::move(fleet->loaded), notary};
    return serve(options, *fleet, manager, notary,
                 {.node = manager,
                  .store = *fleet->store,
                  .link = **link,
                  .signals = &signals,
                  .notice = notice});
}

}  // namespace

int main(int argc, char** argv) {
    const auto options = parse_options(manager_program(), {argv + 1, argv + argc});
    if (!options.ok()) return fail(wrong_usage, options.error().message);
    if (const auto answer = standard_answer(manager_program(), *options); answer.has_value()) {
        std::cout << *answer;
        return 0;
    }
    if (const auto prepared = prepare_process(); !prepared.ok())
        return fail(cannot_start, prepared.error().message);
    auto config = manager_config(*options);
    if (!config.ok()) return fail(wrong_usage, config.error().message);
    const Bytes seed = random_bytes(sizeof config->seed);
    std::memcpy(&config->seed, seed.data(), sizeof config->seed);
    return start(*options, std::move(*config));
}
