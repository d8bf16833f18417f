// status, hosts, host, drain, undrain: who is there, and who may hold a role.

#include <iostream>

#include "cli/commands.h"
#include "cli/history.h"
#include "cli/render.h"
#include "runtime/time_text.h"

namespace coppice::cli {
namespace {

std::string text_of(const Json& object, const char* field) {
    const auto found = object.find(field);
    if (found == object.end() || found->is_null()) return "-";
    if (found->is_string())
        return found->get<std::string>().empty() ? "-" : found->get<std::string>();
    return found->dump();
}

std::string labels_text(const Json& labels) {
    std::string text;
    for (const auto& [key, value] : labels.items())
        text += (text.empty() ? "" : ",") + key + "=" + value.get<std::string>();
    return text.empty() ? "-" : text;
}

int status(Session& session) {
    if (session.options().is_set("at")) return status_at(session);
    const auto status = session.get("/v1/status");
    if (!status) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*status);
        return success;
    }
    std::cout << "fleet " << text_of(*status, "fleet") << ": " << counts_text(status->at("hosts"));
    std::cout << "\n\n";
    Table table{
        {"CELL", "OWNER", "TERM", "GENERATION", "ROOT", "UNDERSTUDY", "HOSTS", "LIVE", "DEPTH"}};
    for (const Json& cell : status->at("cells"))
        table.add({text_of(cell, "name"), text_of(cell, "owner"), text_of(cell, "term"),
                   text_of(cell, "generation"), text_of(cell, "root"), text_of(cell, "understudy"),
                   text_of(cell, "hosts"), text_of(cell, "live"), text_of(cell, "depth")});
    std::cout << table.text();
    return success;
}

/// By state, now or at a time; nothing when an answer is missing.
std::optional<Json> counts_of(Session& session) {
    const std::string where = escaped(session.options().text("where"));
    if (session.options().is_set("at") || where.empty()) {
        const std::string path = session.options().is_set("at")
                                     ? *counts_path(session) + "&where=" + where
                                     : std::string{"/v1/status"};
        const auto status = session.get(path);
        return status ? std::optional{status->at("hosts")} : std::nullopt;
    }
    const auto list = session.get("/v1/hosts?where=" + where);
    if (!list) return std::nullopt;
    Json counts{{"registered", list->size()}};
    for (const char* state : {"live", "suspect", "lost", "left", "drained"}) counts[state] = 0;
    for (const Json& host : *list) {
        Json& in_state = counts[host.at("state").get<std::string>()];
        in_state = in_state.get<std::uint64_t>() + 1;
        if (host.value("drained", false))
            counts["drained"] = counts["drained"].get<std::uint64_t>() + 1;
    }
    return counts;
}

int count_hosts(Session& session) {
    if (session.options().is_set("at"))
        if (const Result<std::string> path = counts_path(session); !path.ok())
            return session.misused(path.error().message);
    const auto counts = counts_of(session);
    if (!counts) return session.exit_code();
    const std::string state = session.options().text("state");
    if (!state.empty() && !counts->contains(state))
        return session.misused("hosts in state \"" + state + "\" are not counted like that");
    const Json& asked = state.empty() ? *counts : counts->at(state);
    if (session.wants_json())
        Session::print(asked);
    else
        std::cout << (state.empty() ? counts_text(asked) : asked.dump()) << '\n';
    return success;
}

int hosts(Session& session) {
    if (session.options().is_set("count")) return count_hosts(session);
    if (session.options().is_set("at")) return hosts_at(session);
    const std::string state = session.options().text("state");
    const auto list = session.get("/v1/hosts?where=" + escaped(session.options().text("where")) +
                                  "&state=" + escaped(state));
    if (!list) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*list);
        return success;
    }
    Table table{{"NAME", "STATE", "CAUSE", "SINCE", "ROLE", "PARENT", "LABELS"}};
    for (const Json& host : *list) {
        std::string role = text_of(host, "role");
        if (host.value("drained", false)) role += " (drained)";
        std::string known = text_of(host, "state");
        if (host.value("unseen", false)) known += " (unseen)";
        if (host.value("unstable", false)) known += " (unstable)";
        if (host.contains("isolation") && !host.at("isolation").is_null()) known += " (isolated)";
        table.add({text_of(host, "name"), known, text_of(host, "cause"), text_of(host, "since"),
                   role, text_of(host, "parent"), labels_text(host.at("labels"))});
    }
    std::cout << (table.empty() ? "no such hosts\n" : table.text());
    return success;
}

int show_host(const Session& session, const Json& host) {
    if (session.wants_json()) {
        Session::print(host);
        return success;
    }
    Table table{{"", ""}};
    for (const auto& [field, value] : host.items()) {
        if (value.is_object()) {
            for (const auto& [name, part] : value.items())
                table.add({field + "." + name, part.is_number()
                                                   ? measured_text(name, part.get<double>())
                                                   : text_of(value, name.c_str())});
        } else {
            table.add({field, text_of(host, field.c_str())});
        }
    }
    std::cout << table.text().substr(1);  // without the line of the empty heads
    return success;
}

