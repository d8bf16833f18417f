// init: makes a fleet in a folder; whoever has the folder is its manager.

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <iostream>

#include "cli/commands.h"
#include "common/limits.h"
#include "common/names.h"
#include "runtime/curve_keys.h"
#include "runtime/durable_file.h"
#include "runtime/fleet_keys.h"
#include "runtime/join_token.h"
#include "runtime/sodium_notary.h"
#include "runtime/sqlite_store.h"

namespace coppice::cli {
namespace {

namespace fs = std::filesystem;

struct Plan {
    fs::path folder;
    std::string fleet;
    std::string listen;
    std::string api;
    std::uint64_t fanout = 32;
    Duration interval{};
    Duration token_lifetime{};
    std::uint64_t token_uses = 0;
};

struct Made {
    FleetKeys fleet_keys;
    CurveKeys manager_keys;
    JoinToken token;
};

std::string hex(const Bytes& bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) text += {digits[byte >> 4U], digits[byte & 15U]};
    return text;
}

UnixMillis unix_now() {
    return std::chrono::duration_cast<UnixMillis>(
        std::chrono::system_clock::now().time_since_epoch());
}

/// What the options ask for, or the first mistake in them.
Result<Plan> plan_of(const Options& options) {
    constexpr std::size_t fleet_id_bytes = 8;
    constexpr Duration interval_min = std::chrono::milliseconds{100};
    constexpr Duration interval_max = std::chrono::seconds{60};
    Plan plan{.folder = fs::absolute(options.text("dir")),
              .fleet = options.is_set("fleet") ? options.text("fleet")
                                               : hex(random_bytes(fleet_id_bytes)),
              .listen = options.text("listen"),
              .api = options.text("api")};
    const Result<std::uint64_t> fanout = options.number("fanout");
    if (!fanout.ok()) return fanout.error();
    if (*fanout < limits::fanout_min || *fanout > limits::fanout_max)
        return Error{"--fanout: must be 2 to " + std::to_string(limits::fanout_max)};
    const Result<Duration> interval = options.duration("interval");
    if (!interval.ok()) return interval.error();
    if (*interval < interval_min || *interval > interval_max)
        return Error{"--interval: must be 100ms to 60s"};
    const Result<Duration> lifetime = options.duration("token-ttl");
    if (!lifetime.ok()) return lifetime.error();
    const Result<std::uint64_t> uses = options.number("token-uses");
    if (!uses.ok()) return uses.error();
    if (const auto valid = validate_address(plan.listen); !valid.ok())
        return Error{"--listen: " + valid.error().message};
    if (const auto valid = validate_host_name(plan.fleet); !valid.ok())
        return Error{"--fleet: " + valid.error().message};
    plan.fanout = *fanout;
    plan.interval = *interval;
    plan.token_lifetime = *lifetime;
    plan.token_uses = *uses;
    return plan;
}

Result<Done> write_store(const Plan& plan, const JoinToken& token) {
    auto store = SqliteStore::open(plan.folder / "coppice.db");
    if (!store.ok()) return store.error();
    const SodiumNotary notary{token.fleet_key};
    const UnixMillis now = unix_now();
    const bool expires = plan.token_lifetime != Duration::zero();
    const UnixMillis end = now + std::chrono::duration_cast<UnixMillis>(plan.token_lifetime);
    const Write writes[] = {
        Put{FleetRecord{.fleet = plan.fleet}},
        Put{CellRecord{.name = "main"}},
        Put{TokenRecord{.id = token.id,
                        .secret_hash = notary.hash(token.secret),
                        .created = now,
                        .expires = expires ? end : UnixMillis{},
                        .uses_max = plan.token_uses}},
        Put{SeriesRecord{.name = "hosts",
                         .question = usual_question(),
                         .every = std::chrono::seconds{15},
                         .keep = std::chrono::hours{24 * 7}}},
    };
    return (*store)->commit(writes);
}

Result<Done> write_settings(const Plan& plan) {
    const std::string text = "# coppice-manager --config " +
                             (plan.folder / "manager.conf").string() +
                             "\ndir = " + plan.folder.string() + "\nlisten = " + plan.listen +
                             "\napi = " + plan.api + "\nfanout = " + std::to_string(plan.fanout) +
                             "\ninterval = " + duration_text(plan.interval) + "\n";
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    constexpr mode_t readable = 0644;
    return replace_file(plan.folder / "manager.conf", {bytes, text.size()}, readable);
}

Result<Made> make(const Plan& plan) {
    constexpr std::size_t token_id_bytes = 4;
    if (fs::exists(plan.folder / "coppice.db") || fs::exists(plan.folder / "fleet.key"))
        return Error{plan.folder.string() +
                     " holds a fleet already; name another folder, or start its manager"};
    if (auto made = make_directories(plan.folder); !made.ok()) return made.error();
    constexpr mode_t private_folder = 0700;
    ::chmod(plan.folder.c_str(), private_folder);
    Made made{.fleet_keys = make_fleet_keys(), .manager_keys = {}, .token = {}};
    if (auto saved = save_fleet_keys(plan.folder / "fleet.key", made.fleet_keys); !saved.ok())
        return saved.error();
    auto keys = load_or_create_curve_keys(plan.folder / "manager.key");
    if (!keys.ok()) return keys.error();
    made.manager_keys = *keys;
    made.token = {.manager_key = keys->public_key,
                  .fleet_key = made.fleet_keys.public_key,
                  .fleet = plan.fleet,
                  .id = hex(random_bytes(token_id_bytes)),
                  .secret = random_bytes(join_secret_bytes)};
    if (auto written = write_store(plan, made.token); !written.ok()) return written.error();
    if (auto written = write_settings(plan); !written.ok()) return written.error();
    return made;
}

int init(Session& session) {
    const Result<Plan> plan = plan_of(session.options());
    if (!plan.ok()) return session.misused(plan.error().message);
    const Result<Made> made = make(*plan);
    if (!made.ok()) return Session::fail(answer_is_no, made.error().message);
    const std::string config = (plan->folder / "manager.conf").string();
    const std::string token = join_token_text(made->token);
    if (session.wants_json()) {
        Session::print({{"fleet", plan->fleet},
                        {"endpoint", plan->listen},
                        {"api", plan->api},
                        {"token", token},
                        {"config", config}});
        return success;
    }
    std::cout << "fleet " << plan->fleet << " is made in " << plan->folder.string()
              << "\n\nstart its manager:\n  coppice-manager --config " << config
              << "\n\nand on each host:\n  coppice-agent --manager " << plan->listen << " --token "
              << token << " --dir /var/lib/coppice/agent\n";
    return success;
}

}  // namespace

