// coppice-agent: the one daemon on each host.

#include <unistd.h>

#include <cstring>
#include <iostream>
#include <memory>
#include <set>

#include "agent/agent.h"
#include "common/limits.h"
#include "common/names.h"
#include "local/plane.h"
#include "options/agent_options.h"
#include "options/label_file.h"
#include "runtime/clock.h"
#include "runtime/code_pages.h"
#include "runtime/command_line.h"
#include "runtime/curve_keys.h"
#include "runtime/daemon.h"
#include "runtime/durable_file.h"
#include "runtime/fleet_keys.h"
#include "runtime/host_probe.h"
#include "runtime/join_token.h"
#include "runtime/log.h"
#include "runtime/process_limits.h"
#include "runtime/push_applier.h"
#include "runtime/signals.h"
#include "runtime/sodium_notary.h"
#include "runtime/sqlite_store.h"
#include "runtime/unix_socket.h"

namespace {

using namespace coppice;

constexpr int cannot_start = 1;
constexpr int wrong_usage = 2;

std::string host_name() {
    char name[limits::name_bytes_max + 1] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

/// The token that was given, or the one kept at the first start.
Result<JoinToken> token_of(const Options& options) {
    const std::filesystem::path kept = std::filesystem::path{options.text("dir")} / "token";
    std::string text = options.text("token");
    if (options.is_set("token-file")) {
        const Result<std::string> read = read_small_file(options.text("token-file"));
        if (!read.ok()) return read.error();
        text = *read;
    } else if (text.empty()) {
        const Result<std::string> read = read_small_file(kept);
        if (!read.ok())
            return Error{"--token or --token-file is missing, and none is kept in " +
                         kept.parent_path().string() + "; make one: coppice token create"};
        text = *read;
    }
    const Result<JoinToken> token = parse_join_token(text);
    if (!token.ok()) return token;
    if (auto made = make_directories(options.text("dir")); !made.ok()) return made.error();
    constexpr mode_t secret = 0600;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    if (auto saved = replace_file(kept, {bytes, text.size()}, secret); !saved.ok())
        return saved.error();
    return token;
}

/// What others are told: the listening port under each name of this host.
std::vector<std::string> advertised(const Options& options, const std::string& endpoint) {
    const std::string port = endpoint.substr(endpoint.find_last_of(':'));
    const std::string listen = options.text("listen");
    const std::string given = listen.substr(0, listen.find_last_of(':'));
    if (options.all("advertise").empty() && given.find('*') == std::string::npos)
        return {given + port};
    std::vector<std::string> addresses;
    for (const std::string& host : options.all("advertise"))
        addresses.push_back("tcp://" + host + port);
    if (addresses.empty()) addresses.push_back("tcp://" + host_name() + port);
    return addresses;
}

Result<AgentConfig> config_of(const Options& options, const JoinToken& token) {
    AgentConfig config{.fleet = token.fleet,
                       .name = options.text("name"),
                       .token_id = token.id,
                       .token_secret = token.secret,
                       .release = COPPICE_VERSION};
    if (const auto valid = validate_host_name(config.name); !valid.ok())
        return Error{"--name: " + valid.error().message};
    for (const std::string& address : options.all("manager")) {
        if (const auto valid = validate_address(address); !valid.ok())
            return Error{"--manager: " + valid.error().message};
        config.managers.push_back({manager_host, token.manager_key, {address}});
    }
    if (config.managers.empty())
        return Error{"--manager is missing: where a manager listens, such as tcp://m1:7400"};
    const Result<Labels> labels = agent_labels(options);
    if (!labels.ok()) return labels.error();
    config.labels = *labels;
    if (options.is_set("label-file")) {
        const Result<Labels> more = read_label_file(options.text("label-file"));
        if (!more.ok()) return Error{"--label-file: " + more.error().message};
        config.labels.insert(more->begin(), more->end());
    }
    if (const auto valid = validate(config.labels); !valid.ok())
        return Error{"--label: " + valid.error().message};
    const Bytes seed = random_bytes(sizeof config.seed);
    std::memcpy(&config.seed, seed.data(), sizeof config.seed);
    const HostProbe probe;
    config.machine_id = probe.machine_id();
    config.resources = probe.resources();
    config.facts = probe.facts();
    config.oom_kills = probe.oom_kills();
    return config;
}

/// A folder that another fleet's manager has written to is not mixed with this one.
Result<Done> check_fleet(const Loaded& loaded, const Notary& notary, const std::string& folder) {
    for (const Record& record : loaded.records) {
        const auto* identity = std::get_if<IdentityRecord>(&record);
        if (identity == nullptr || identity->order.content.empty()) continue;
        if (!notary.open(identity->order).ok())
            return Error{folder +
                         " belongs to a host of another fleet; name another --dir, "
                         "or empty it"};
    }
    return Done{};
}

int fail(int code, const std::string& sentence) {
    std::cerr << "coppice-agent: " << sentence << '\n';
    return code;
}

/// How values take effect, but for subscribed daemons.
Result<PushWays> ways_of(const Options& options, const PublicKey& fleet) {
    PushWays ways;
    ways.fleet = fleet;
    const Result<Duration> limit = options.duration("apply-limit");
    if (!limit.ok()) return limit.error();
    ways.hook_limit = *limit;
    for (const std::string& text : options.all("hook")) {
        Result<Hook> hook = parse_hook(text);
        if (!hook.ok()) return Error{"--hook: " + hook.error().message};
        ways.hooks.push_back(std::move(*hook));
    }
    return ways;
}

std::filesystem::path topics_of(const Options& options) {
    const std::filesystem::path given = options.text("topics");
    return given.empty() ? std::filesystem::path{options.text("dir")} / "topics" : given;
}

/// What an agent measures itself, now or at its next reading.
std::set<std::string> names_of(const std::vector<Measurement>& measurements) {
    std::set<std::string> names{HostRates::names().begin(), HostRates::names().end()};
    for (const Measurement& measurement : measurements) names.insert(measurement.name);
    return names;
}

std::string drawn_number() {
    std::uint64_t number = 0;
    const Bytes bytes = random_bytes(sizeof number);
    std::memcpy(&number, bytes.data(), sizeof number);
    return std::to_string(number);
}

/// The socket for the daemons of this host; null with --no-socket.
Result<std::unique_ptr<local::Plane>> plane_of(const Options& options, const PushWays& ways,
                                               local::OwnOfHost& own) {
    const bool is_off = options.is_set("no-socket");
    if (is_off && !options.all("subscriber-only").empty())
        return Error{"--subscriber-only: without a socket no daemon can subscribe"};
    if (is_off) return std::unique_ptr<local::Plane>{};
    local::PlaneConfig config{.name = options.text("name")};
    config.socket.path = options.text("socket");
    if (config.socket.path.empty())
        config.socket.path = std::filesystem::path{options.text("dir")} / "agent.sock";
    if (options.is_set("socket-group")) {
        const Result<gid_t> group = group_of(options.text("socket-group"));
        if (!group.ok()) return Error{"--socket-group: " + group.error().message};
        config.socket.group = *group;
    }
    config.hub = {
        .topics = topics_of(options),
        .offers = {.limit = ways.hook_limit, .subscriber_only = options.all("subscriber-only")},
        .run = drawn_number()};
    auto plane = local::Plane::open(std::move(config), own);
    if (!plane.ok()) return Error{plane.error().message + "; --no-socket does without the socket"};
    return plane;
}

/// Of the machine, and of its daemons.
std::vector<Measurement> measured(HostProbe& probe, const OwnMeasurements& own) {
    const Instant now = steady_now();
    std::vector<Measurement> all = probe.measure(now);
    for (OwnMeasurements::Entry& entry : own.list(now)) all.push_back(std::move(entry.measurement));
    return all;
}

/// The daemons of this host hear what the agent does, and reduce for it. Both outlive the parts.
void add_to(DaemonParts& parts, local::Plane& plane, const Agent& agent) {
    parts.reply = [&plane](Reply reply) { plane.on_reply(std::move(reply)); };
    parts.settled = [&plane, &agent] { plane.show(agent); };
    parts.heard = [&plane](const LocalHeard& heard) { plane.on_heard(heard); };
    parts.reduce = [&plane](const Reduce& reduce) { return plane.reduce(reduce); };
}

int serve(const Options& options, const JoinToken& token, AgentConfig config) {
    const std::filesystem::path folder = options.text("dir");
    Signals signals;
    const auto format = parse_log_format(options.text("log"));
    if (!format.ok()) return fail(wrong_usage, "--log: " + format.error().message);
    const auto level = parse_log_level(options.text("log-level"));
    if (!level.ok()) return fail(wrong_usage, "--log-level: " + level.error().message);
    Log log{*format, *level, std::cerr};
    const auto notice = [&log](const Notice& one) { log.write(one); };

    auto store = SqliteStore::open(folder / "agent.db");
    if (!store.ok()) return fail(cannot_start, store.error().message);
    const auto loaded = (*store)->load();
    if (!loaded.ok()) return fail(cannot_start, loaded.error().message);
    const SodiumNotary notary{token.fleet_key};
    if (const auto own = check_fleet(*loaded, notary, folder.string()); !own.ok())
        return fail(cannot_start, own.error().message);
    const auto keys = load_or_create_curve_keys(folder / "agent.key");
    if (!keys.ok()) return fail(cannot_start, keys.error().message);
    auto link = ZmqLink::open({.keys = *keys, .listen = options.text("listen")}, notice);
    if (!link.ok()) return fail(cannot_start, link.error().message);
    config.key = keys->public_key;
    config.addresses = advertised(options, (*link)->endpoint());
    Agent agent{std::move(config), *loaded, notary};
    HostProbe probe;
    local::OwnOfHost own{.measurements = OwnMeasurements{names_of(probe.measure(steady_now()))}};
    Result<PushWays> ways = ways_of(options, token.fleet_key);
    if (!ways.ok()) return fail(wrong_usage, ways.error().message);
    const auto plane = plane_of(options, *ways, own);
    if (!plane.ok()) return fail(cannot_start, plane.error().message);
    if (*plane)
        ways->hand_over = [&plane](const Apply& apply) { return (*plane)->hand_over(apply); };
    PushApplier applier{topics_of(options), std::move(*ways)};
    DaemonParts parts{.node = agent,
                      .store = **store,
                      .link = **link,
                      .applier = &applier,
                      .signals = &signals,
                      .notice = notice,
                      .measure = [&probe, &own] { return measured(probe, own.measurements); },
                      .contributions = [&own] { return own.contributions.all(steady_now()); }};
    if (*plane) add_to(parts, **plane, agent);
    Daemon daemon{std::move(parts)};
    if (*plane)
        (*plane)->start(applier, [&daemon](Input input) {
            return daemon.post([&daemon, input = std::move(input)] { daemon.submit(input); });
        });
    release_code_pages();
    const int code = daemon.run();
    if (*plane) (*plane)->stop();
    return agent.view().is_refused ? cannot_start : code;
}

}  // namespace

int main(int argc, char** argv) {
    const ProgramSpec program = agent_program(host_name());
    const auto options = parse_options(program, {argv + 1, argv + argc});
    if (!options.ok()) return fail(wrong_usage, options.error().message);
    if (const auto answer = standard_answer(program, *options); answer.has_value()) {
        std::cout << *answer;
        return 0;
    }
    if (const auto prepared = prepare_process(); !prepared.ok())
        return fail(cannot_start, prepared.error().message);
    const auto token = token_of(*options);
    if (!token.ok()) return fail(wrong_usage, token.error().message);
    auto config = config_of(*options, *token);
    if (!config.ok()) return fail(wrong_usage, config.error().message);
    config->applied = applied_in(topics_of(*options), token->fleet_key);
    return serve(*options, *token, std::move(*config));
}
