// token create, list, revoke: who may register.

#include <chrono>
#include <iostream>

#include "cli/commands.h"
#include "cli/render.h"

namespace coppice::cli {
namespace {

int create(Session& session) {
    const Options& options = session.options();
    const Result<Duration> lifetime = options.duration("ttl");
    if (!lifetime.ok()) return session.misused(lifetime.error().message);
    const Result<std::uint64_t> uses = options.number("uses");
    if (!uses.ok()) return session.misused(uses.error().message);
    Json labels = Json::object();
    for (const std::string& label : options.all("label")) {
        const std::size_t equals = label.find('=');
        if (equals == 0 || equals == std::string::npos)
            return session.misused("--label: '" + label + "' is not KEY=VALUE");
        labels[label.substr(0, equals)] = label.substr(equals + 1);
    }
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(*lifetime).count();
    const Json body{{"ttl_ms", milliseconds}, {"uses", *uses}, {"labels", labels}};
    const auto made = session.ask({.method = "POST", .path = "/v1/tokens", .body = body.dump()});
    if (!made) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*made);
    } else {
        std::cout << made->at("token").get<std::string>() << '\n';
        std::cerr << "token " << made->at("id").get<std::string>()
                  << "; this is the only time that it is shown\n";
    }
    return success;
}

int list(Session& session) {
    const auto tokens = session.get("/v1/tokens");
    if (!tokens) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*tokens);
        return success;
    }
    Table table{{"ID", "STATE", "CREATED", "EXPIRES", "USES", "OF", "LABELS"}};
    for (const Json& token : *tokens) {
        std::string labels;
        for (const auto& [key, value] : token.at("labels").items())
            labels += (labels.empty() ? "" : ",") + key + "=" + value.get<std::string>();
        const Json expires = token.value("expires", Json{});
        table.add({token.at("id").get<std::string>(), token.at("state").get<std::string>(),
                   token.at("created").get<std::string>(),
                   expires.is_string() ? expires.get<std::string>() : "never",
                   token.at("uses").dump(),
                   token.at("uses_max") == 0 ? "any" : token.at("uses_max").dump(),
                   labels.empty() ? "-" : labels});
    }
    std::cout << table.text();
    return success;
}

int revoke(Session& session) {
    const std::string id = session.options().text("id");
    const auto done = session.ask({.method = "DELETE", .path = "/v1/tokens/" + escaped(id)});
    if (!done) return session.exit_code();
    if (session.wants_json()) {
        Session::print({{"id", id}, {"state", "revoked"}});
    } else {
        std::cout << "token " << id << " is revoked; hosts that used it stay registered\n";
    }
    return success;
}

}  // namespace

std::vector<Command> token_commands() {
    const OptionSpec lifetime{.name = "ttl",
                              .value_name = "DURATION",
                              .default_value = "24h",
                              .help = "how long it can be used",
                              .is_in_file = false};
    const OptionSpec uses{.name = "uses",
                          .value_name = "N",
                          .default_value = "0",
                          .help = "how many hosts may use it; 0: any number",
                          .is_in_file = false};
    const OptionSpec label{.name = "label",
                           .value_name = "KEY=VALUE",
                           .help = "given to the hosts that use it",
                           .is_repeatable = true,
                           .is_in_file = false};
    return {
        asking({.words = "token create",
                .usage = "[--ttl 24h] [--uses N] [--label KEY=VALUE]...",
                .summary = "make a token with which hosts join",
                .options = {lifetime, uses, label}},
               create),
        asking({.words = "token list", .usage = "", .summary = "every token and its state"}, list),
        asking({.words = "token revoke",
                .usage = "ID",
                .summary = "let nobody use a token any more",
                .positionals = {"id"}},
               revoke)};
}

}  // namespace coppice::cli