std::vector<Command> init_commands() {
    const auto option = [](const char* name, const char* value, const char* standard,
                           const char* help) {
        return OptionSpec{.name = name,
                          .value_name = value,
                          .default_value = standard,
                          .help = help,
                          .is_in_file = false};
    };
    ProgramSpec program{
        .program = "coppice init",
        .usage = "DIR [--listen tcp://ADDRESS:7400] [--fanout 32] [--interval 1s]",
        .summary = "make a fleet: its keys, its store, its first join token",
        .options = {option("fleet", "NAME", "", "the fleet's id; drawn at random without it"),
                    option("listen", "ADDRESS", "tcp://127.0.0.1:7400", "where hosts reach it"),
                    option("api", "ADDRESS", "127.0.0.1:7401", "where people reach it; loopback"),
                    option("fanout", "N", "32", "children of one host, 2 to 2048"),
                    option("interval", "DURATION", "1s", "between heartbeats, 100ms to 60s"),
                    option("token-ttl", "DURATION", "24h", "of the first token; 0s: for ever"),
                    option("token-uses", "N", "0", "of the first token; 0: any number"),
                    {.name = "json", .help = "print one JSON document", .is_in_file = false}},
        .positionals = {"dir"}};
    return {{"init", std::move(program), init}};
}

}  // namespace coppice::cli
