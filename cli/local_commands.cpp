// local: what the agent of this host tells and takes, through its socket.

#include <coppice/client.h>

#include <charconv>
#include <chrono>
#include <iostream>

#include "cli/commands.h"
#include "common/names.h"

namespace coppice::cli {
namespace {

using client::Client;

std::string socket_of(const Session& session) {
    return session.options().is_set("socket") ? session.options().text("socket")
                                              : Client::default_socket();
}

int fail(const client::Failure& failure) {
    const bool is_no = failure.kind == client::Failure::Kind::refused;
    return Session::fail(is_no ? answer_is_no : unreachable, failure.sentence);
}

Json json_of(const client::RoleState& role) {
    Json json{{"host", role.host},
              {"name", role.name},
              {"role", client::to_text(role.role)},
              {"is_attached", role.is_attached},
              {"parent", nullptr},
              {"path", role.path},
              {"children", role.children},
              {"fence", {{"term", role.fence.term}, {"generation", role.fence.generation}}},
              {"is_valid", role.is_valid()},
              {"expires_in_ms", nullptr}};
    if (role.parent) json["parent"] = *role.parent;
    if (role.expires_at)
        json["expires_in_ms"] =
            std::chrono::floor<std::chrono::milliseconds>(role.expires_in()).count();
    return json;
}

std::string text_of(const client::RoleState& role) {
    std::string text = role.name + " is " + client::to_text(role.role);
    if (!role.is_valid()) text += ", which has expired";
    text +=
        ", fence " + std::to_string(role.fence.term) + "." + std::to_string(role.fence.generation);
    if (!role.is_attached) text += ", without a parent";
    if (role.children > 0) text += ", " + std::to_string(role.children) + " children";
    return text;
}

int show_role(Session& session) {
    const auto role = Client{socket_of(session)}.role();
    if (!role) return fail(role.failure());
    if (session.wants_json()) {
        Session::print(json_of(*role));
    } else {
        std::cout << text_of(*role) << '\n';
    }
    return success;
}

/// A line per event, until it is interrupted.
int watch(Session& session) {
    const bool wants_json = session.wants_json();
    for (const std::string& channel : session.options().all("channel"))
        if (const Result<Done> valid = validate_channel(channel); !valid.ok())
            return session.misused(valid.error().message);
    Client agent{socket_of(session)};
    // Whoever names a socket at which nobody is wants to know.
    if (const auto role = agent.role(); !role) return fail(role.failure());
    const auto line = [wants_json](const Json& json, const std::string& text) {
        std::cout << (wants_json ? json.dump(-1, ' ', false, Json::error_handler_t::replace) : text)
                  << std::endl;
    };
    agent.on_role([line](const client::RoleState& role) {
        line({{"event", "role"}, {"role", json_of(role)}}, text_of(role));
    });
    agent.on_topic([line](const client::Topic& topic) {
        line({{"event", "topic"},
              {"topic", topic.name},
              {"version", topic.version},
              {"is_withdrawn", topic.is_withdrawn}},
             "topic " + topic.name +
                 (topic.is_withdrawn ? " has no value since version " : " has version ") +
                 std::to_string(topic.version));
    });
    agent.on_message(session.options().all("channel"), [line](const client::Message& message) {
        line({{"event", "message"},
              {"channel", message.channel},
              {"from", message.from},
              {"is_from_parent", message.is_from_parent},
              {"body", message.body}},
             "host " + std::to_string(message.from) + " says on " + message.channel + ": " +
                 message.body);
    });
    agent.on_connection([](bool is_connected) {
        if (!is_connected) std::cerr << "coppice: the agent is gone; waiting for it\n";
    });
    agent.run();
    return success;
}

int get(Session& session) {
    const auto value = Client{socket_of(session)}.get(session.options().text("topic"));
    if (!value) return fail(value.failure());
    if (session.wants_json()) {
        // A payload need not be text: what is not is replaced here, and whole without --json.
        std::cout << Json{{"topic", value->topic},
                          {"version", value->version},
                          {"bytes", value->payload.size()},
                          {"value", value->payload}}
                         .dump(2, ' ', false, Json::error_handler_t::replace)
                  << '\n';
    } else {
        std::cout << value->payload;
    }
    return success;
}

int set(Session& session) {
    const std::string& text = session.options().text("value");
    double value = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (wrong != std::errc{} || end != text.data() + text.size())
        return session.misused("'" + text + "' is not a number");
    const Result<Duration> lifetime = session.options().duration("for");
    if (!lifetime.ok()) return session.misused(lifetime.error().message);
    const client::Measurement measurement{
        .name = session.options().text("metric"),
        .value = value,
        .lifetime = std::chrono::duration_cast<std::chrono::milliseconds>(*lifetime)};
    const auto done = Client{socket_of(session)}.set(measurement);
    if (!done) return fail(done.failure());
    if (session.wants_json())
        Session::print({{"name", measurement.name}, {"value", measurement.value}});
    return success;
}

int contribute(Session& session) {
    const Result<Duration> lifetime = session.options().duration("for");
    if (!lifetime.ok()) return session.misused(lifetime.error().message);
    const client::Contribution contribution{
        .name = session.options().text("name"),
        .bytes = session.options().text("text"),
        .lifetime = std::chrono::duration_cast<std::chrono::milliseconds>(*lifetime)};
    const auto done = Client{socket_of(session)}.contribute(contribution);
    if (!done) return fail(done.failure());
    if (session.wants_json())
        Session::print({{"name", contribution.name}, {"bytes", contribution.bytes.size()}});
    return success;
}

int send(Session& session) {
    const std::string& to = session.options().text("to");
    client::Address address;
    if (to == "children") {
        address.to = client::Address::To::children;
    } else if (to != "parent") {
        const auto [end, wrong] = std::from_chars(to.data(), to.data() + to.size(), address.host);
        if (wrong != std::errc{} || end != to.data() + to.size())
            return session.misused("--to: '" + to +
                                   "' is neither parent nor children nor the number of a host");
        address.to = client::Address::To::host;
    }
    const auto sent = Client{socket_of(session)}.send(session.options().text("channel"), address,
                                                      session.options().text("text"));
    if (!sent) return fail(sent.failure());
    if (session.wants_json()) Session::print({{"to", *sent}});
    return success;
}

/// A command that asks the agent of this host.
Command asking_agent(Words words, int (*run)(Session& session)) {
    ProgramSpec program{.program = "coppice " + words.words,
                        .usage = words.usage,
                        .summary = words.summary,
                        .options = std::move(words.options),
                        .positionals = std::move(words.positionals)};
    program.options.push_back({.name = "socket",
                               .value_name = "PATH",
                               .help = "the agent's socket; otherwise COPPICE_SOCKET, or "
                                       "/var/lib/coppice/agent/agent.sock",
                               .is_in_file = false});
    program.options.push_back({.name = "json", .help = "print JSON", .is_in_file = false});
    return {std::move(words.words), std::move(program), run};
}

}  // namespace

std::vector<Command> local_commands() {
    const OptionSpec lifetime{.name = "for",
                              .value_name = "DURATION",
                              .default_value = "60s",
                              .help = "after this it is forgotten, unless it is set again",
                              .is_in_file = false};
    const OptionSpec channel{.name = "channel",
                             .value_name = "NAME",
                             .help = "print messages on this channel, too",
                             .is_repeatable = true,
                             .is_in_file = false};
    const OptionSpec to{.name = "to",
                        .value_name = "WHOM",
                        .default_value = "parent",
                        .help = "parent, children, or the number of a neighbouring host",
                        .is_in_file = false};
    return {
        asking_agent({.words = "local role",
                      .usage = "",
                      .summary = "on a host: its role, with its fencing number and its expiry"},
                     show_role),
        asking_agent({.words = "local watch",
                      .usage = "[--channel NAME]",
                      .summary = "on a host: changes of its role and of its topics, as they come",
                      .options = {channel}},
                     watch),
        asking_agent({.words = "local get",
                      .usage = "TOPIC",
                      .summary = "on a host: the value of a topic that has taken effect there",
                      .positionals = {"topic"}},
                     get),
        asking_agent({.words = "local set",
                      .usage = "METRIC VALUE [--for 60s]",
                      .summary = "on a host: a measurement of its own, for `coppice query`",
                      .positionals = {"metric", "value"},
                      .options = {lifetime}},
                     set),
        asking_agent({.words = "local contribute",
                      .usage = "NAME TEXT [--for 60s]",
                      .summary = "on a host: what it gives to `coppice query 'reduce(NAME)'`",
                      .positionals = {"name", "text"},
                      .options = {lifetime}},
                     contribute),
        asking_agent({.words = "local send",
                      .usage = "CHANNEL TEXT [--to parent]",
                      .summary = "on a host: a message to daemons of its parent or its children",
                      .positionals = {"channel", "text"},
                      .options = {to}},
                     send),
    };
}

}  // namespace coppice::cli
