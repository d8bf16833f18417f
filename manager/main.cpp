// coppice-manager: registers hosts, shapes the tree, serves people.

#include <filesystem>
#include <iostream>

#include "api/api.h"
#include "api/manager_access.h"
#include "common/names.h"
#include "manager/manager.h"
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

namespace {

using namespace coppice;

constexpr int cannot_start = 1;
constexpr int wrong_usage = 2;

ProgramSpec program() {
    return {
        .program = "coppice-manager",
        .usage = "--config FILE",
        .summary =
            "Registers hosts, builds and heals their tree, pushes, answers. `coppice init` "
            "makes its folder and its config file.",
        .options =
            {
                {"dir", "FOLDER", "", "the fleet's folder, made by coppice init"},
                {"name", "NAME", "m1", "shown as the owner of its cells"},
                {"listen", "ADDRESS", "tcp://127.0.0.1:7400",
                 "where hosts reach it; also what they "
                 "are told"},
                {"advertise", "ADDRESS", "", "what hosts are told instead, with the port", true},
                {"api", "ADDRESS", "127.0.0.1:7401", "where people reach it; loopback"},
                {"fanout", "N", "32",
                 "children of one host, 2 to 1024; depth is about "
                 "log_fanout(hosts)"},
                {"interval", "DURATION", "1s",
                 "between heartbeats, 100ms to 60s; a silent host is "
                 "lost after four"},
                {"cool-down", "DURATION", "10m", "a host that returned gets no role for this long"},
                {"log", "FORMAT", "text", "text or json"},
                {"config", "FILE", "", "an INI file with these options", false, false},
                {"print-config", "", "", "print the settings as such a file and end", false, false},
                {"version", "", "", "print the version and end", false, false},
            },
        .positionals = {}};
}

Result<ManagerConfig> config_of(const Options& options) {
    ManagerConfig config{.name = options.text("name")};
    config.addresses = options.all("advertise");
    if (config.addresses.empty()) config.addresses = {options.text("listen")};
    for (const std::string& address : config.addresses)
        if (const auto valid = validate_address(address); !valid.ok())
            return Error{"--listen or --advertise: " + valid.error().message};
    const Result<std::uint64_t> fanout = options.number("fanout");
    if (!fanout.ok()) return fanout.error();
    config.fanout = static_cast<std::uint32_t>(std::min<std::uint64_t>(*fanout, UINT32_MAX));
    const Result<Duration> interval = options.duration("interval");
    if (!interval.ok()) return interval.error();
    config.interval = *interval;
    const Result<Duration> cool_down = options.duration("cool-down");
    if (!cool_down.ok()) return cool_down.error();
    config.cool_down = *cool_down;
    std::string mistakes;
    for (const std::string& mistake : config.validate())
        mistakes += (mistakes.empty() ? "" : "; ") + mistake;
    if (!mistakes.empty()) return Error{mistakes};
    return config;
}

std::string fleet_of(const Loaded& loaded) {
    for (const Record& record : loaded.records)
        if (const auto* fleet = std::get_if<FleetRecord>(&record)) return fleet->fleet;
    return {};
}

int fail(int code, const std::string& sentence) {
    std::cerr << "coppice-manager: " << sentence << '\n';
    return code;
}

int serve(const Options& options, ManagerConfig config) {
    const std::filesystem::path folder = options.text("dir");
    Signals signals;
    const auto format = parse_log_format(options.text("log"));
    if (!format.ok()) return fail(wrong_usage, "--log: " + format.error().message);
    Log log{*format, Severity::info, std::cerr};
    const auto notice = [&log](const Notice& one) { log.write(one); };

    if (!std::filesystem::exists(folder / "coppice.db"))
        return fail(cannot_start, "there is no fleet in '" + folder.string() +
                                      "'; make one: coppice init " + folder.string());
    auto store = SqliteStore::open(folder / "coppice.db");
    if (!store.ok()) return fail(cannot_start, store.error().message);
    auto loaded = (*store)->load();
    if (!loaded.ok()) return fail(cannot_start, loaded.error().message);
    const auto fleet_keys = load_fleet_keys(folder / "fleet.key");
    if (!fleet_keys.ok()) return fail(cannot_start, fleet_keys.error().message);
    const auto keys = load_or_create_curve_keys(folder / "manager.key");
    if (!keys.ok()) return fail(cannot_start, keys.error().message);
    auto link = ZmqLink::open({.keys = *keys, .listen = options.text("listen")}, notice);
    if (!link.ok()) return fail(cannot_start, link.error().message);

    config.key = keys->public_key;
    const SodiumNotary notary{*fleet_keys};
    const TokenMint mint{.fleet = fleet_of(*loaded),
                         .manager_key = keys->public_key,
                         .fleet_key = fleet_keys->public_key,
                         .random_bytes = random_bytes,
                         .hash = [&notary](const Bytes& bytes) { return notary.hash(bytes); }};
    Manager manager{std::move(config), std::move(*loaded), notary};
    ManagerAccess* asked = nullptr;
    Daemon daemon{{.node = manager,
                   .store = **store,
                   .link = **link,
                   .signals = &signals,
                   .notice = notice,
                   .reply = [&asked](Reply reply) { asked->on_reply(std::move(reply)); }}};
    ManagerAccess access{
        {.manager = manager,
         .post = [&daemon](std::function<void()> task) { return daemon.post(std::move(task)); },
         .submit = [&daemon](Input input) { daemon.submit(std::move(input)); }}};
    asked = &access;
    const Api api{access, mint};
    auto server =
        HttpServer::start({.address = options.text("api")},
                          [&api](const HttpRequest& request) { return api.handle(request); });
    if (!server.ok()) return fail(cannot_start, "--api: " + server.error().message);
    log.write({Severity::info, "manager.ready",
               "hosts at " + options.text("listen") + ", people at " + (*server)->url()});
    const int code = daemon.run();
    access.close();
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments == std::vector<std::string>{"--help"}) {
        std::cout << help_text(program()) << '\n';
        return 0;
    }
    const auto options = parse_options(program(), arguments);
    if (!options.ok()) return fail(wrong_usage, options.error().message);
    if (options->is_set("version")) {
        std::cout << "coppice-manager " COPPICE_VERSION "\n";
        return 0;
    }
    if (options->is_set("print-config")) {
        std::cout << config_text(program(), *options);
        return 0;
    }
    auto config = config_of(*options);
    if (!config.ok()) return fail(wrong_usage, config.error().message);
    if (const auto prepared = prepare_process(); !prepared.ok())
        return fail(cannot_start, prepared.error().message);
    return serve(*options, std::move(*config));
}
