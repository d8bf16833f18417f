// push, pushes, topic, rules, stop: data on its way down and the receipts for it.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

#include "cli/commands.h"
#include "cli/render.h"
#include "common/limits.h"
#include "common/result.h"

namespace coppice::cli {
namespace {

constexpr std::chrono::milliseconds poll_pause{50};

Result<std::string> payload_of(const std::string& file) {
    std::string payload;
    if (file == "-") {
        payload.assign(std::istreambuf_iterator<char>{std::cin}, {});
    } else {
        std::ifstream in{file, std::ios::binary};
        if (!in) return Error{"cannot open " + file};
        payload.assign(std::istreambuf_iterator<char>{in}, {});
        if (in.bad() || std::filesystem::is_directory(file)) return Error{"cannot read " + file};
    }
    if (payload.size() > limits::payload_bytes_max)
        return Error{file + " has " + std::to_string(payload.size()) +
                     " bytes; a push takes at most " + std::to_string(limits::payload_bytes_max)};
    return payload;
}

std::string summary_of(const Json& push) {
    std::string text = push.at("topic").get<std::string>() + " version " +
                       push.at("version").dump() + ": " + push.at("applied").dump() +
                       " applied of " + push.at("target").dump();
    for (const char* part : {"refused", "isolated", "pending", "late_joiners"})
        if (push.at(part) != 0) text += ", " + push.at(part).dump() + " " + part;
    if (push.at("withdrawal") == true) text += "; a withdrawal";
    if (push.at("late") == true) text += "; late";
    const std::string state = push.at("state").get<std::string>();
    if (state == "waiting")
        return text + "; waiting until " + push.at("not_before").get<std::string>();
    if (state == "complete" || state == "cancelled") return text + "; " + state;
    return text + (push.at("settled") == true ? "; settled: nobody else is waited for" : "");
}

void print_details(const Json& push) {
    for (const Json& exception : push.at("exceptions"))
        std::cout << "  refused by " << exception.at("hosts").get<std::string>() << ": "
                  << exception.at("reason").get<std::string>() << '\n';
    for (const Json& held : push.at("held_back"))
        std::cout << "  held back: " << held.at("hosts").get<std::string>() << ": "
                  << held.at("reason").get<std::string>() << '\n';
    if (push.at("late") == true)
        std::cout << "  not in time: " << push.at("laggards").get<std::string>() << '\n';
    const std::string pending = push.value("pending_hosts", "");
    if (!pending.empty()) std::cout << "  pending: " << pending << '\n';
    const Json& time = push.at("time_ms");
    if (!time.empty()) {
        std::cout << "  applied after";
        for (const auto& [name, value] : time.items())
            if (!value.is_null()) std::cout << "  " << name << " " << value << " ms";
        std::cout << '\n';
    }
}

int show(const Session& session, const Json& push) {
    if (session.wants_json()) {
        Session::print(push);
    } else {
        std::cout << summary_of(push) << '\n';
        print_details(push);
    }
    return success;
}

/// Follows a receipt until it is complete, settled, or the time is over.
int wait_for(Session& session, Json push, Duration limit) {
    Progress progress{push.at("topic").get<std::string>()};
    const auto end = std::chrono::steady_clock::now() + limit;
    const std::string path = "/v1/pushes/" + push.at("push").dump();
    while (true) {
        progress.show(push.at("applied").get<std::uint64_t>(),
                      push.at("target").get<std::uint64_t>());
        const bool is_over = push.at("complete") == true || push.at("settled") == true;
        if (is_over || std::chrono::steady_clock::now() >= end) break;
        std::this_thread::sleep_for(poll_pause);
        auto next = session.get(path);
        if (!next) {
            progress.finish();
            return session.exit_code();
        }
        push = std::move(*next);
    }
    progress.finish();
    static_cast<void>(show(session, push));
    return push.at("complete") == true ? success : answer_is_no;
}

int show_plan(const Session& session, const Json& plan) {
    if (session.wants_json()) {
        Session::print(plan);
        return success;
    }
    std::cout << "would be pushed to " << plan.at("target").dump()
              << " hosts: " << plan.at("hosts").get<std::string>() << '\n';
    for (const Json& moved : plan.at("moved"))
        std::cout << "  from version " << moved.at("version").dump() << ": "
                  << moved.at("hosts").get<std::string>() << '\n';
    if (plan.at("without_value_count") != 0)
        std::cout << "  without a value now: " << plan.at("without_value").get<std::string>()
                  << '\n';
    return success;
}

int push(Session& session) {
    const Options& options = session.options();
    const Result<std::string> payload = payload_of(options.text("file"));
    if (!payload.ok()) return session.misused(payload.error().message);
    const Result<Duration> wait = options.duration("wait");
    if (!wait.ok()) return session.misused(wait.error().message);
    std::string path = "/v1/pushes?topic=" + escaped(options.text("topic")) +
                       "&where=" + escaped(options.text("where"));
    if (options.is_set("deadline")) path += "&deadline=" + escaped(options.text("deadline"));
    if (options.is_set("not-before")) path += "&not_before=" + escaped(options.text("not-before"));
    if (options.is_set("dry-run")) path += "&dry_run=true";
    auto accepted = session.ask({.method = "POST",
                                 .path = path,
                                 .body = *payload,
                                 .content_type = "application/octet-stream"});
    if (!accepted) return session.exit_code();
    if (options.is_set("dry-run")) return show_plan(session, *accepted);
    if (options.is_set("wait")) return wait_for(session, std::move(*accepted), *wait);
    return show(session, *accepted);
}

int list(Session& session, const std::string& path) {
    const auto pushes = session.get(path);
    if (!pushes) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*pushes);
        return success;
    }
    Table table{{"PUSH", "TOPIC", "VERSION", "COMMITTED", "TARGET", "APPLIED", "REFUSED",
                 "ISOLATED", "PENDING", "JOINED", "STATE"}};
    for (const Json& one : *pushes) {
        std::string state = one.at("state").get<std::string>();
        if (one.at("withdrawal") == true) state += ", withdrawal";
        if (one.at("late") == true) state += ", late";
        table.add({one.at("push").dump(), one.at("topic").get<std::string>(),
                   one.at("version").dump(), one.value("committed", "-"), one.at("target").dump(),
                   one.at("applied").dump(), one.at("refused").dump(), one.at("isolated").dump(),
                   one.at("pending").dump(), one.at("late_joiners").dump(), state});
    }
    std::cout << (table.empty() ? "nothing was pushed yet\n" : table.text());
    return success;
}

