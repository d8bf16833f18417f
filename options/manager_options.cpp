#include "options/manager_options.h"

#include <algorithm>
#include <utility>

namespace coppice {
namespace {

/// Of a list with commas.
std::vector<std::string> keys_of(const std::string& list) {
    std::vector<std::string> keys;
    for (std::size_t start = 0; start < list.size();) {
        const std::size_t end = std::min(list.find(',', start), list.size());
        keys.push_back(list.substr(start, end - start));
        start = end + 1;
    }
    return keys;
}

}  // namespace

ProgramSpec manager_program() {
    const ManagerConfig standard;
    ProgramSpec program{
        .program = "coppice-manager",
        .usage = "--config DIR/manager.conf",
        .summary = "Registers hosts, shapes the tree, pushes, asks; serves the HTTP API.",
        .options =
            {
                {"config", "FILE", "", "an INI file with these options; coppice init makes one",
                 false, false},
                {"dir", "FOLDER", "/var/lib/coppice/manager", "the fleet, as made by coppice init"},
                {"listen", "ADDRESS", "tcp://127.0.0.1:7400",
                 "where hosts reach this manager; * is every interface, port 0 any free one"},
                {"advertise", "ADDRESS", "",
                 "what hosts are told instead of --listen: tcp://host:port", true},
                {"api", "ADDRESS", "127.0.0.1:7401", "where people and tools reach it; loopback"},
                {"name", "NAME", standard.name, "this manager's name, for people"},
                {"fanout", "N", std::to_string(standard.fanout),
                 "children of one host, 2 to 2048; depth is about log_fanout(hosts)"},
                {"interval", "DURATION", duration_text(standard.interval),
                 "between heartbeats, 100ms to 60s; a silent host is lost after 4"},
                {"cool-down", "DURATION", duration_text(standard.cool_down),
                 "a host that returned gets no role for this long"},
                {"domain-path", "KEYS", "",
                 "label keys of what fails together, outermost first: site,cluster,rack"},
                {"may-lead", "SELECTOR", "",
                 "only these hosts hold roles while one of them can; without it every host may"},
                {"log", "FORMAT", "text", "text or json"},
                {"log-level", "LEVEL", "info",
                 "the least severe that is logged: debug, info, warning or error"},
            },
        .positionals = {}};
    for (OptionSpec& option : standard_options()) program.options.push_back(std::move(option));
    return program;
}

Result<ManagerConfig> manager_config(const Options& options) {
    ManagerConfig config{.name = options.text("name"), .addresses = {options.text("listen")}};
    const Result<std::uint64_t> fanout = options.number("fanout");
    if (!fanout.ok()) return fanout.error();
    const Result<Duration> interval = options.duration("interval");
    if (!interval.ok()) return interval.error();
    config.fanout = static_cast<std::uint32_t>(std::min<std::uint64_t>(*fanout, UINT32_MAX));
    config.interval = *interval;
    const Result<Duration> cool_down = options.duration("cool-down");
    if (!cool_down.ok()) return cool_down.error();
    config.cool_down = *cool_down;
    config.domain_path = keys_of(options.text("domain-path"));
    config.may_lead = options.text("may-lead");
    std::string mistakes;
    for (const std::string& mistake : config.validate())
        mistakes += (mistakes.empty() ? "" : "; ") + mistake;
    if (!mistakes.empty()) return Error{mistakes};
    return config;
}

}  // namespace coppice