int host(Session& session) {
    const Options& options = session.options();
    if (options.is_set("history") && options.is_set("at"))
        return session.misused("--history and --at do not go together");
    if (options.is_set("history")) return host_history(session);
    if (options.is_set("since"))
        return session.misused("--since goes with --history: from when on");
    std::string path = "/v1/hosts/" + escaped(options.text("host"));
    if (options.is_set("at")) {
        const Result<UnixMillis> at = past_of(session, "at");
        if (!at.ok()) return session.misused(at.error().message);
        path += "?at=" + escaped(time_text(*at));
    }
    const auto one = session.get(path);
    return one ? show_host(session, *one) : session.exit_code();
}

int why(Session& session) {
    const std::string name = session.options().text("host");
    const auto one = session.get("/v1/hosts/" + escaped(name) + "/why");
    if (!one) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*one);
        return success;
    }
    std::cout << name << " is " << text_of(*one, "state") << ", a " << text_of(*one, "role");
    if (one->at("parent") != "") std::cout << " below " << text_of(*one, "parent");
    std::cout << '\n';
    for (const Json& reason : one->at("reasons"))
        std::cout << "  " << reason.get<std::string>() << '\n';
    return success;
}

int set_drained(Session& session, const char* verb, const Json& body) {
    const std::string name = session.options().text("host");
    const auto one = session.ask(
        {.method = "POST", .path = "/v1/hosts/" + escaped(name) + "/" + verb, .body = body.dump()});
    if (!one) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*one);
    } else if (one->value("drained", false)) {
        std::cout << name << " is drained: it keeps no role and gets none; its children move\n";
    } else {
        std::cout << name << " may hold a role again\n";
    }
    return success;
}

int drain(Session& session) {
    return set_drained(session, "drain", {{"reason", session.options().text("reason")}});
}

int undrain(Session& session) { return set_drained(session, "undrain", Json::object()); }

}  // namespace

std::vector<Command> host_commands() {
    const OptionSpec where{.name = "where",
                           .value_name = "SELECTOR",
                           .help = "such as 'zone=z1 && !has(gpu)' or 'host in n[1-9]'",
                           .is_in_file = false};
    const OptionSpec state{
        .name = "state",
        .value_name = "STATE",
        .help = "live, suspect, lost, left, drained, unplaced, unseen or isolated",
        .is_in_file = false};
    const OptionSpec reason{.name = "reason",
                            .value_name = "TEXT",
                            .help = "kept with the host and in the events",
                            .is_in_file = false};
    const OptionSpec at{.name = "at",
                        .value_name = "TIME",
                        .help =
                            "as it was then: 2h ago, or at '2024-05-01 12:00' (UTC); labels are "
                            "those of today",
                        .is_in_file = false};
    const OptionSpec past{.name = "at",
                          .value_name = "TIME",
                          .help = "how many hosts were in which state then",
                          .is_in_file = false};
    const OptionSpec count{.name = "count",
                           .help = "their number by state, or in the one of --state",
                           .is_in_file = false};
    const OptionSpec history{.name = "history",
                             .help = "what it was, from when to when, and how long it was live",
                             .is_in_file = false};
    const OptionSpec since{.name = "since",
                           .value_name = "TIME",
                           .help =
                               "with --history: of the last 30d, or since a time such as "
                               "2024-05-01T12:00:00Z; otherwise all that is kept",
                           .is_in_file = false};
    return {asking({.words = "status",
                    .usage = "[--at TIME]",
                    .summary = "the fleet at a glance",
                    .options = {past}},
                   status),
            asking({.words = "hosts",
                    .usage = "[--where SELECTOR] [--state STATE] [--at TIME] [--count]",
                    .summary = "every host: state, cause, role, parent; or how many",
                    .options = {where, state, at, count}},
                   hosts),
            asking({.words = "host",
                    .usage = "HOST [--at TIME | --history [--since TIME]]",
                    .summary = "everything about one host, or what it was",
                    .positionals = {"host"},
                    .options = {at, history, since}},
                   host),
            asking({.words = "why",
                    .usage = "HOST",
                    .summary = "why a host is in its state, its place and its role",
                    .positionals = {"host"}},
                   why),
            asking({.words = "drain",
                    .usage = "HOST [--reason TEXT]",
                    .summary = "let a host hold no role; its children move first",
                    .positionals = {"host"},
                    .options = {reason}},
                   drain),
            asking({.words = "undrain",
                    .usage = "HOST",
                    .summary = "let a host hold a role again",
                    .positionals = {"host"}},
                   undrain)};
}

}  // namespace coppice::cli