int pushes(Session& session) { return list(session, "/v1/pushes"); }

int list_rules(Session& session, const std::string& topic) {
    const auto rules = session.get("/v1/rules?topic=" + escaped(topic));
    if (!rules) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*rules);
        return success;
    }
    Table table{{"TOPIC", "RULE", "SELECTOR", "VERSION", "SINCE", "BYTES", "HOSTS"}};
    for (const Json& rule : *rules) {
        const std::string selector = rule.at("selector").get<std::string>();
        table.add({rule.at("topic").get<std::string>(), rule.at("rule").dump(),
                   selector.empty() ? "(all)" : selector, rule.at("version").dump(),
                   rule.at("since").get<std::string>(), rule.at("payload_bytes").dump(),
                   rule.at("count").dump()});
    }
    std::cout << (table.empty() ? "no rule is in force\n" : table.text());
    return success;
}

int rules(Session& session) { return list_rules(session, session.options().text("topic")); }

int topic(Session& session) {
    const std::string topic = session.options().text("topic");
    if (!session.wants_json()) {
        if (const int code = list_rules(session, topic); code != success) return code;
        std::cout << '\n';
    }
    return list(session, "/v1/topics/" + escaped_path(topic));
}

/// The pushes that followed from a change of rules.
int show_change(const Session& session, const Json& change, const std::string& sentence) {
    if (session.wants_json()) {
        Session::print(change);
        return success;
    }
    std::cout << sentence << '\n';
    for (const Json& push : change.at("pushes"))
        std::cout << "push " << push.at("push").dump() << ": " << summary_of(push) << '\n';
    return success;
}

int remove_rule(Session& session) {
    const std::string push = session.options().text("push");
    const auto change = session.ask({.method = "DELETE", .path = "/v1/rules/" + escaped(push)});
    if (!change) return session.exit_code();
    return show_change(session, *change, "the rule of push " + push + " has ended");
}

int rollback(Session& session) {
    const Options& options = session.options();
    std::string path = "/v1/reverts?topic=" + escaped(options.text("topic"));
    if (options.is_set("to")) path += "&to=" + escaped(options.text("to"));
    const auto change = session.ask({.method = "POST", .path = path});
    if (!change) return session.exit_code();
    return show_change(session, *change, "the former value is on its way");
}

/// Of --host or --where; an error when both are given.
Result<std::string> selector_of(const Options& options) {
    if (options.is_set("host") && options.is_set("where"))
        return Error{"give --host or --where, not both"};
    return options.is_set("host") ? "host=" + options.text("host") : options.text("where");
}

int stop(Session& session) {
    const Options& options = session.options();
    const Result<std::string> selector = selector_of(options);
    if (!selector.ok()) return session.misused(selector.error().message);
    if (!options.is_set("reason")) return session.misused("--reason is missing: receipts show it");
    const auto stopped = session.ask({.method = "POST",
                                      .path = "/v1/stops?where=" + escaped(*selector) +
                                              "&reason=" + escaped(options.text("reason"))});
    if (!stopped) return session.exit_code();
    return show(session, *stopped);
}

