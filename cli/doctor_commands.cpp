// doctor: what would keep a daemon of this machine from working, and what to do about it.

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "cli/commands.h"
#include "cli/doctor_checks.h"
#include "cli/render.h"
#include "common/limits.h"
#include "options/agent_options.h"
#include "options/manager_options.h"
#include "runtime/clock.h"
#include "runtime/curve_keys.h"
#include "runtime/durable_file.h"
#include "runtime/fleet_keys.h"
#include "runtime/join_token.h"
#include "runtime/sodium_notary.h"

namespace coppice::cli {
namespace {

namespace fs = std::filesystem;

constexpr Duration connect_time = std::chrono::seconds{2};
/// A daemon's own files, the connections of its HTTP API, and some to spare.
constexpr std::uint64_t files_of_manager = 1024;
constexpr std::uint64_t files_of_agent = 256;

using Checks = std::vector<Check>;

template <class T>
const T* find_record(const Result<StoreFindings>& findings) {
    if (!findings.ok()) return nullptr;
    for (const Record& record : findings->records)
        if (const auto* found = std::get_if<T>(&record)) return found;
    return nullptr;
}

std::optional<pid_t> holder_of(const Result<StoreFindings>& findings) {
    return findings.ok() ? findings->holder : std::nullopt;
}

std::optional<Error> mistake_of(const auto& result) {
    return result.ok() ? std::nullopt : std::optional{result.error()};
}

std::uint16_t port_of(const std::string& address) {
    const Result<TcpAddress> parsed = parse_tcp_address(address);
    return parsed.ok() ? parsed->port : 0;
}

/// An address to listen on, as a client of this machine sees it.
std::string local_address(const std::string& listen) {
    Result<TcpAddress> parsed = parse_tcp_address(listen);
    if (parsed.ok() && parsed->host == "*") parsed->host = "localhost";
    return parsed.ok() ? parsed->text() : listen;
}

Check reach(const std::string& name, const std::string& address, const std::string& mend) {
    const Result<TcpAddress> parsed = parse_tcp_address(address);
    const Result<Done> connected =
        parsed.ok() ? try_connect(*parsed, connect_time) : Result<Done>{parsed.error()};
    return check_reachable(name, address, connected, mend);
}

void add_disk(Checks& checks, const fs::path& folder, Duration interval) {
    constexpr int longest_share = 4;  // of an interval
    checks.push_back(check_disk_space(disk_room(folder)));
    checks.push_back(
        check_disk_write(folder, durable_write_time(folder), interval / longest_share));
}

void add_clock(Checks& checks, const fs::path& folder) {
    const Instant before = steady_now();
    const std::optional<UnixMillis> newest = newest_change(folder);
    checks.push_back(check_clock(unix_now(), newest, steady_now() - before));
}

/// The manager's API; what it says of itself, or nothing.
std::optional<Json> add_api(Checks& checks, const Session& session, const std::string& mend) {
    const Instant asked = steady_now();
    const Answered answered = session.look({.path = "/v1/status"});
    const Duration taken = steady_now() - asked;
    const Result<Done> result =
        answered.document ? Result<Done>{Done{}} : Result<Done>{Error{answered.sentence}};
    checks.push_back(check_reachable("api", session.manager(), result, mend));
    const std::string release =
        answered.document ? answered.document->value("release", std::string{}) : std::string{};
    checks.push_back(check_versions(COPPICE_VERSION, release));
    if (answered.document && answered.document->contains("time_ms"))
        checks.push_back(check_clock_of_manager(
            unix_now(), UnixMillis{answered.document->at("time_ms").get<std::int64_t>()}, taken));
    return answered.document;
}

// --- a manager's folder
// ---------------------------------------------------------------------------

/// Whether the store's pushes are signed by the fleet's key.
std::optional<Error> fleet_key_mistake(const fs::path& folder,
                                       const Result<StoreFindings>& findings) {
    const Result<FleetKeys> keys = load_fleet_keys(folder / "fleet.key");
    if (!keys.ok()) return keys.error();
    const auto* push = find_record<PushRecord>(findings);
    if (push == nullptr) return std::nullopt;
    return mistake_of(SodiumNotary{*keys}.open(push->content));
}

Options manager_settings(const fs::path& folder, Checks& checks) {
    const std::string file = folder / "manager.conf";
    const Options defaults = *parse_options(manager_program(), {});
    if (!fs::exists(file)) return defaults;
    Result<Options> options = parse_options(manager_program(), {"--config", file});
    const Result<ManagerConfig> config =
        options.ok() ? manager_config(*options) : Result<ManagerConfig>{options.error()};
    const std::optional<Error> mistake = mistake_of(config);
    checks.push_back({.check = "configuration",
                      .ok = !mistake,
                      .detail = mistake ? mistake->message : file + " can be read",
                      .mend = mistake ? "correct the line" : ""});
    return mistake ? defaults : *options;
}

Checks examine_manager(Session& session, const fs::path& folder) {
    Checks checks;
    const Options options = manager_settings(folder, checks);
    session.prefer_manager("http://" + options.text("api"));
    const std::string start = "coppice-manager --config " + (folder / "manager.conf").string();
    const Result<StoreFindings> findings = inspect_store(folder / "coppice.db");
    const std::optional<pid_t> daemon = holder_of(findings);
    checks.push_back(check_daemon("manager", daemon, start));
    checks.push_back(check_store(folder / "coppice.db", findings));
    checks.push_back(
        check_key(folder / "manager.key", mistake_of(load_curve_keys(folder / "manager.key"))));
    checks.push_back(check_key(folder / "fleet.key", fleet_key_mistake(folder, findings)));
    for (const char* name : {"listen", "api"})
        if (const std::uint16_t port = port_of(options.text(name)); port != 0)
            checks.push_back(check_port(name, port, port_holder(port), daemon));
    add_disk(checks, folder, *options.duration("interval"));
    add_clock(checks, folder);
    checks.push_back(reach("listen", local_address(options.text("listen")), "start it: " + start));
    const std::optional<Json> status = add_api(checks, session, "start it: " + start);
    const std::uint64_t hosts =
        status ? status->at("hosts").value("registered", std::uint64_t{0}) : 0;
    checks.push_back(check_limits(open_files_max(daemon), files_of_manager + hosts,
                                  "one for each of " + counted(hosts, "registered host") +
                                      ", which may all ask at once, and " +
                                      std::to_string(files_of_manager) + " of its own"));
    return checks;
}

// --- an agent's folder
// ----------------------------------------------------------------------------

/// The order that the agent obeys; none when it has none or its store is in use.
std::optional<Order> order_of(const Result<StoreFindings>& findings, const Notary& notary) {
    const auto* identity = find_record<IdentityRecord>(findings);
    if (identity == nullptr || identity->order.content.empty()) return std::nullopt;
    const Result<Statement> statement = notary.open(identity->order);
    const Order* order = statement.ok() ? std::get_if<Order>(&*statement) : nullptr;
    return order == nullptr ? std::nullopt : std::optional{*order};
}

std::optional<Error> agent_key_mistake(const fs::path& folder,
                                       const Result<StoreFindings>& findings,
                                       const std::optional<Order>& order) {
    const Result<CurveKeys> keys = load_curve_keys(folder / "agent.key");
    if (!keys.ok()) return keys.error();
    const auto* identity = find_record<IdentityRecord>(findings);
    if (identity == nullptr || identity->order.content.empty()) return std::nullopt;
    if (!order) return Error{"the store's order is not signed by the fleet of the token"};
    if (order->key != keys->public_key) return Error{"the store belongs to another key"};
    return std::nullopt;
}

/// As the running agent was started; none when it does not run.
std::optional<Options> agent_settings(std::optional<pid_t> daemon) {
    if (!daemon) return std::nullopt;
    Result<Options> options = parse_options(agent_program("host"), arguments_of(*daemon));
    return options.ok() ? std::optional{*options} : std::nullopt;
}

std::vector<std::string> managers_of(const std::optional<Options>& settings,
                                     const std::optional<Order>& order) {
    if (settings) return settings->all("manager");
    std::vector<std::string> addresses;
    if (order)
        for (const PeerAddress& manager : order->managers)
            addresses.insert(addresses.end(), manager.addresses.begin(), manager.addresses.end());
    return addresses;
}

Checks examine_agent(const fs::path& folder) {
    Checks checks;
    const std::string start = "coppice-agent --dir " + folder.string() + " --manager tcp://…";
    const Result<StoreFindings> findings = inspect_store(folder / "agent.db");
    const std::optional<pid_t> daemon = holder_of(findings);
    const std::optional<Options> settings = agent_settings(daemon);
    const Result<std::string> text = read_small_file(folder / "token");
    const Result<JoinToken> token = text.ok() ? parse_join_token(*text) : text.error();
    const SodiumNotary notary{token.ok() ? token->fleet_key : PublicKey{}};
    const std::optional<Order> order = order_of(findings, notary);
    checks.push_back(check_daemon("agent", daemon, start));
    checks.push_back(check_store(folder / "agent.db", findings));
    checks.push_back(check_key(folder / "token", mistake_of(token)));
    checks.push_back(check_key(folder / "agent.key", agent_key_mistake(folder, findings, order)));
    const std::string listen = settings ? settings->text("listen") : "tcp://*:7402";
    if (const std::uint16_t port = port_of(listen); port != 0)
        checks.push_back(check_port("listen", port, port_holder(port), daemon));
    add_disk(checks, folder, order ? order->interval : std::chrono::seconds{1});
    add_clock(checks, folder);
    for (const std::string& manager : managers_of(settings, order))
        checks.push_back(reach("manager", manager,
                               "start that manager, or look at the network and its firewall"));
    const std::uint64_t children =
        order ? order->fanout + order->slack : limits::fanout_max + limits::fanout_max / 4;
    checks.push_back(check_limits(open_files_max(daemon), files_of_agent + children,
                                  "one for each of " + std::to_string(children) +
                                      " children as a branch, and " +
                                      std::to_string(files_of_agent) + " of its own"));
    checks.push_back(check_versions(COPPICE_VERSION, ""));
    return checks;
}

// --- the command
// ----------------------------------------------------------------------------------

bool is_managers(const fs::path& folder) {
    return fs::exists(folder / "coppice.db") || fs::exists(folder / "manager.conf");
}

bool is_agents(const fs::path& folder) {
    return fs::exists(folder / "agent.db") || fs::exists(folder / "token");
}

/// Without a folder: where the daemons keep theirs unless they are told otherwise.
Checks examine_machine(Session& session) {
    Checks checks;
    const std::string manager = parse_options(manager_program(), {})->text("dir");
    const std::string agent = parse_options(agent_program("host"), {})->text("dir");
    std::error_code hidden;
    if (fs::exists(fs::path{manager} / "coppice.db", hidden))
        return examine_manager(session, manager);
    if (fs::exists(fs::path{agent} / "agent.db", hidden)) return examine_agent(agent);
    add_clock(checks, "");
    add_api(checks, session, "start coppice-manager, or name the folder: coppice doctor DIR");
    checks.push_back(check_limits(open_files_max(std::nullopt), files_of_manager,
                                  "for a manager without hosts"));
    return checks;
}

int doctor(Session& session) {
    const Options& options = session.options();
    const std::string given =
        options.is_set("dir") ? options.text("dir") : options.text("directory");
    if (options.is_set("dir") && options.is_set("directory"))
        return session.misused("the folder is named twice");
    Checks checks;
    if (given.empty()) {
        checks = examine_machine(session);
    } else if (is_managers(given)) {
        checks = examine_manager(session, fs::absolute(given));
    } else if (is_agents(given)) {
        checks = examine_agent(fs::absolute(given));
    } else {
        checks.push_back({.check = "folder",
                          .ok = false,
                          .detail = given + " is the folder of neither a manager nor an agent, or "
                                            "this user may not read it",
                          .mend = "name the --dir of a daemon; coppice init makes a manager's"});
    }
    const bool is_well =
        std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.ok; });
    if (session.wants_json()) {
        Json list = Json::array();
        for (const Check& one : checks)
            list.push_back(
                {{"check", one.check}, {"ok", one.ok}, {"detail", one.detail}, {"mend", one.mend}});
        Session::print(list);
        return is_well ? success : answer_is_no;
    }
    Table table{{"CHECK", "", "FOUND"}};
    for (const Check& one : checks) table.add({one.check, one.ok ? "ok" : "BAD", one.detail});
    std::cout << table.text();
    for (const Check& one : checks)
        if (!one.ok) std::cout << "\nto mend " << one.check << ": " << one.mend << '\n';
    return is_well ? success : answer_is_no;
}

}  // namespace

std::vector<Command> doctor_commands() {
    Command command =
        asking({.words = "doctor",
                .usage = "[DIR]",
                .summary = "what keeps a daemon of this machine from working; exit 1 if anything",
                .options = {{.name = "dir",
                             .value_name = "DIR",
                             .help = "a manager's or an agent's folder; the same as DIR",
                             .is_in_file = false}}},
               doctor);
    command.program.optional_positional = "directory";
    return {std::move(command)};
}

}  // namespace coppice::cli