int unstop(Session& session) {
    const Options& options = session.options();
    const Result<std::string> selector = selector_of(options);
    if (!selector.ok()) return session.misused(selector.error().message);
    const bool is_one = options.is_set("host") || options.is_set("where");
    const auto change = session.ask(
        {.method = "DELETE",
         .path = "/v1/stops" + (is_one ? "?where=" + escaped(*selector) : std::string{})});
    if (!change) return session.exit_code();
    return show_change(session, *change, is_one ? "the stop has ended" : "every stop has ended");
}

int stops(Session& session) {
    const auto all = session.get("/v1/stops");
    if (!all) return session.exit_code();
    if (session.wants_json()) {
        Session::print(*all);
        return success;
    }
    Table table{{"PUSH", "SELECTOR", "SINCE", "HOSTS", "STOPPED", "REASON"}};
    for (const Json& one : *all) {
        const std::string selector = one.at("selector").get<std::string>();
        table.add({one.at("push").dump(), selector.empty() ? "(all)" : selector,
                   one.at("since").get<std::string>(), one.at("count").dump(),
                   one.at("stopped").dump(), one.at("reason").get<std::string>()});
    }
    std::cout << (table.empty() ? "no host is stopped\n" : table.text());
    return success;
}

OptionSpec flag(const char* name, const char* value_name, const char* help) {
    return {.name = name, .value_name = value_name, .help = help, .is_in_file = false};
}

std::vector<Command> rule_commands() {
    Command list = asking({.words = "rules",
                           .usage = "[TOPIC]",
                           .summary = "the rules in force, the newest of each topic first"},
                          rules);
    list.program.optional_positional = "topic";
    return {
        std::move(list),
        asking({.words = "rule remove",
                .usage = "PUSH",
                .summary = "end the rule of a push: its hosts come under older rules, or lose it",
                .positionals = {"push"}},
               remove_rule),
        asking({.words = "topic rollback",
                .usage = "TOPIC [--to VERSION]",
                .summary = "bring a former value back, as a new version of its rule",
                .positionals = {"topic"},
                .options = {flag("to", "VERSION", "without it: what the newest rule had before")}},
               rollback)};
}

std::vector<Command> stop_commands() {
    const OptionSpec host = flag("host", "NAME", "this host");
    const OptionSpec where = flag("where", "SELECTOR", "these hosts, now and later");
    return {asking({.words = "stop",
                    .usage = "[--host NAME | --where SELECTOR] --reason TEXT",
                    .summary = "let hosts begin to apply nothing; all of them without a selector",
                    .options = {host, where, flag("reason", "TEXT", "why; receipts show it")}},
                   stop),
            asking({.words = "unstop",
                    .usage = "[--host NAME | --where SELECTOR]",
                    .summary = "end a stop, by the selector that it was given; or every stop",
                    .options = {host, where}},
                   unstop),
            asking({.words = "stops", .usage = "", .summary = "who is stopped, and why"}, stops)};
}

}  // namespace

std::vector<Command> push_commands() {
    const OptionSpec where{.name = "where",
                           .value_name = "SELECTOR",
                           .help = "the target, now and for hosts that match later; all without it",
                           .is_in_file = false};
    const OptionSpec wait{.name = "wait",
                          .value_name = "DURATION",
                          .default_value = "0s",
                          .help = "until complete (exit 0), settled or this long (exit 1)",
                          .is_in_file = false};
    const OptionSpec deadline =
        flag("deadline", "DURATION", "whoever lacks it then is named, and the push is late");
    const OptionSpec not_before =
        flag("not-before", "TIME", "wait until then: a time, or a duration from now");
    const OptionSpec dry_run = flag("dry-run", "", "say what it would do, and do nothing");
    std::vector<Command> commands{
        asking({.words = "push",
                .usage = "TOPIC FILE [--where SELECTOR] [--deadline 10s] [--not-before TIME] "
                         "[--dry-run] [--wait 30s]",
                .summary = "push a file (- is standard input) as the new version of a topic",
                .positionals = {"topic", "file"},
                .options = {where, deadline, not_before, dry_run, wait}},
               push),
        asking({.words = "pushes", .usage = "", .summary = "every push and its receipt"}, pushes),
        asking({.words = "topic",
                .usage = "TOPIC",
                .summary = "the rules of one topic, and its pushes, newest first",
                .positionals = {"topic"}},
               topic)};
    for (const auto group : {rule_commands, stop_commands})
        for (Command& command : group()) commands.push_back(std::move(command));
    return commands;
}

}  // namespace coppice::cli
